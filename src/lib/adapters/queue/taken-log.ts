import { join } from 'node:path';
import { ensureFolder, listIfThere, putIfAbsent, removeIfThere } from '../../buffer/durable.ts';
import type { Fs } from '../../buffer/fs.ts';
import { Covered } from './covered.ts';
import { readChecked, takenBytes, takenIn } from './layout.ts';

const FOLDER = 'taken';
const NAME = /^(\d{20})\.json$/;
/** So many stay, so that whoever is slow in writing still sees a higher one than its own. */
const KEPT = 8;

/**
 * What of which sources was in writers' folders that are deleted. Numbered files, each holding what those before it did:
 * the highest that is whole counts. Any number of processes may add at once.
 */
export async function keepTaken(fs: Fs, dir: string, covered: Covered): Promise<void> {
  if (covered.size === 0) return;
  const folder = join(dir, FOLDER);
  await ensureFolder(fs, folder);
  for (;;) {
    const known = await readHighest(fs, folder);
    known.covered.addAll(covered.ranges());
    const number = known.number + 1;
    const path = join(folder, nameOf(number));
    if (!(await putIfAbsent(fs, path, takenBytes(known.covered)))) continue;
    const numbers = await list(fs, folder);
    if (Math.max(...numbers) > number) {
      // The number was free because it had been used and deleted: what came since does not hold ours.
      await removeIfThere(fs, path);
      continue;
    }
    for (const old of numbers) if (old <= number - KEPT) await removeIfThere(fs, join(folder, nameOf(old)));
    return;
  }
}

export async function readAllTaken(fs: Fs, dir: string): Promise<Covered> {
  return (await readHighest(fs, join(dir, FOLDER))).covered;
}

/** A damaged one is passed over: what only it had may be taken in again. */
async function readHighest(fs: Fs, folder: string): Promise<{ number: number; covered: Covered }> {
  for (;;) {
    const numbers = (await list(fs, folder)).sort((a, b) => b - a);
    let gone = false;
    for (const number of numbers) {
      const value = await readChecked(fs, join(folder, nameOf(number)));
      gone ||= value === undefined;
      const covered = takenIn(value);
      if (covered !== undefined) return { number: numbers[0] ?? 0, covered };
    }
    if (!gone) return { number: numbers[0] ?? 0, covered: new Covered() };
  }
}

async function list(fs: Fs, folder: string): Promise<number[]> {
  return (await listIfThere(fs, folder)).flatMap((name) => {
    const number = NAME.exec(name)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
}

function nameOf(number: number): string {
  return `${String(number).padStart(20, '0')}.json`;
}
