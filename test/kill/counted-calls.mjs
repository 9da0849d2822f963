// Replaces the calls that change a file system, those of `node:fs` that are made at once too, by ones that are counted:
// `before(n)` is called before the n-th of this thread.
import fs, { constants } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';

/** Opening to read changes nothing, and is how Node reads its modules. */
const WRITES = constants.O_WRONLY | constants.O_RDWR | constants.O_CREAT;

export async function countCalls(before) {
  let calls = 0;
  const counted = (call, counts = () => true) =>
    function countOrCall(...given) {
      if (counts(...given)) {
        calls += 1;
        before(calls);
      }
      return call.apply(this, given);
    };
  const probe = await fs.promises.open(tmpdir());
  const handle = Object.getPrototypeOf(probe);
  await probe.close();
  for (const name of ['write', 'writev', 'datasync', 'sync', 'truncate']) handle[name] = counted(handle[name]);
  for (const name of ['open', 'mkdir', 'link', 'rename', 'unlink', 'rmdir'])
    fs.promises[name] = counted(fs.promises[name]);
  for (const name of ['writevSync', 'fdatasync', 'fsync', 'ftruncateSync', 'mkdirSync', 'linkSync', 'renameSync', 'unlinkSync', 'rmdirSync'])
    fs[name] = counted(fs[name]); // biome-ignore format: a list
  fs.openSync = counted(fs.openSync, (_, flags) => typeof flags === 'string' ? flags !== 'r' : (flags & WRITES) !== 0); // biome-ignore format: short
  syncBuiltinESMExports();
}
