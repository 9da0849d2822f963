// Preloaded into a process (and into its worker threads): kills the process by SIGKILL right before the N-th call that
// one of its threads makes to change a file system. KILL_THREAD is `main` or `worker`, KILL_AT is N.
import { isMainThread } from 'node:worker_threads';
import { countCalls } from './counted-calls.mjs';

const at = Number(process.env.KILL_AT);

if (process.env.KILL_THREAD === (isMainThread ? 'main' : 'worker')) {
  await countCalls((call) => {
    if (call === at) process.kill(process.pid, 'SIGKILL');
  });
}
