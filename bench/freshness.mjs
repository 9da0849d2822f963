// How long after its acknowledgement an event is found by another process, while logs come in at a stated rate.
import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { count } from '../dist/lib/app/aggregate.js';
import { newTally } from '../dist/lib/app/search.js';
import { parseQuery } from '../dist/lib/query/parse.js';
import { openStoreReader } from '../dist/lib/wire/readers.js';
import { measure, spread } from './measure.mjs';
import { logs } from './place.mjs';
import { short, table } from './table.mjs';

export const MADE_FOR = ['shop'];
const WRITER = fileURLToPath(new URL('freshness-writer.mjs', import.meta.url));
/** Longer than this and something is wrong. */
const PATIENCE_MS = 30_000;
/** Of the whole time, how much is for searches in one process; the rest is for new ones. */
const RESIDENT_SHARE = 2 / 3;

/** Gives the section's Markdown. */
export async function measureFreshness(bench) {
  const parts = [
    `One process appends ${bench.options.rate / 1e6} MB/s, each batch acknowledged when it is on the disk, and says when that was. Another asks for a word in the last event of the newest batch until it is found. From the acknowledgement until the search that found it began, and until its answer was there, ms:`,
  ];
  for (const corpus of await bench.corpora(MADE_FOR)) parts.push(await onCorpus(bench, corpus));
  return parts.join('\n\n');
}

async function onCorpus(bench, corpus) {
  const { rate, seconds } = bench.options;
  const store = join(bench.work, 'freshness-store');
  rmSync(store, { recursive: true, force: true });
  bench.talk(`freshness, ${seconds} s …`);
  const writer = startWriter([store, corpus.file, rate, seconds]);
  const first = await writer.next();
  const reader = await openStoreReader(store);
  try {
    await countIn(reader, first.word);
    const resident = await watch(writer, seconds * RESIDENT_SHARE, (word) => countIn(reader, word));
    const anew = await watch(writer, seconds, (word) => countAnew(store, word));
    const { events, bytes, took, cpuSeconds } = await writer.ended;
    const held = await countIn(reader, '*');
    if (held !== events) throw new Error(`${events} events acknowledged, ${held} found at the end`);
    const row = (name, { begun, answered, again }) => {
      const figures = [spread(begun), spread(answered)].flatMap(({ median, p95, max }) => [median, p95, max]);
      return [name, answered.length, ...figures.map(short), again];
    };
    return `${table(
      ['', 'asked', 'began p50', 'p95', 'max', 'answered p50', 'p95', 'max', 'had to ask again'],
      [
        ['a process that asks again and again', resident],
        ['a new `logs search -c` each time', anew],
      ]
        .filter(([, { answered }]) => answered.length > 0)
        .map(([name, seen]) => row(name, seen)),
    )}
${corpus.title}: ${(bytes / 1e6 / took).toFixed(1)} MB/s over ${took.toFixed(0)} s, ${Math.round(events / took).toLocaleString('en')} events/s, ${(cpuSeconds / took).toFixed(2)} cores for the writer. All ${events.toLocaleString('en')} events were there at the end.
`;
  } finally {
    await reader.close();
    writer.stop();
  }
}

/** Starts the writer; `next` waits for an acknowledgement that is newer than the last one given. */
function startWriter(args) {
  const child = fork(WRITER, args.map(String), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let newest;
  let wake = () => undefined;
  let over = false;
  const ended = new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (message.word === undefined) resolve(message);
      else newest = message;
      wake();
    });
    child.on('exit', (code) => {
      over = true;
      wake();
      reject(new Error(`the writer ended with ${code}`));
    });
  });
  // Whoever waits for it is told; until then nobody may.
  ended.catch(() => undefined);
  return {
    ended,
    async next() {
      // What came meanwhile has waited for this process, not for the store.
      await setImmediate();
      newest = undefined;
      while (newest === undefined && !over) {
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
      return newest;
    },
    stop: () => child.kill(),
  };
}

/** Until so many seconds after the writer began: delays in ms, and how often a search had to be asked again. */
async function watch(writer, untilSeconds, ask) {
  const [begun, answered] = [[], []];
  let asked = 0;
  for (;;) {
    const acknowledged = await writer.next();
    if (acknowledged === undefined || acknowledged.second > untilSeconds) {
      return { begun, answered, again: asked - answered.length };
    }
    const since = () => Number(process.hrtime.bigint() - BigInt(acknowledged.at)) / 1e6;
    let began;
    do {
      began = since();
      if (began > PATIENCE_MS) throw new Error(`${acknowledged.word} was acknowledged, and not found for ${began} ms`);
      asked += 1;
    } while ((await ask(acknowledged.word)) === 0);
    begun.push(began);
    answered.push(since());
  }
}

async function countAnew(store, word) {
  const out = [];
  await measure([...logs, 'search', '--store', store, '-c', word], { exits: [0, 1], onData: (data) => out.push(data) });
  return Number(Buffer.concat(out).toString());
}

function countIn({ store }, text) {
  const clock = { now: BigInt(Date.now()) * 1_000_000n, zone: 'UTC' };
  const { signal } = new AbortController();
  return count(store, { query: parseQuery(text), clock, range: {} }, newTally().report, signal);
}
