import { Worker } from 'node:worker_threads';
import { fileFailure } from '../../../buffer/failure.ts';
import { ERROR_CODES, type ErrorCode, LogsError } from '../../../errors.ts';
import type { BuildRequest, BuildResult } from './builder.ts';
import type { BuildAnswer, BuilderMessage } from './builder-worker.ts';

/** Builder threads, each with one build at a time: parsing is what takes longest, and one thread of it held ship back. */
const MOST = 2;

interface Job {
  readonly id: number;
  readonly path: string;
  readonly resolve: (result: BuildResult) => void;
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
  if (building >= MOST) await new Promise<void>((resolve) => waiting.push(resolve));
  else building += 1;
  const builder = builders.find(({ job }) => job === undefined) ?? startBuilder();
  const id = ++lastId;
  try {
    return await new Promise<BuildResult>((resolve, reject) => {
      builder.job = { id, path: request.path, resolve, reject };
      builder.worker.ref();
      builder.worker.postMessage({ id, request } satisfies BuilderMessage);
    });
  } finally {
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
  const worker = new Worker(new URL('./builder-worker.js', import.meta.url));
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
  return fileFailure(Object.assign(new Error(message), code === undefined ? {} : { code }), path, 'write');
}
