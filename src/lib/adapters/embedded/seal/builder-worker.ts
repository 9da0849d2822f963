import { parentPort, workerData } from 'node:worker_threads';
import { promptFs } from '../../../buffer/prompt-fs.ts';
import { LogsError } from '../../../errors.ts';
import type { CompactRequest, CompactResult } from '../compact/compact-request.ts';
import { useScanner } from '../scan/wasm.ts';
import { borrowDuck, returnDuck } from './builder-duck.ts';
import { deleteSpareFiles } from './plain-files.ts';
import { type BuildRequest, type BuildResult, buildSegments } from './builder.ts';

/** What a builder is started with. */
export interface BuilderData {
  readonly scanner: WebAssembly.Module;
}

/** What to build, or to build anew; to give that up again; the folder to open a database for ahead of it; or to delete what is kept from one build for the next. */
export type BuilderMessage =
  | { readonly id: number; readonly request: BuildRequest }
  | { readonly id: number; readonly compact: CompactRequest }
  | { readonly cancel: number }
  | { readonly open: string }
  | { readonly tidy: true };

/** An answer to the request of the same number. Errors lose their class on the way, so they go as data. */
export type BuildAnswer =
  | { readonly tidied: true }
  | { readonly id: number; readonly result: BuildResult | CompactResult }
  | {
      readonly id: number;
      readonly error: { readonly message: string; readonly code?: string; readonly hint?: string };
    };

const port = parentPort;
if (port === null) throw new Error('builder-worker runs in a worker thread');
useScanner((workerData as BuilderData).scanner);

port.on('message', (message: BuilderMessage) => {
  if ('open' in message) void open(message.open);
  else if ('tidy' in message) port.postMessage(tidy());
  else if ('cancel' in message) cancels.get(message.cancel)?.abort();
  else void answer(message).then((reply) => port.postMessage(reply));
});

/** Of what is built anew now: by the number of its request. */
const cancels = new Map<number, AbortController>();

/** Whatever fails here fails again, and is told, when there is something to build. */
async function open(folder: string): Promise<void> {
  try {
    await borrowDuck(folder);
  } catch {
    return;
  }
  returnDuck(folder);
}

function tidy(): BuildAnswer {
  deleteSpareFiles();
  return { tidied: true };
}

async function answer(message: Extract<BuilderMessage, { readonly id: number }>): Promise<BuildAnswer> {
  const { id } = message;
  try {
    return {
      id,
      result: 'request' in message ? await buildSegments(message.request, promptFs) : await compact(message),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && 'code' in error ? { code: String(error.code) } : {};
    const hint = error instanceof LogsError && error.hint !== undefined ? { hint: error.hint } : {};
    return { id, error: { message, ...code, ...hint } };
  }
}

async function compact(message: { readonly id: number; readonly compact: CompactRequest }): Promise<CompactResult> {
  const controller = new AbortController();
  cancels.set(message.id, controller);
  try {
    const { compactSegments } = await import('../compact/compact-segments.ts');
    return await compactSegments(message.compact, controller.signal);
  } finally {
    cancels.delete(message.id);
  }
}
