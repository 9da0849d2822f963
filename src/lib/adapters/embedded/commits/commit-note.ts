import { join } from 'node:path';
import { ensureFolder, listIfThere, removeIfThere } from '../../../buffer/durable.ts';
import { errorCode, type Fs } from '../../../buffer/fs.ts';
import { numberName } from './checkpoint.ts';

const NOTE = /^committed\.(\d{20})$/;

/**
 * The number of a commit that was on the disk, as the name of an empty file beside the writers' folders: newer commits
 * than it may be there, older ones alone are not all there were. 0 without a note.
 */
export async function notedCommit(fs: Fs, tenantDir: string): Promise<number> {
  return numberOf((await notes(fs, join(tenantDir, 'log'))).at(-1));
}

/**
 * Notes that a commit is on the disk, before anything is deleted that it stands for. The name is changed in one step and
 * needs no sync of its own: a file system that keeps the order of names has it wherever it has that deletion.
 */
export async function noteCommit(fs: Fs, tenantDir: string, number: number): Promise<void> {
  const folder = join(tenantDir, 'log');
  const name = `committed.${numberName(number)}`;
  for (;;) {
    const found = await notes(fs, folder);
    const newest = found.pop();
    if (numberOf(newest) >= number) return;
    try {
      if (newest === undefined) await makeNote(fs, folder, name);
      else await fs.rename(join(folder, newest), join(folder, name));
    } catch (error) {
      // Someone else has changed it meanwhile.
      if (newest !== undefined && errorCode(error) === 'ENOENT') continue;
      throw error;
    }
    // Two that began at once have left one each.
    for (const older of found) await removeIfThere(fs, join(folder, older));
    return;
  }
}

async function makeNote(fs: Fs, folder: string, name: string): Promise<void> {
  await ensureFolder(fs, folder);
  try {
    await (await fs.open(join(folder, name), 'create')).close();
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  }
}

/** Names of notes, rising. */
async function notes(fs: Fs, folder: string): Promise<string[]> {
  return (await listIfThere(fs, folder)).filter((name) => NOTE.test(name)).sort();
}

function numberOf(note: string | undefined): number {
  return Number(NOTE.exec(note ?? '')?.[1] ?? 0);
}
