import { join, resolve } from 'node:path';
import { ensureFolders, replaceFile } from '../../buffer/durable.ts';
import { fileFailure } from '../../buffer/failure.ts';
import { errorCode, type Fs, nodeFs } from '../../buffer/fs.ts';
import { openSourceClaims } from '../../buffer/source-claims.ts';
import { LogsError } from '../../errors.ts';
import type { BatchQueue } from '../../send/batch-queue.ts';
import { openDiskQueue } from './disk-queue.ts';
import { isQueueName, queueName } from './layout.ts';

/** A queue before a target, open. */
export interface TargetQueue {
  readonly name: string;
  readonly queue: BatchQueue;
  /** Claims on the files that are shipped through it. */
  readonly claims: ReturnType<typeof openSourceClaims>;
}

/** What a queue remembers of its target. */
export interface QueueTarget {
  /** The URL without secrets: each has a queue of its own. */
  readonly shown: string;
  /** The URL as it was typed, without secrets but for `${env:…}` and `${file:…}`: what is sent to later. */
  readonly url: string;
}

const FILE = 'queue.json';

/** Opens the queue before a target, in a folder of queues; makes it where it is not there. Throws as `openDiskQueue`. */
export async function openTargetQueue(
  root: string,
  target: QueueTarget,
  tell: (problem: LogsError) => void,
): Promise<TargetQueue> {
  const name = queueName(target.shown);
  const dir = resolve(root, name);
  try {
    await ensureFolders(nodeFs, dir);
    const known = await readTarget(nodeFs, dir);
    if (known?.url !== target.url)
      await replaceFile(nodeFs, join(dir, FILE), Buffer.from(`${JSON.stringify({ format: 1, ...target })}\n`));
  } catch (error) {
    throw fileFailure(error, dir, 'write to the queue');
  }
  return { name, queue: await openDiskQueue({ dir, tell }), claims: openSourceClaims(dir) };
}

/** Opens a queue that is there. Throws NOT_FOUND. */
export async function openQueue(
  root: string,
  name: string,
  tell: (problem: LogsError) => void,
): Promise<TargetQueue & { readonly target: QueueTarget }> {
  const dir = resolve(root, name);
  const target = isQueueName(name) ? await readTarget(nodeFs, dir) : undefined;
  if (target === undefined) throw noQueue(root, name);
  return { name, target, queue: await openDiskQueue({ dir, tell }), claims: openSourceClaims(dir) };
}

export function noQueue(root: string, name: string): LogsError {
  return new LogsError('NOT_FOUND', `there is no queue ${name} in ${root}`, {
    hint: '`logs queue ls` names those that are there; --queue-dir says where they are',
  });
}

/** Undefined where the folder is no queue. Throws STORE_VERSION for one of a newer format. */
export async function readTarget(fs: Fs, dir: string): Promise<QueueTarget | undefined> {
  const path = join(dir, FILE);
  let value: unknown;
  try {
    value = JSON.parse((await fs.readFile(path)).toString('utf8'));
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || error instanceof SyntaxError) return undefined;
    throw fileFailure(error, path, 'read');
  }
  const { format, shown, url } = value as { format?: unknown; shown?: unknown; url?: unknown };
  if (typeof format === 'number' && format > 1)
    throw new LogsError('STORE_VERSION', `the queue at ${dir} has format ${format}, this version of logs knows 1`, {
      hint: 'use the version of logs that wrote it, or a newer one',
    });
  return typeof shown === 'string' && typeof url === 'string' ? { shown, url } : undefined;
}
