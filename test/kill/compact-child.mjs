// Looks after a store over the compiled program: `compact-child.mjs DIST STORE compact|ship NAME`. `compact` does all the
// upkeep there is, and sweeps as if ten minutes were over; `ship` appends one batch as `logs ship` does, with the upkeep
// that follows. Prints the ids of the batch once it is acknowledged.
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, dir, what, name] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(dist, 'lib', path)).href);
const tell = (problem) => process.stderr.write(`${problem.code}: ${problem.message}\n`);

if (what === 'compact') {
  const { compactStore } = await load('adapters/embedded/upkeep/compact-store.js');
  const { CommitLog } = await load('adapters/embedded/commits/commit-log.js');
  const { sweep } = await load('adapters/embedded/write/sweep.js');
  const { nodeFs } = await load('buffer/fs.js');
  const options = { dryRun: false, progress: () => undefined, tell };
  const [{ damage }] = await compactStore(dir, options, new AbortController().signal);
  for (const each of damage) process.stderr.write(`damaged: ${each.where}: ${each.what}\n`);
  const tenantDir = join(dir, 'default');
  await sweep(nodeFs, tenantDir, new CommitLog(nodeFs, tenantDir), Date.now() + 11 * 60_000);
} else {
  const { openEmbeddedWriter } = await load('adapters/embedded/embedded-store.js');
  const writer = await openEmbeddedWriter(dir, { tell });
  const ids = [0, 1, 2].map((line) => `${name}.0.${line}`);
  const text = ids.map((id) => `${JSON.stringify({ level: 'INFO', id, message: `event ${id}` })}\n`).join('');
  await writer.append({ bytes: Buffer.from(text), lines: ids.length, context: { service: 'kill' } });
  writeSync(1, `${ids.join('\n')}\n`);
  await writer.close();
}
