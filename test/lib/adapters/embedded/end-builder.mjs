// Preloaded into a process and into its worker threads: ends the first worker thread that comes to its N-th call to
// change a file system, and no other. BUILDER_END_AT is N, BUILDER_ENDED a file that is made then.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { countCalls } from '../../../kill/counted-calls.mjs';

function isFirst() {
  try {
    writeFileSync(process.env.BUILDER_ENDED, '', { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
}

if (!isMainThread) {
  await countCalls((call) => {
    if (call === Number(process.env.BUILDER_END_AT) && isFirst()) process.exit(3);
  });
}
