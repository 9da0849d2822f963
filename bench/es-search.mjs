// `node bench/es-search.mjs ADDRESS [EVENTS]`: how long searches and counts take on a day of 1,000,000 real events in
// Elasticsearch or OpenSearch, through our own reader without the start of a process. ADDRESS is that of a server to be
// used for nothing else: `es://127.0.0.1:9200`. The events are the Nezha set found through LOGS_TEST_DATA, over and over,
// their times shifted into one day. Loads them once, into `es-search-bench-…`; later runs find them there.
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { openElasticsearchSink } from '../dist/lib/adapters/elasticsearch/elasticsearch-sink.js';
import { openElasticsearchReader } from '../dist/lib/adapters/elasticsearch/read/reader.js';
import { parseFilter } from '../dist/lib/query/parse.js';

const [address, wanted = '1000000'] = process.argv.slice(2);
const events = Number(wanted);
const data = process.env.LOGS_TEST_DATA ?? '../shared/data';
const DAY = Date.UTC(2026, 0, 15);
/** Small enough for a test server with 512 MiB. */
const BATCH = 2000;
const RUNS = 25;
const signal = new AbortController().signal;
const clock = { now: BigInt(DAY + 86_400_000) * 1_000_000n, zone: 'UTC' };
const report = () => ({ scanned: 0, damage: [] });

const newest = (n) => ({
  ask: (reader, filter) => drain(reader, filter, { order: 'newest', limit: n }),
  name: `newest ${n}`,
});
const oldest = (n) => ({
  ask: (reader, filter) => drain(reader, filter, { order: 'oldest', limit: n }),
  name: `oldest ${n}`,
});
const statistics = (name, by, functions = [{ kind: 'count' }]) => ({
  name,
  ask: (reader, filter) => reader.aggregate({ filter, range: {}, clock, functions, by }, report(), signal),
});
const count = statistics('-c', []);
const by = (field) => ({ kind: 'field', field });

/** What is asked, and of which events. */
const QUERIES = [
  { asked: newest(100), text: '' }, { asked: newest(100), text: 'level:ERROR' }, { asked: newest(100), text: 'level>=WARN service:checkoutservice' }, { asked: oldest(100), text: '' },
  { asked: newest(100), text: '"Request Failed"' }, { asked: newest(100), text: 'timeout' }, { asked: newest(100), text: '*exception*' }, { asked: newest(100), text: 'zqxjneedle' },
  { asked: newest(100), text: 'message:/time(d )?out/' }, { asked: newest(100), text: '-service:frontend' }, { asked: newest(1000), text: '' },
  { asked: newest(100), text: '@timestamp>=2026-01-15T12:00 @timestamp<2026-01-15T13:00' }, { asked: newest(100), text: 'pod:frontend*' },
  { asked: count, text: '' }, { asked: count, text: 'level:ERROR' }, { asked: count, text: 'started' }, { asked: count, text: '"Request started"' }, { asked: count, text: '*exception*' }, { asked: count, text: 'NOT trace_id:*' },
  { asked: statistics('--by level', [by('level')]), text: '' }, { asked: statistics('--by service', [by('service')]), text: 'level:ERROR' },
  { asked: statistics('--every 1h', [{ kind: 'every', interval: 3_600_000_000_000n }]), text: '' },
  { asked: statistics('--every 1m --by level', [{ kind: 'every', interval: 60_000_000_000n }, by('level')]), text: 'level:ERROR' },
]; // biome-ignore format: a table

if (address === undefined) {
  process.stderr.write('usage: node bench/es-search.mjs es://HOST:9200 [EVENTS]\n');
  process.exitCode = 2;
} else await main(`${address}/es-search-bench`);

async function main(target) {
  const reader = await openLoaded(target);
  process.stdout.write('| What | Query | p50 ms | p95 ms | found |\n|---|---|--:|--:|--:|\n');
  for (const { asked, text } of QUERIES) {
    const { ask, name } = asked;
    const filter = parseFilter(text);
    const times = [];
    let found = 0;
    for (let run = 0; run < RUNS; run++) {
      const start = performance.now();
      const answer = await ask(reader, filter);
      times.push(performance.now() - start);
      found = typeof answer === 'number' ? answer : answer.rows.reduce((sum, row) => sum + Number(row.at(-1)), 0);
    }
    times.sort((a, b) => a - b);
    const at = (share) => times[Math.min(times.length - 1, Math.floor(times.length * share))].toFixed(1);
    process.stdout.write(`| ${name} | \`${text}\` | ${at(0.5)} | ${at(0.95)} | ${found} |\n`);
  }
  await reader.close();
}

async function drain(reader, filter, plan) {
  let found = 0;
  for await (const batch of reader.search({ filter, range: {}, clock, ...plan }, report(), signal))
    found += batch.length;
  return found;
}

/** The reader, when all events are there. */
async function openLoaded(target) {
  const there = await openElasticsearchReader(target).catch(() => undefined);
  const held = there === undefined ? 0 : (await count.ask(there, parseFilter(''))).rows[0][0];
  if (there !== undefined && held >= events) return there;
  await there?.close();
  const start = performance.now();
  await load(target);
  process.stderr.write(`loaded ${events} events in ${((performance.now() - start) / 1000).toFixed(0)} s\n`);
  for (;;) {
    const reader = await openElasticsearchReader(target);
    const seen = (await count.ask(reader, parseFilter(''))).rows[0][0];
    if (seen >= events) return reader;
    await reader.close();
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function load(target) {
  const sink = openElasticsearchSink(target, (text) => process.stderr.write(`${text}\n`));
  await sink.check(signal);
  let lines = [];
  let sent = 0;
  const underWay = new Set();
  const flush = async () => {
    const part = lines;
    lines = [];
    const batch = { bytes: Buffer.from(`${part.join('\n')}\n`), lines: part.length, events: part.length, context: {} };
    const sending = patiently(() => sink.send(batch, signal)).then(({ rejected }) => {
      if (rejected.length > 0) throw new Error(`refused: ${rejected[0].reason}`);
      underWay.delete(sending);
    });
    underWay.add(sending);
    if (underWay.size >= 2) await Promise.race(underWay);
  };
  while (sent < events) {
    for await (const line of linesOf(join(data, 'nezha/nezha-20mb.ndjson.gz'))) {
      if (sent >= events) break;
      const time = new Date(DAY + Math.floor((sent / events) * 86_400_000)).toISOString();
      lines.push(line.replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, time));
      sent++;
      if (lines.length === BATCH) await flush();
    }
  }
  if (lines.length > 0) await flush();
  await Promise.all(underWay);
  await sink.close();
}

/** A small server is busy now and then: ids say which events it has already. */
async function patiently(send) {
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (error.canRetry !== true) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

function linesOf(path) {
  if (!existsSync(path)) throw new Error(`${path} is not there: LOGS_TEST_DATA names the folder of real logs`);
  return createInterface({ input: createReadStream(path).pipe(createGunzip()) });
}
