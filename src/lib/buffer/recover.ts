import { join } from 'node:path';
import { ensureFolder, putIfAbsent, removeIfThere } from './durable.ts';
import { fileFailure } from './failure.ts';
import type { Fs } from './fs.ts';
import { type FrameScan, scanFrames } from './log-file.ts';
import { LogsError } from '../errors.ts';
import type { LogFileEntry } from './log-folder.ts';

/** Where copies of what was cut off log files and of what is damaged in them go, beside `log`. */
export const QUARANTINE = 'quarantine';

/**
 * Brings a log file that its writer left dirty into order: the torn tail is cut off, a copy of it and of every damaged
 * part put into the quarantine, on the disk before anything is changed. Only for the holder of the claim. A file that
 * holds nothing is deleted. Gives what the file holds now; `tell` hears of damage to what was acknowledged.
 */
export async function recoverLog(
  fs: Fs,
  dir: string,
  log: LogFileEntry,
  tell: (problem: LogsError) => void,
): Promise<FrameScan> {
  try {
    const bytes = await fs.readFile(log.path);
    const scan = scanFrames(bytes, log.life);
    for (const { offset, length, what } of scan.damage) {
      const copy = await quarantine(fs, dir, log, offset, 'damaged', bytes.subarray(offset, offset + length));
      tell(
        new LogsError('STORE_DAMAGED', `${log.path} is damaged at byte ${offset}: ${what}`, {
          hint: `The other frames are kept; the ${length} bytes are in ${copy}.`,
        }),
      );
    }
    if (scan.torn !== undefined) {
      await quarantine(fs, dir, log, scan.torn.offset, 'torn', bytes.subarray(scan.torn.offset));
      await cut(fs, log.path, scan.torn.offset);
    }
    if (!holdsAnything(scan)) {
      await removeIfThere(fs, log.path);
      await fs.syncFolder(join(dir, 'log', log.writer));
    }
    return scan;
  } catch (error) {
    throw fileFailure(error, log.path, 'recover');
  }
}

/** Whether a log file has events or positions of sources; without them it need not be sealed. */
export function holdsAnything(scan: FrameScan): boolean {
  return scan.frames.some(({ header }) => header.n > 0 || header.src !== undefined);
}

/** A recovery that was itself cut short finds the same bytes at the same place: its copy is there already. */
async function quarantine(
  fs: Fs,
  dir: string,
  log: LogFileEntry,
  offset: number,
  kind: 'torn' | 'damaged',
  bytes: Uint8Array,
): Promise<string> {
  const folder = join(dir, QUARANTINE);
  await ensureFolder(fs, folder);
  const path = join(folder, `${log.writer}-${log.file}-${offset}.${kind}`);
  await putIfAbsent(fs, path, bytes);
  return path;
}

async function cut(fs: Fs, path: string, length: number): Promise<void> {
  const file = await fs.open(path, 'update');
  try {
    await file.truncate(length);
    await file.datasync();
  } finally {
    await file.close();
  }
}
