import { removeFolderOfFiles, removeIfThere } from './durable.ts';
import { errorCode, type Fs } from './fs.ts';

/** A temporary file lives for one write; older than this its maker is gone or has failed. */
const TEMPORARY_MS = 60 * 60_000;

export async function removeTemporary(fs: Fs, path: string, now: number): Promise<void> {
  const found = await fs.stat(path);
  if (found === undefined || found.modified > now - TEMPORARY_MS) return;
  if (found.kind === 'folder') await removeFolderIfThere(fs, path);
  else await removeIfThere(fs, path);
}

/** Others may sweep at the same time. */
export async function removeFolderIfThere(fs: Fs, folder: string): Promise<void> {
  try {
    await removeFolderOfFiles(fs, folder);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
