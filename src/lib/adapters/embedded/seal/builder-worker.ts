import { parentPort } from 'node:worker_threads';
import { LogsError } from '../../../errors.ts';
import { borrowDuck, returnDuck } from './builder-duck.ts';
import { deleteSpareFiles } from './plain-files.ts';
import { type BuildRequest, type BuildResult, buildSegments } from './builder.ts';

/** What to build; the folder to open a database for ahead of it; or to delete what is kept from one build for the next. */
export type BuilderMessage =
  | { readonly id: number; readonly request: BuildRequest }
  | { readonly open: string }
  | { readonly tidy: true };

/** An answer to the request of the same number. Errors lose their class on the way, so they go as data. */
export type BuildAnswer =
  | { readonly tidied: true }
  | { readonly id: number; readonly result: BuildResult }
  | {
      readonly id: number;
      readonly error: { readonly message: string; readonly code?: string; readonly hint?: string };
    };

const port = parentPort;
if (port === null) throw new Error('builder-worker runs in a worker thread');

port.on('message', (message: BuilderMessage) => {
  if ('open' in message) void open(message.open);
  else if ('tidy' in message) port.postMessage(tidy());
  else void answer(message.id, message.request).then((reply) => port.postMessage(reply));
});

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

async function answer(id: number, request: BuildRequest): Promise<BuildAnswer> {
  try {
    return { id, result: await buildSegments(request) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof Error && 'code' in error ? { code: String(error.code) } : {};
    const hint = error instanceof LogsError && error.hint !== undefined ? { hint: error.hint } : {};
    return { id, error: { message, ...code, ...hint } };
  }
}
