// Looks after a store over the compiled program: `compact-child.mjs DIST STORE compact|race|ship NAME`. `compact` does all
// the upkeep there is, and sweeps as if ten minutes were over; `race` builds segments anew without asking who else does,
// ten times, and prints a line each time that it was the first; `ship` appends one batch as `logs ship` does, with the
// upkeep that follows, and prints the ids of the batch once it is acknowledged.
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
  // None where the store has just been dropped.
  const [done] = await compactStore(dir, options, new AbortController().signal);
  for (const each of done?.damage ?? []) process.stderr.write(`damaged: ${each.where}: ${each.what}\n`);
  const tenantDir = join(dir, 'default');
  await sweep(nodeFs, tenantDir, new CommitLog(nodeFs, tenantDir), Date.now() + 11 * 60_000);
} else if (what === 'race') {
  const { CommitLog } = await load('adapters/embedded/commits/commit-log.js');
  const { compactInBuilder, compactStep } = await load('adapters/embedded/compact/compact-step.js');
  const { planCompaction } = await load('adapters/embedded/compact/plan.js');
  const { nodeFs } = await load('buffer/fs.js');
  const tenantDir = join(dir, 'default');
  const commitLog = new CommitLog(nodeFs, tenantDir);
  const maker = { writer: process.pid.toString(16).padStart(12, 'f'), claim: 1 };
  for (let round = 0; round < 10; round += 1) {
    const base = await commitLog.fold();
    const [step] = planCompaction(base.segments.values(), { want: 'all', most: 2 ** 30, now: Date.now() });
    if (step === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      continue;
    }
    const compacting = { fs: nodeFs, tenantDir, commitLog, build: compactInBuilder, tell };
    const { added } = await compactStep(compacting, base, step, maker, new AbortController().signal);
    if (added.length > 0) process.stdout.write(`${name}.${round}\n`);
  }
} else {
  const { openEmbeddedWriter } = await load('adapters/embedded/embedded-store.js');
  const writer = await openEmbeddedWriter(dir, { tell });
  const ids = [0, 1, 2].map((line) => `${name}.0.${line}`);
  const text = ids.map((id) => `${JSON.stringify({ level: 'INFO', id, message: `event ${id}` })}\n`).join('');
  await writer.append({ bytes: Buffer.from(text), lines: ids.length, context: { service: 'kill' } });
  writeSync(1, `${ids.join('\n')}\n`);
  await writer.close();
}
