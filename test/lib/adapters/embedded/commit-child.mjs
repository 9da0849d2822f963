// Commits to one commit log at the same time as others do: `commit-child.mjs DIST TENANT NAME COMMITS`. Prints what it
// committed: a segment of its own each time, and every range of frames that it consumed before the others.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [dist, tenantDir, name, commits] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(join(dist, 'lib', path)).href);
const { CommitConflict, CommitLog } = await load('adapters/embedded/commits/commit-log.js');
const { sweep } = await load('adapters/embedded/write/sweep.js');
const { nodeFs } = await load('buffer/fs.js');

// A clock that runs ahead lets the sweeps take away what has only just been folded.
let ahead = 0;
const now = () => Date.now() + ahead;
const log = new CommitLog(nodeFs, tenantDir, now);
const sum = { bytes: 1, crc: 2 };
const times = { minTs: '1', maxTs: '2', minReceived: 3, maxReceived: 4 };

for (let n = 0; n < Number(commits); n += 1) {
  const segment = { day: '2026.01.02', name: `${name}-${n}`, rows: 1, rawBytes: 5, ...times, parquet: sum, idx: sum };
  const added = [{ ...segment, ranges: [] }];
  const shared = { writer: '0123456789ab', file: `1-${n}.log`, from: 1, to: 3 };
  for (let consumed = [shared]; ; ) {
    try {
      const base = await log.fold();
      await log.commit(base, { added, removed: [], consumed, positions: [] });
      process.stdout.write(`${name}-${n}${consumed.length > 0 ? ` 1-${n}.log` : ''}\n`);
      break;
    } catch (error) {
      if (!(error instanceof CommitConflict)) throw error;
      // Someone else has the range, or the fold was too old: the segment goes in all the same.
      const { consumed: taken } = await log.fold();
      if (taken.has(`0123456789ab/1-${n}.log`)) consumed = [];
    }
  }
  if (n % 16 === 15) {
    ahead += 11 * 60_000;
    await sweep(nodeFs, tenantDir, log, now());
  }
}
