import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { errorCode, type Fs, type OpenFile } from './fs.ts';

/** The name of a file that is not yet what it will be; whoever finds one whose maker is dead may remove it. */
export const TEMPORARY = /^tmp-[0-9a-f]{16}(\.|$)/;

export function temporaryName(suffix = ''): string {
  return `tmp-${randomBytes(8).toString('hex')}${suffix}`;
}

/** Writes all of `buffers` from `position` on, however short each write comes out. Gives the position behind them. */
export async function writeAll(file: OpenFile, buffers: readonly Uint8Array[], position: number): Promise<number> {
  /** More than 1,024 buffers in one writev(2) is EINVAL on Linux. */
  const most = 1024;
  let rest = buffers.filter((buffer) => buffer.length > 0);
  let at = position;
  while (rest.length > 0) {
    let written = await file.writev(rest.slice(0, most), at);
    if (written === 0) throw Object.assign(new Error('write of no bytes'), { code: 'EIO' });
    at += written;
    let whole = 0;
    for (const buffer of rest) {
      if (written < buffer.length) break;
      written -= buffer.length;
      whole += 1;
    }
    rest = rest.slice(whole);
    const first = rest[0];
    if (written > 0 && first !== undefined) rest[0] = first.subarray(written);
  }
  return at;
}

/** A new file with these bytes, on the disk; its name is not until its folder is synced. On failure it is removed. */
export async function writeNewFile(fs: Fs, path: string, bytes: Uint8Array): Promise<void> {
  const file = await fs.open(path, 'create');
  try {
    await writeAll(file, [bytes], 0);
    await file.datasync();
  } catch (error) {
    await file.close();
    await removeIfThere(fs, path);
    throw error;
  }
  await file.close();
}

/**
 * Makes a whole, synced file visible under `path` unless that name is taken: false then. Neither a reader nor a power
 * cut ever finds it half written.
 */
export async function putIfAbsent(fs: Fs, path: string, bytes: Uint8Array): Promise<boolean> {
  const folder = dirname(path);
  const temporary = join(folder, temporaryName());
  await writeNewFile(fs, temporary, bytes);
  try {
    await fs.link(temporary, path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await removeIfThere(fs, temporary);
  }
  await fs.syncFolder(folder);
  return true;
}

/** False when it was not there. */
export async function removeIfThere(fs: Fs, path: string): Promise<boolean> {
  try {
    await fs.unlink(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Names in a folder; none when there is no such folder. */
export async function listIfThere(fs: Fs, path: string): Promise<string[]> {
  try {
    return await fs.list(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Makes a folder and syncs the one that holds it; nothing to do when it is there. */
export async function ensureFolder(fs: Fs, path: string): Promise<void> {
  try {
    await fs.makeFolder(path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    throw error;
  }
  await fs.syncFolder(dirname(path));
}

/** Makes a folder and those above it that are missing. */
export async function ensureFolders(fs: Fs, dir: string): Promise<void> {
  const found = await fs.stat(dir);
  if (found !== undefined) return;
  if (dirname(dir) !== dir) await ensureFolders(fs, dirname(dir));
  await ensureFolder(fs, dir);
}

/** Removes a folder of files. */
export async function removeFolderOfFiles(fs: Fs, folder: string): Promise<void> {
  for (const name of await fs.list(folder)) await fs.unlink(join(folder, name));
  await fs.removeFolder(folder);
}

/** Puts a whole, synced file in the place of whatever has this name: neither a reader nor a power cut finds it half written. */
export async function replaceFile(fs: Fs, path: string, bytes: Uint8Array): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, temporaryName());
  await writeNewFile(fs, temporary, bytes);
  try {
    await fs.rename(temporary, path);
  } catch (error) {
    await removeIfThere(fs, temporary);
    throw error;
  }
  await fs.syncFolder(folder);
}
