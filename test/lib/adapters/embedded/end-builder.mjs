// Preloaded into a process and into its worker threads: ends the first worker thread that comes to its N-th call to
// change a file system, and no other. BUILDER_END_AT is N, BUILDER_ENDED a file that is made then.
import { openSync, promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import { isMainThread } from 'node:worker_threads';

let calls = 0;

function counted(call) {
  return function endOrCall(...given) {
    calls += 1;
    if (calls === Number(process.env.BUILDER_END_AT) && isFirst()) process.exit(3);
    return call.apply(this, given);
  };
}

function isFirst() {
  try {
    openSync(process.env.BUILDER_ENDED, 'wx');
    return true;
  } catch {
    return false;
  }
}

if (!isMainThread) {
  const probe = await fs.open(tmpdir());
  const handle = Object.getPrototypeOf(probe);
  await probe.close();
  for (const name of ['write', 'writev', 'datasync', 'sync']) handle[name] = counted(handle[name]);
  for (const name of ['open', 'mkdir', 'link', 'rename', 'unlink']) fs[name] = counted(fs[name]);
}
