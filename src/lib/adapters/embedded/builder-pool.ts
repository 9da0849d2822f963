import { Worker } from 'node:worker_threads';
import { fileFailure } from '../../buffer/failure.ts';
import { ERROR_CODES, type ErrorCode, LogsError } from '../../errors.ts';
import type { BuildRequest, BuildResult } from './builder.ts';
import type { BuildAnswer } from './builder-worker.ts';

/**
 * Builds at once, in one thread: while DuckDB writes and reads back one log's segments in threads of its own, the next
 * log is parsed. Two threads were no faster on two cores and took half as much memory again.
 */
const MOST = 2;

interface Job {
  readonly path: string;
  readonly resolve: (result: BuildResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Builder {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
}

let builder: Builder | undefined;
let building = 0;
let lastId = 0;
const waiting: (() => void)[] = [];

/** Runs `buildSegments` in a worker thread, at most two at a time in this process; more wait their turn. */
export async function buildInWorker(request: BuildRequest): Promise<BuildResult> {
  if (building >= MOST) await new Promise<void>((resolve) => waiting.push(resolve));
  else building += 1;
  builder ??= startBuilder();
  const { worker, jobs } = builder;
  const id = ++lastId;
  try {
    return await new Promise<BuildResult>((resolve, reject) => {
      jobs.set(id, { path: request.path, resolve, reject });
      worker.ref();
      worker.postMessage({ id, request });
    });
  } finally {
    jobs.delete(id);
    // An idle builder keeps no process alive; it has no query in flight then, so that leaving is safe.
    if (jobs.size === 0) worker.unref();
    // Whoever waits takes over the place.
    const next = waiting.shift();
    if (next === undefined) building -= 1;
    else next();
  }
}

function startBuilder(): Builder {
  const worker = new Worker(new URL('./builder-worker.js', import.meta.url));
  const jobs = new Map<number, Job>();
  const started: Builder = { worker, jobs };
  worker.on('message', (answer: BuildAnswer) => {
    const job = jobs.get(answer.id);
    if (job === undefined) return;
    if ('result' in answer) job.resolve(answer.result);
    else job.reject(failureOf(answer.error, job.path));
  });
  const gone = (error: unknown): void => {
    if (builder === started) builder = undefined;
    for (const job of jobs.values()) job.reject(error);
  };
  worker.on('error', gone);
  worker.on('exit', (code) => gone(new LogsError('INTERNAL', `the builder of segments ended with code ${code}`)));
  return started;
}

function failureOf(error: { message: string; code?: string; hint?: string }, path: string): Error {
  const { code, message } = error;
  if (code !== undefined && Object.hasOwn(ERROR_CODES, code)) {
    return new LogsError(code as ErrorCode, message, error.hint === undefined ? {} : { hint: error.hint });
  }
  return fileFailure(Object.assign(new Error(message), code === undefined ? {} : { code }), path, 'write');
}
