import { setMaxListeners } from 'node:events';
import { LogsError } from '../lib/errors.ts';
import { outputSignal } from './streams.ts';

/**
 * One signal for everything a command does: Ctrl-C, a polite kill, a closed terminal, or a reader that has gone.
 * The first asks the command to stop; the handler is then gone, so that a second Ctrl-C ends the process at once,
 * whatever native threads are doing.
 */
export function commandSignal(): AbortSignal {
  const controller = new AbortController();
  // Every batch that waits for a remote sink listens; Node warns of more than ten as of a leak.
  setMaxListeners(0, controller.signal);
  const stop = (name: string) => () => {
    controller.abort(new LogsError('INTERRUPTED', name === 'SIGINT' ? 'interrupted' : `stopped by ${name}`));
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, stop(name));
  if (outputSignal.aborted) controller.abort(outputSignal.reason);
  else outputSignal.addEventListener('abort', () => controller.abort(outputSignal.reason), { once: true });
  return controller.signal;
}
