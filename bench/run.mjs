// `npm run bench [-- FILE] [--write]`: what the main path costs on real logs, each figure the median of several runs
// with its minimum and maximum. Without a FILE it takes the Nezha set found through LOGS_TEST_DATA.
// `--write`: also writes docs/performance.md. `npm run bench -- cluster` measures Kafka and Elasticsearch instead.
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cpus, release, tmpdir, totalmem, type } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';
import { benchCluster } from './cluster.mjs';
import { lineFingerprint } from './lines.mjs';
import { measure, repeat, spread } from './measure.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const logs = [process.execPath, join(root, 'bin', 'run.js')];
const runs = { ingest: 5, query: 7, start: 15 };

const queries = [
  ['count everything', ['-c']],
  ['count of `level:ERROR`', ['-c', 'level:ERROR']],
  ['an absent word', ['-c', 'zqxjneedle'], [0, 1]],
  ['a phrase', ['-c', '"Request Failed"'], [0, 1]],
  ['a substring, `*Exception*`', ['-c', '*Exception*'], [0, 1]],
  ['a regular expression, `message:/time(d )?out/i`', ['-c', 'message:/time(d )?out/i'], [0, 1]],
  ['newest 100, whole events', ['-n', '100', '-o', 'ndjson']],
  ['newest 100 of `level:ERROR`', ['-n', '100', '-o', 'ndjson', 'level:ERROR'], [0, 1]],
];
const aggregates = [
  ['events by level', ['--by', 'level', '-o', 'json']],
  ['the ten pods with most errors', ['level:ERROR', '--top', '10', 'pod', '-o', 'json'], [0, 1]],
  ['events a minute', ['--every', '1m', '-o', 'json']],
];

const work = mkdtempSync(join(tmpdir(), 'logs-bench-data-'));
try {
  const file = await inputFile();
  if (file !== undefined && process.argv[2] === 'cluster') benchCluster(file);
  else if (file !== undefined) await bench(file);
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** The file to measure on: the one named, else the Nezha set, unpacked and joined. */
async function inputFile() {
  const named = process.argv.slice(2).find((arg) => !arg.startsWith('-') && arg !== 'cluster');
  if (named !== undefined) return resolve(process.env.INIT_CWD ?? '.', named);
  const folder = join(resolve(root, process.env.LOGS_TEST_DATA ?? join('..', 'shared', 'data')), 'nezha');
  const parts = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /^nezha-\d+\.ndjson\.gz$/.test(name))
        .sort()
    : [];
  if (parts.length === 0) {
    talk('no data: name a FILE, or set LOGS_TEST_DATA to the folder that has nezha/nezha-00.ndjson.gz');
    process.exitCode = 2;
    return undefined;
  }
  const joined = join(work, 'nezha.ndjson');
  for (const part of parts) {
    await pipeline(createReadStream(join(folder, part)), createGunzip(), createWriteStream(joined, { flags: 'a' }));
  }
  return joined;
}

async function bench(file) {
  const expected = lineFingerprint();
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) expected.add(chunk);
  const given = expected.end();
  const store = join(work, 'store');
  talk(`${given.lines} events, ${(given.bytes / 1e6).toFixed(1)} MB`);

  talk('ingest …');
  const ingest = await repeat(runs.ingest, () => ingestOnce(file, store, given.lines));
  talk('every event given back …');
  await sameBytes(store, given);
  const disk = bytesUnder(store);
  talk('start-up …');
  const starts = await startUp(file);
  talk('queries …');
  const asked = [
    ...(await each(queries, (args) => [...logs, 'search', '--store', store, ...args])),
    ...(await each(aggregates, (args) => [...logs, 'agg', '--store', store, ...args])),
  ];
  const text = report({ given, ingest, disk, starts, asked });
  process.stdout.write(text);
  if (process.argv.includes('--write')) writeFileSync(join(root, 'docs', 'performance.md'), text);
}

/** From an empty store to the last event acknowledged, sealed and counted by a process of its own. */
async function ingestOnce(file, store, events) {
  rmSync(store, { recursive: true, force: true });
  const cost = await measure([...logs, 'ship', '--store', store], { input: file });
  const counted = [];
  const started = performance.now();
  await measure([...logs, 'search', '--store', store, '-c'], { onData: (data) => counted.push(data) });
  const countSeconds = (performance.now() - started) / 1000;
  const found = Number(Buffer.concat(counted).toString());
  if (found !== events) throw new Error(`${events} events shipped, ${found} found straight after`);
  return { ...cost, countSeconds };
}

