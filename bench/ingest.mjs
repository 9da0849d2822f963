// What it costs to take logs in: whole processes fed by a pipe, ours and the yardstick in turn, each into an empty
// folder. Every event is asked back, and compared by other programs.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sizeOf } from './corpus.mjs';
import { linesIn, linesOf } from './given-back.mjs';
import { measure, spread } from './measure.mjs';
import { hasCommand, logs } from './place.mjs';
import { figure, ratio, table } from './table.mjs';
import { buildYardstick } from './yardstick.mjs';

export const MADE_FOR = ['nezha', 'nezha4', 'shop', 'entropy', 'access'];

const BESIDE =
  'Beside it, in turn, the throw-away prototype of the hot path, which checks, recovers and compacts nothing, and is told by hand which keys to make columns of; the ratio is ours over its.';

/** Gives the section's Markdown. */
export async function measureIngest(bench) {
  const corpora = await bench.corpora(MADE_FOR);
  // It has to be told which keys there are.
  const comparable = corpora.some(({ fields }) => fields !== undefined);
  const yardstick = comparable ? buildYardstick(bench.work, bench.talk) : undefined;
  const how = [
    `\`cat FILE | logs ship\` into an empty store, everything fsynced before it is acknowledged; ${bench.options.rounds} runs.`,
    ...(yardstick === undefined ? [] : [BESIDE]),
    'Costs are those of the whole process by `/usr/bin/time`; what is on disk counts filters, commits and log files.',
    'Every event was given back byte for byte: `logs search -n 0 -o raw` and the input, sorted by `sort`, have one SHA-256.',
  ];
  const parts = [how.join(' ')];
  for (const corpus of corpora) {
    const other = corpus.fields === undefined ? undefined : yardstick;
    parts.push(`### ${corpus.title}\n${sizeOf(corpus)}.`, await onCorpus(bench, corpus, other));
  }
  return parts.join('\n\n');
}

async function onCorpus(bench, corpus, yardstick) {
  const store = bench.storeOf(corpus);
  const other = join(bench.work, 'yardstick-store');
  const ours = [];
  const theirs = [];
  for (let round = 1; round <= bench.options.rounds; round++) {
    bench.talk(`ingest, ${corpus.name}: round ${round} of ${bench.options.rounds} …`);
    ours.push(await shipOnce(corpus, store));
    if (yardstick !== undefined) theirs.push(await yardstickOnce(corpus, yardstick, other));
  }
  rmSync(other, { recursive: true, force: true });
  bench.talk('every event given back …');
  const given = linesOf(corpus.file);
  expectAll(given, store);
  const unsealed = bytesUnder(store, (name) => name.endsWith('.log'));
  const compacted = hasCommand('store:compact') ? await compact(corpus, store, given) : undefined;

  const rows = [
    ['from a pipe until acknowledged and searchable, MB/s', (run) => corpus.bytes / 1e6 / run.seconds, 1],
    ['CPU-s per GB of input', (run) => perGigabyte(corpus, run), 1],
    ['peak memory, MB', (run) => run.peakBytes && run.peakBytes / 1e6, 0],
    ['times smaller on disk', (run) => corpus.bytes / run.disk, 1],
  ].map(([name, of, digits]) => {
    const [mine, its] = [spread(ours.map(of)), spread(theirs.map(of))];
    return [
      name,
      ...figure(mine, digits),
      ...(yardstick === undefined ? [] : [...figure(its, digits), ratio(mine, its)]),
    ];
  });
  const count = spread(ours.map((run) => run.countSeconds * 1000));
  const beside = yardstick === undefined ? [] : ['yardstick', 'min', 'max', 'ours / its'];
  return `${table(['', 'ours', 'min', 'max', ...beside], rows)}
A new process counted all of it in ${count.median.toFixed(0)} ms straight after. Of what is on disk, ${(unsealed / 1e6).toFixed(1)} MB are a log file not sealed yet.
${compacted ?? ''}`;
}

/** From an empty store to the last event acknowledged, and counted by a process of its own. */
async function shipOnce(corpus, store) {
  const cost = await freshly(store, [...logs, 'ship', '--store', store], { input: corpus.file });
  const counted = [];
  const began = performance.now();
  await measure([...logs, 'search', '--store', store, '-c'], { onData: (data) => counted.push(data) });
  const countSeconds = (performance.now() - began) / 1000;
  const found = Number(Buffer.concat(counted).toString());
  // Lines of text may be joined to events.
  if (corpus.fields !== undefined && found !== corpus.events)
    throw new Error(`${corpus.events} events shipped, ${found} found straight after`);
  return { ...cost, countSeconds, disk: bytesUnder(store) };
}

async function yardstickOnce(corpus, { command, cwd }, store) {
  const cost = await freshly(store, command(corpus, store), { input: corpus.file, cwd });
  // Its scratch files stay behind, the next one begins with them.
  return { ...cost, disk: bytesUnder(store, (name) => !name.endsWith('.tmp')) };
}

/** What others wrote before is on the disk first: it is not to be waited for by this one's fsync. */
async function freshly(store, command, options) {
  rmSync(store, { recursive: true, force: true });
  spawnSync('sync');
  return measure(command, options);
}

async function compact(corpus, store, given) {
  const cost = await measure([...logs, 'store', 'compact', '--store', store]);
  expectAll(given, store);
  const stats = [];
  await measure([...logs, 'store', 'stats', '--store', store, '--json'], { onData: (data) => stats.push(data) });
  const [{ diskBytes, unsealedBytes, segments }] = JSON.parse(Buffer.concat(stats).toString()).tenants;
  // Whoever asks next asks a store as it was shipped.
  rmSync(store, { recursive: true });
  const cpu = perGigabyte(corpus, cost);
  return `\`logs store compact\` took ${cost.seconds.toFixed(1)} s${cpu === undefined ? '' : ` and ${cpu.toFixed(1)} CPU-s per GB`}; then it is **${(corpus.bytes / (diskBytes + unsealedBytes)).toFixed(1)} times smaller**
on disk, in ${segments} ${segments === 1 ? 'segment' : 'segments'} and what is not sealed yet (\`logs store stats\`), and all was given back again.
`;
}

function expectAll(given, store) {
  if (linesIn(store) !== given) throw new Error('the store gives back other lines than it was given');
}

function perGigabyte(corpus, { cpuSeconds }) {
  return cpuSeconds === undefined ? undefined : cpuSeconds / (corpus.bytes / 1e9);
}

function bytesUnder(folder, counts = () => true) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sum + bytesUnder(path, counts);
    return counts(entry.name) ? sum + statSync(path).size : sum;
  }, 0);
}
