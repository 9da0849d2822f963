/*
 * Reads its own standard input by the adapter as it is built, and tells its parent what came. Standard input is one a
 * process: the contract can only be asked of a process that has the one in question.
 */
import { openStdin } from '../../../../dist/lib/adapters/stdio/stdin-source.js';

const source = openStdin();
const controllers = new Map();
const told = (message) => new Promise((resolve) => process.send(message, resolve));

async function answer({ id, op, aborted }) {
  try {
    if (op === 'read') {
      const controller = new AbortController();
      controllers.set(id, controller);
      if (aborted) controller.abort();
      for await (const chunk of source.read(controller.signal)) {
        await told({ id, chunk: Buffer.from(chunk).toString('base64') });
        // As a reader that asks for the next when it has done with this one.
        if (!controller.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } else if (op === 'abort') controllers.get(id)?.abort();
    else if (op === 'close') await source.close();
    if (op !== 'abort') await told({ id, done: true });
  } catch (error) {
    await told({ id, error: String(error) });
  }
}

process.on('message', (message) => void answer(message));
await told({ id: 0, name: source.name, identity: source.identity !== undefined, size: source.size });
