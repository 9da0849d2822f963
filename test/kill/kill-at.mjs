// Preloaded into a process (and into its worker threads): kills the process by SIGKILL right before the N-th call that
// one of its threads makes to change a file system. KILL_THREAD is `main` or `worker`, KILL_AT is N.
import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { isMainThread } from 'node:worker_threads';

const at = Number(process.env.KILL_AT);
let calls = 0;

function counted(call) {
  return function killOrCall(...given) {
    calls += 1;
    if (calls === at) process.kill(process.pid, 'SIGKILL');
    return call.apply(this, given);
  };
}

if (process.env.KILL_THREAD === (isMainThread ? 'main' : 'worker')) {
  const probe = await fs.open(tmpdir());
  const handle = Object.getPrototypeOf(probe);
  await probe.close();
  for (const name of ['writev', 'datasync', 'sync', 'truncate']) handle[name] = counted(handle[name]);
  for (const name of ['open', 'mkdir', 'link', 'rename', 'unlink', 'rmdir']) fs[name] = counted(fs[name]);
}
