import { Worker } from 'node:worker_threads';
import { fileFailure } from '../../../buffer/failure.ts';
import { ERROR_CODES, type ErrorCode, LogsError } from '../../../errors.ts';
import type { CompactRequest, CompactResult } from '../compact/compact-request.ts';
import type { BuildRequest, BuildResult } from './builder.ts';
import { compiledScanner } from '../scan/wasm.ts';
import type { BuildAnswer, BuilderData, BuilderMessage } from './builder-worker.ts';

/**
 * Builds at a time, all in one thread: while DuckDB writes one segment and reads another back, in threads of its own, the
 * next is scanned. A second thread of ours would scan no faster beside the first one's queries, and compile all code once
 * more.
 */
const AT_ONCE = 3;

type Work = { readonly request: BuildRequest } | { readonly compact: CompactRequest };

interface Job {
  /** What it is about, for messages. */
  readonly path: string;
  readonly resolve: (result: BuildResult | CompactResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Builder {
  readonly worker: Worker;
  readonly jobs: Map<number, Job>;
  /** To call when what it kept is deleted. */
  tidied: (() => void)[];
}

let builder: Builder | undefined;
let building = 0;
let lastId = 0;
const waiting: (() => void)[] = [];

/** Runs `buildSegments` in a worker thread, at most three at a time; more wait their turn. */
export async function buildInWorker(request: BuildRequest): Promise<BuildResult> {
  return (await runJob({ request }, request.path)) as BuildResult;
}

/** Runs `compactSegments` in the same way. After an abort it rejects with the reason, once all files of it are deleted. */
export async function compactInWorker(request: CompactRequest, signal: AbortSignal): Promise<CompactResult> {
  signal.throwIfAborted();
  try {
    return (await runJob({ compact: request }, request.tenantDir, signal)) as CompactResult;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

async function runJob(work: Work, path: string, signal?: AbortSignal): Promise<BuildResult | CompactResult> {
  if (building >= AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
  else building += 1;
  builder ??= startBuilder();
  const { worker, jobs } = builder;
  const id = ++lastId;
  const cancel = (): void => worker.postMessage({ cancel: id } satisfies BuilderMessage);
  try {
    return await new Promise<BuildResult | CompactResult>((resolve, reject) => {
      jobs.set(id, { path, resolve, reject });
      worker.ref();
      worker.postMessage({ id, ...work } satisfies BuilderMessage);
      signal?.addEventListener('abort', cancel);
      if (signal?.aborted === true) cancel();
    });
  } finally {
    signal?.removeEventListener('abort', cancel);
    jobs.delete(id);
    // An idle builder keeps no process alive; it has no query in flight then, so that leaving is safe.
    if (jobs.size === 0) worker.unref();
    // Whoever waits takes over the place.
    const next = waiting.shift();
    if (next === undefined) building -= 1;
    else next();
  }
}

/** Starts the builder for the next build in a tenant's folder, unless it is there. */
export function startIdleBuilder(tenantDir: string): void {
  if (builder !== undefined) return;
  builder = startBuilder();
  builder.worker.postMessage({ open: tenantDir } satisfies BuilderMessage);
  builder.worker.unref();
}

/** Has the builder, if it is idle, delete what it keeps from one build for the next; resolves when it has. */
export async function tidyBuilder(): Promise<void> {
  const idle = builder;
  if (idle === undefined || idle.jobs.size > 0) return;
  const done = new Promise<void>((resolve) => idle.tidied.push(resolve));
  idle.worker.ref();
  idle.worker.postMessage({ tidy: true } satisfies BuilderMessage);
  await done;
  if (idle.jobs.size === 0) idle.worker.unref();
}

function startBuilder(): Builder {
  const workerData = { scanner: compiledScanner() } satisfies BuilderData;
  const worker = new Worker(new URL('./builder-worker.js', import.meta.url), { workerData });
  const started: Builder = { worker, jobs: new Map(), tidied: [] };
  worker.on('message', (answer: BuildAnswer) => {
    if ('tidied' in answer) {
      for (const done of started.tidied.splice(0)) done();
      return;
    }
    const job = started.jobs.get(answer.id);
    if (job === undefined) return;
    if ('result' in answer) job.resolve(answer.result);
    else job.reject(failureOf(answer.error, job.path));
  });
  const gone = (error: unknown): void => {
    if (builder === started) builder = undefined;
    for (const job of started.jobs.values()) job.reject(error);
    for (const done of started.tidied.splice(0)) done();
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
  return fileFailure(Object.assign(new Error(message), code === undefined ? {} : { code }), path, 'make segments of');
}
