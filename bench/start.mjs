// How long a command takes to start: whole processes beside bare Node, which no program in Node can go below. They take
// turns: a machine that becomes slower meanwhile does so for all.
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sizeOf } from './corpus.mjs';
import { measure, spread } from './measure.mjs';
import { logs } from './place.mjs';
import { lineAt } from './questions/line-at.mjs';
import { table } from './table.mjs';

export const MADE_FOR = ['nezha'];
const RUNS = 25;
const SMALL = 262_144;

/** Gives the section's Markdown. */
export async function measureStart(bench) {
  const parts = [
    `Whole processes, ms; ${RUNS} runs of each in turn after one that is not counted, the page cache warm, the store ${bench.state}. Bare Node is what no program in Node can go below.`,
  ];
  for (const corpus of await bench.corpora(MADE_FOR)) {
    parts.push(`### ${corpus.title}\nThe large store has ${sizeOf(corpus)}.`, await onCorpus(bench, corpus));
  }
  return parts.join('\n\n');
}

async function onCorpus(bench, corpus) {
  const large = await bench.shipped(corpus);
  const small = join(bench.work, `${corpus.name}-small-store`);
  const lines = join(bench.work, `${corpus.name}-small.ndjson`);
  await pipeline(createReadStream(corpus.file, { end: SMALL - 1 }), createWriteStream(lines));
  await measure([...logs, 'ship', '--store', small, lines]);

  const onSmall = ['search', '--store', small];
  const onLarge = ['search', '--store', large];
  const commands = [
    ['`logs --version`', ['--version']],
    ['`logs --help`', ['--help']],
    ['`logs search error` in a file of 256 KB', ['search', 'error', lines]],
    ['`logs search error` in a store of 256 KB', [...onSmall, 'error']],
    ['`logs search zqxjneedle`, absent, in the large store', [...onLarge, 'zqxjneedle']],
    ['`logs search -n 100`', [...onLarge, '-n', '100']],
    ['`logs search level:ERROR -n 100`', [...onLarge, '-n', '100', 'level:ERROR']],
    ...(corpus.fields === undefined ? [] : traces(corpus, onLarge)),
    ['`logs search servce:x`, a field that is nowhere', [...onLarge, 'servce:x']],
    ['`logs agg --by level`', ['agg', '--store', large, '--by', 'level']],
    ['`logs agg --every 1m`', ['agg', '--store', large, '--every', '1m']],
  ];
  bench.talk(`start, ${corpus.name} …`);
  const [bare, ...taken] = await inTurn([
    [process.execPath, '-e', '0'],
    ...commands.map(([, args]) => [...logs, ...args]),
  ]);
  const row = (name, times) => [
    name,
    ...[times.median, times.p95, times.median - bare.median, times.p95 - bare.p95].map((value) => value.toFixed(0)),
  ];
  const rows = commands.map(([name], at) => row(name, taken[at]));
  return table(['', 'p50', 'p95', 'p50 above bare Node', 'p95 above'], [row('bare `node -e 0`', bare), ...rows]);
}

async function inTurn(commands) {
  const ms = commands.map(() => []);
  for (let run = 0; run <= RUNS; run++) {
    for (const [at, command] of commands.entries()) {
      // 1: nothing matched.
      const { seconds } = await measure(command, { exits: [0, 1] });
      if (run > 0) ms[at].push(seconds * 1000);
    }
  }
  return ms.map(spread);
}

function traces(corpus, onLarge) {
  return [
    ['`logs search` for a trace', [...onLarge, traceOf(corpus)]],
    ['`logs search` for a trace that is not there', [...onLarge, `${corpus.fields.trace}:${'f'.repeat(31)}0`]],
  ];
}

function traceOf({ file, bytes, fields }) {
  return `${fields.trace}:${JSON.parse(lineAt(file, bytes >> 1))[fields.trace]}`;
}