async function sameBytes(store, given) {
  const back = lineFingerprint();
  await measure([...logs, 'search', '--store', store, '-n', '0', '-o', 'raw'], { onData: (chunk) => back.add(chunk) });
  const got = back.end();
  if (got.sum === given.sum && got.lines === given.lines) return;
  throw new Error(`not what was shipped: ${given.lines} lines in, ${got.lines} lines out, or other bytes`);
}

async function startUp(file) {
  const small = join(work, 'small-store');
  const lines = join(work, 'small.ndjson');
  await pipeline(createReadStream(file, { end: 262_143 }), createWriteStream(lines));
  await measure([...logs, 'ship', '--store', small, lines]);
  return each(
    [
      ['bare `node -e 0`', [process.execPath, '-e', '0']],
      ['`logs --version`', [...logs, '--version']],
      ['`logs --help`', [...logs, '--help']],
      ['`logs search error` on a file of 256 KB', [...logs, 'search', 'error', lines], [0, 1]],
      ['`logs search error` on a store of 256 KB', [...logs, 'search', '--store', small, 'error'], [0, 1]],
    ],
    (command) => command,
    runs.start,
  );
}

/**
 * Measures each [name, args, exits?], one after the other and then again: a machine that becomes slower meanwhile does
 * so for all of them. The first run of each warms the page cache and is not counted.
 */
async function each(list, command, times = runs.query) {
  const seconds = list.map(() => []);
  for (let run = 0; run <= times; run++) {
    for (const [at, [, args, exits]] of list.entries()) {
      const result = await measure(command(args), { exits });
      if (run > 0) seconds[at].push(result.seconds);
    }
  }
  return list.map(([name], at) => ({ name, ms: spread(seconds[at].map((each) => each * 1000)) }));
}

function report({ given, ingest, disk, starts, asked }) {
  const megabytes = given.bytes / 1e6;
  const gigabytes = given.bytes / 1e9;
  const bare = starts[0].ms.median;
  const perGigabyte = ingest.map(({ cpuSeconds }) => (cpuSeconds === undefined ? undefined : cpuSeconds / gigabytes));
  const peaks = ingest.map(({ peakBytes }) => (peakBytes === undefined ? undefined : peakBytes / 1e6));
  const rows = [
    ['from a pipe until acknowledged and sealed, MB/s', spread(ingest.map(({ seconds }) => megabytes / seconds)), 1],
    [
      'until a new process has counted all, MB/s',
      spread(ingest.map((run) => megabytes / (run.seconds + run.countSeconds))),
      1,
    ],
    ['events/s', spread(ingest.map(({ seconds }) => given.lines / seconds)), 0],
    ['CPU-s per GB of input', spread(perGigabyte), 1],
    ['peak resident memory, MB', spread(peaks), 0],
  ];
  const cpu = cpus();
  return `# Performance

Measured by \`npm run bench\` on ${cpu.length} cores (${cpu[0].model.trim()}), ${(totalmem() / 1e9).toFixed(0)} GB, ${type()} ${release()},
Node ${process.version}: ${given.lines.toLocaleString('en')} events, ${megabytes.toFixed(1)} MB. Every process starts anew; the page cache is warm.

## Ingest
\`cat FILE | logs ship\` into an empty store, everything fsynced before it is acknowledged; ${runs.ingest} runs.

| | median | min | max |
|---|---|---|---|
${rows.map(([name, values, digits]) => tableRow(name, values, digits)).join('\n')}

On disk: ${(disk / 1e6).toFixed(1)} MB, ${(given.bytes / disk).toFixed(1)} times smaller than the input. Every event was given back byte for byte
(\`logs search -n 0 -o raw\`, compared as a multiset of SHA-256 over lines).

## Start-up
Whole processes, ms; ${runs.start} runs. Bare Node is what no program in Node can go below.

| | median | min | max | above bare Node |
|---|---|---|---|---|
${starts.map(({ name, ms }) => `${tableRow(name, ms, 0)} ${(ms.median - bare).toFixed(0)} |`).join('\n')}

## Queries
On the store of all events, whole processes, ms; ${runs.query} runs.

| | median | min | max |
|---|---|---|---|
${asked.map(({ name, ms }) => tableRow(name, ms, 0)).join('\n')}
`;
}

function tableRow(name, values, digits) {
  if (values === undefined) return `| ${name} | – | – | – |`;
  const shown = [values.median, values.min, values.max].map((value) => value.toFixed(digits));
  return `| ${name} | ${shown.join(' | ')} |`;
}

function bytesUnder(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? bytesUnder(path) : statSync(path).size);
  }, 0);
}

function talk(line) {
  process.stderr.write(`${line}\n`);
}
