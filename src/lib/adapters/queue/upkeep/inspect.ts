import { join, resolve } from 'node:path';
import { listIfThere } from '../../../buffer/durable.ts';
import { fileFailure } from '../../../buffer/failure.ts';
import { errorCode, nodeFs } from '../../../buffer/fs.ts';
import { parseLogFileName, scanFrames } from '../../../buffer/log-file.ts';
import { type LogFileEntry, listWriterLogs, listWriters } from '../../../buffer/log-folder.ts';
import { ownerProcess, ownershipOf } from '../../../buffer/owner.ts';
import { QUARANTINE } from '../../../buffer/recover.ts';
import { isDone } from '../adopt.ts';
import { DONE, type DoneUpTo, isQueueName, NOTHING_DONE, readDone, readTaken, TAKEN } from '../layout.ts';
import { noQueue, readTarget } from '../target-queue.ts';

/** What a queue holds, as far as it is not done. Bytes are those of events, times milliseconds since 1970. */
export interface QueueReport {
  readonly name: string;
  /** The target, without secrets. */
  readonly target: string;
  readonly events: number;
  readonly bytes: number;
  /** When the oldest event was received. */
  readonly oldest?: number;
  /** Processes that work on it now. */
  readonly processes: readonly number[];
  readonly files: number;
  /** Acknowledged events that cannot be read any more, and checkpoints. */
  readonly damage: readonly { readonly where: string; readonly what: string }[];
  /** Copies of what earlier recoveries found damaged or cut off. */
  readonly quarantine: readonly { readonly path: string; readonly bytes: number }[];
}

/** Names of the queues in a folder, sorted; none where there is no such folder. */
export async function queueNames(root: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of (await listIfThere(nodeFs, resolve(root)).catch(unreadable(root))).sort()) {
    if (isQueueName(name) && (await readTarget(nodeFs, resolve(root, name))) !== undefined) names.push(name);
  }
  return names;
}

/**
 * Reads everything a queue holds, and changes nothing. What a process is about to write or to delete is no damage.
 * Throws NOT_FOUND.
 */
export async function inspectQueue(root: string, name: string): Promise<QueueReport> {
  const dir = resolve(root, name);
  const target = isQueueName(name) ? await readTarget(nodeFs, dir) : undefined;
  if (target === undefined) throw noQueue(root, name);
  const found: Found = { events: 0, bytes: 0, oldest: undefined, files: 0, processes: new Set(), damage: [] };
  for (const writer of await listWriters(nodeFs, dir)) await inspectWriter(dir, writer, found);
  const { oldest, processes, ...rest } = found;
  return {
    name,
    target: target.shown,
    ...rest,
    processes: [...processes],
    ...(oldest === undefined ? {} : { oldest }),
    quarantine: await quarantined(dir),
  };
}

interface Found {
  events: number;
  bytes: number;
  oldest: number | undefined;
  files: number;
  readonly processes: Set<number>;
  readonly damage: { where: string; what: string }[];
}

async function inspectWriter(dir: string, writer: string, found: Found): Promise<void> {
  const folder = join(dir, 'log', writer);
  const { state } = await ownershipOf(nodeFs, folder, Date.now());
  if (state === 'alive') {
    const process = await ownerProcess(nodeFs, folder).catch(() => undefined);
    if (process !== undefined) found.processes.add(process);
  }
  const done = await readDone(nodeFs, folder);
  if (done === undefined) found.damage.push({ where: join(folder, DONE), what: 'not as it was written' });
  if ((await readTaken(nodeFs, folder)) === undefined)
    found.damage.push({ where: join(folder, TAKEN), what: 'not as it was written' });
  for (const entry of await listWriterLogs(nodeFs, dir, writer))
    await inspectLog(dir, entry, done ?? NOTHING_DONE, found);
}

async function inspectLog(dir: string, entry: LogFileEntry, done: DoneUpTo, found: Found): Promise<void> {
  let bytes: Buffer;
  try {
    bytes = await nodeFs.readFile(entry.path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw fileFailure(error, entry.path, 'read');
  }
  found.files += 1;
  const scan = scanFrames(bytes, entry.life);
  const n = parseLogFileName(entry.file)?.n ?? 0;
  for (const { header } of scan.frames) {
    if (isDone({ n, seq: header.seq }, done)) continue;
    found.events += header.events ?? header.n;
    found.bytes += header.len;
    if (header.n > 0) found.oldest = Math.min(found.oldest ?? header.t, header.t);
  }
  for (const { offset, what } of scan.damage) {
    const copy = join(dir, QUARANTINE, `${entry.writer}-${entry.file}-${offset}.damaged`);
    if ((await nodeFs.stat(copy)) === undefined)
      found.damage.push({ where: entry.path, what: `byte ${offset}: ${what}` });
  }
}

async function quarantined(dir: string): Promise<{ path: string; bytes: number }[]> {
  const found: { path: string; bytes: number }[] = [];
  for (const name of (await listIfThere(nodeFs, join(dir, QUARANTINE))).sort()) {
    const path = join(dir, QUARANTINE, name);
    const info = await nodeFs.stat(path);
    if (info !== undefined && !name.startsWith('tmp-')) found.push({ path, bytes: info.size });
  }
  return found;
}

function unreadable(root: string): (error: unknown) => never {
  return (error) => {
    throw fileFailure(error, root, 'read');
  };
}
