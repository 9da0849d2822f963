// Ships events as `logs ship` does, over the compiled store: `child.mjs DIST STORE NAME BATCHES FRAMES`. Prints the ids
// of a batch once it is acknowledged. A log file is sealed after FRAMES frames.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, dir, name, batches, frames] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(dist, 'lib', path)).href);
const { EmbeddedWriter } = await load('adapters/embedded/write/writer.js');
const { restSeals, sealLog } = await load('adapters/embedded/seal/sealer.js');
const { CommitLog } = await load('adapters/embedded/commits/commit-log.js');
const { nodeFs } = await load('buffer/fs.js');

const tenantDir = join(dir, 'default');
const commitLog = new CommitLog(nodeFs, tenantDir);
const tell = (problem) => process.stderr.write(`${problem.code}: ${problem.message}\n`);
const writer = await EmbeddedWriter.open({
  dir,
  tell,
  seal: (log) => sealLog({ fs: nodeFs, tenantDir, commitLog, log, tell }),
  restSeals,
  limits: { rotateFrames: Number(frames) },
});
for (let batch = 0; batch < Number(batches); batch += 1) {
  const ids = [0, 1, 2].map((line) => `${name}.${batch}.${line}`);
  const text = ids.map((id) => `${JSON.stringify({ level: 'INFO', id, message: `event ${id}` })}\n`).join('');
  await writer.append({ bytes: Buffer.from(text), lines: ids.length, context: { service: 'kill' } });
  writeSync(1, `${ids.join('\n')}\n`);
}
await writer.close();
