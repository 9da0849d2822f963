import { Worker } from 'node:worker_threads';
import { fileFailure } from '../../../buffer/failure.ts';
import { ERROR_CODES, type ErrorCode, LogsError } from '../../../errors.ts';
import type { CompactRequest, CompactResult } from '../compact/compact-request.ts';
import type { BuildRequest, BuildResult } from './builder.ts';
import { compiledScanner } from '../scan/wasm.ts';
import type { BuildAnswer, BuilderData, BuilderMessage } from './builder-worker.ts';

/**
 * Builder threads, each with one build at a time: one scans while DuckDB writes for the other. Both builds in one thread
 * took 60 MB less, but a thread that ends while it has a query in flight ends the process.
 */
const MOST = 2;

type Work = { readonly request: BuildRequest } | { readonly compact: CompactRequest };

interface Job {
  readonly id: number;
  /** What it is about, for messages. */
  readonly path: string;
  readonly resolve: (result: BuildResult | CompactResult) => void;
  readonly reject: (error: unknown) => void;
}

interface Builder {
  readonly worker: Worker;
  job: Job | undefined;
  /** To call when what it kept is deleted. */
  tidied: (() => void)[];
}

const builders: Builder[] = [];
let building = 0;
let lastId = 0;
const waiting: (() => void)[] = [];

/** Runs `buildSegments` in a worker thread, at most two at a time in this process; more wait their turn. */
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
  if (building >= MOST) await new Promise<void>((resolve) => waiting.push(resolve));
  else building += 1;
  const builder = builders.find(({ job }) => job === undefined) ?? startBuilder();
  const id = ++lastId;
  const cancel = (): void => builder.worker.postMessage({ cancel: id } satisfies BuilderMessage);
  try {
    return await new Promise<BuildResult | CompactResult>((resolve, reject) => {
      builder.job = { id, path, resolve, reject };
      builder.worker.ref();
      builder.worker.postMessage({ id, ...work } satisfies BuilderMessage);
      signal?.addEventListener('abort', cancel);
      if (signal?.aborted === true) cancel();
    });
  } finally {
    signal?.removeEventListener('abort', cancel);
    builder.job = undefined;
    // An idle builder keeps no process alive; it has no query in flight then, so that leaving is safe.
    builder.worker.unref();
    // Whoever waits takes over the place.
    const next = waiting.shift();
    if (next === undefined) building -= 1;
    else next();
  }
}

/** Starts a builder for the next build in a tenant's folder, unless one is idle or there are as many as may be. */
export function startIdleBuilder(tenantDir: string): void {
  if (builders.length >= MOST || builders.some(({ job }) => job === undefined)) return;
  const { worker } = startBuilder();
  worker.postMessage({ open: tenantDir } satisfies BuilderMessage);
  worker.unref();
}

/** Has the idle builders delete what they keep from one build for the next; resolves when they have. */
export async function tidyBuilders(): Promise<void> {
  const idle = builders.filter(({ job }) => job === undefined);
  await Promise.all(
    idle.map(async (builder) => {
      const done = new Promise<void>((resolve) => builder.tidied.push(resolve));
      builder.worker.ref();
      builder.worker.postMessage({ tidy: true } satisfies BuilderMessage);
      await done;
      if (builder.job === undefined) builder.worker.unref();
    }),
  );
}

function startBuilder(): Builder {
  const workerData = { scanner: compiledScanner() } satisfies BuilderData;
  const worker = new Worker(new URL('./builder-worker.js', import.meta.url), { workerData });
  const builder: Builder = { worker, job: undefined, tidied: [] };
  worker.on('message', (answer: BuildAnswer) => {
    if ('tidied' in answer) {
      for (const done of builder.tidied.splice(0)) done();
      return;
    }
    const { job } = builder;
    if (job?.id !== answer.id) return;
    if ('result' in answer) job.resolve(answer.result);
    else job.reject(failureOf(answer.error, job.path));
  });
  const gone = (error: unknown): void => {
    const at = builders.indexOf(builder);
    if (at !== -1) builders.splice(at, 1);
    builder.job?.reject(error);
    for (const done of builder.tidied.splice(0)) done();
  };
  worker.on('error', gone);
  worker.on('exit', (code) => gone(new LogsError('INTERNAL', `the builder of segments ended with code ${code}`)));
  builders.push(builder);
  return builder;
}

function failureOf(error: { message: string; code?: string; hint?: string }, path: string): Error {
  const { code, message } = error;
  if (code !== undefined && Object.hasOwn(ERROR_CODES, code)) {
    return new LogsError(code as ErrorCode, message, error.hint === undefined ? {} : { hint: error.hint });
  }
  return fileFailure(Object.assign(new Error(message), code === undefined ? {} : { code }), path, 'make segments of');
}
