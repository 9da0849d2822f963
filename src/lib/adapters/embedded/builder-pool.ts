import { Worker } from 'node:worker_threads';
import { ERROR_CODES, type ErrorCode, LogsError } from '../../errors.ts';
import { fileFailure } from '../../buffer/failure.ts';
import type { BuildRequest, BuildResult } from './builder.ts';
import type { BuildAnswer } from './builder-worker.ts';

/** Builders at once: each needs about 250 MB while it works. */
const MOST = 2;

interface Builder {
  readonly worker: Worker;
  job:
    | {
        readonly id: number;
        readonly resolve: (result: BuildResult) => void;
        readonly reject: (error: unknown) => void;
        readonly path: string;
      }
    | undefined;
}

const builders: Builder[] = [];
const waiting: (() => void)[] = [];
let lastId = 0;

/** Runs `buildSegments` in a worker thread, at most two at a time in this process; more wait their turn. */
export async function buildInWorker(request: BuildRequest): Promise<BuildResult> {
  while (builders.filter(({ job }) => job !== undefined).length >= MOST) {
    await new Promise<void>((resolve) => waiting.push(resolve));
  }
  const builder = builders.find(({ job }) => job === undefined) ?? startBuilder();
  const id = ++lastId;
  try {
    return await new Promise<BuildResult>((resolve, reject) => {
      builder.job = { id, resolve, reject, path: request.path };
      builder.worker.ref();
      builder.worker.postMessage({ id, request });
    });
  } finally {
    builder.job = undefined;
    // An idle builder keeps no process alive; it has no query in flight then, so that leaving is safe.
    builder.worker.unref();
    waiting.shift()?.();
  }
}

function startBuilder(): Builder {
  const builder: Builder = {
    worker: new Worker(new URL('./builder-worker.js', import.meta.url)),
    job: undefined,
  };
  builder.worker.on('message', (answer: BuildAnswer) => {
    const { job } = builder;
    if (job?.id !== answer.id) return;
    if ('result' in answer) job.resolve(answer.result);
    else job.reject(failureOf(answer.error, job.path));
  });
  const gone = (error: unknown): void => {
    const at = builders.indexOf(builder);
    if (at !== -1) builders.splice(at, 1);
    builder.job?.reject(error);
  };
  builder.worker.on('error', gone);
  builder.worker.on('exit', (code) =>
    gone(new LogsError('INTERNAL', `the builder of segments ended with code ${code}`)),
  );
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
