import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { readerGone } from './streams.ts';

/**
 * Ends the command when the reader of a pipe on standard output has gone, until the function given back is called. A
 * process hears of that only when it writes, which may be never on a quiet store, and Node has no poll(2). GNU tail has:
 * it ends by SIGPIPE. Where there is another tail or none, the next write finds out.
 */
export function watchReader(): () => void {
  if (!fstatSync(1).isFIFO()) return () => undefined;
  const watcher = spawn('tail', ['-f', '/dev/null', `--pid=${process.pid}`], {
    stdio: ['ignore', 'inherit', 'ignore'],
  });
  watcher.unref();
  watcher.on('error', () => undefined);
  watcher.on('exit', (_, signal) => {
    if (signal === 'SIGPIPE') readerGone();
  });
  // While it lives the pipe stays open: its reader would wait for it.
  const stop = (): void => void watcher.kill();
  process.once('exit', stop);
  return () => {
    process.off('exit', stop);
    stop();
  };
}
