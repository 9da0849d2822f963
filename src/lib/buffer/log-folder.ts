import { join } from 'node:path';
import { fileFailure } from './failure.ts';
import { type Fs, isNoPath } from './fs.ts';
import { parseLogFileName } from './log-file.ts';

/*
 * Log files of many writers, `DIR/log/<writer>/<n>-<life>.log`: DIR is that of a tenant of a store, or of a queue.
 */
const WRITER = /^[0-9a-f]{12}$/;

/** A log file of some writer. */
export interface LogFileEntry {
  readonly writer: string;
  readonly file: string;
  readonly life: string;
  readonly path: string;
  readonly bytes: number;
}

/** All log files, in no order; one that goes meanwhile may be listed or not. */
export async function listLogs(fs: Fs, dir: string): Promise<LogFileEntry[]> {
  const found: LogFileEntry[] = [];
  for (const writer of await listWriters(fs, dir)) {
    for (const entry of await listWriterLogs(fs, dir, writer)) found.push(entry);
  }
  return found;
}

/** Names of the writers' folders. */
export async function listWriters(fs: Fs, dir: string): Promise<string[]> {
  return (await listOrNone(fs, join(dir, 'log'))).filter((name) => WRITER.test(name));
}

/** Log files of one writer, by number. */
export async function listWriterLogs(fs: Fs, dir: string, writer: string): Promise<LogFileEntry[]> {
  const folder = join(dir, 'log', writer);
  const found: (LogFileEntry & { n: number })[] = [];
  for (const file of await listOrNone(fs, folder)) {
    const name = parseLogFileName(file);
    if (name === undefined) continue;
    const path = join(folder, file);
    const info = await fs.stat(path);
    if (info !== undefined) found.push({ writer, file, life: name.life, path, bytes: info.size, n: name.n });
  }
  return found.sort((a, b) => a.n - b.n).map(({ n: _, ...entry }) => entry);
}

async function listOrNone(fs: Fs, path: string): Promise<string[]> {
  try {
    return await fs.list(path);
  } catch (error) {
    if (isNoPath(error)) return [];
    throw fileFailure(error, path, 'read');
  }
}
