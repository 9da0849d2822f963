// `node bench/elasticsearch.mjs [URL] [FILE]`: events a second through our bulk writer, from the bytes of each event to
// the server's answer, and through `helpers.bulk` of the client, which is given the documents; in turn,
// against the same server, each run into a new index. Prints the ratio of the medians.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Client, Transport } from '@elastic/elasticsearch';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [address = 'es://127.0.0.1:9200', file = join(root, '..', 'shared', 'data', 'nezha', 'nezha-00.ndjson.gz')] =
  process.argv.slice(2);
const EVENTS = Number(process.env.EVENTS ?? 50_000);
const RUNS = Number(process.env.RUNS ?? 5);
const BATCH = Number(process.env.BATCH ?? 5000);
/** More is more than a server with 512 MiB bears. */
const IN_FLIGHT = Number(process.env.IN_FLIGHT ?? 2);

const { openElasticsearchSink, openIndexAdmin, documentOf, formatLogId, parseEvent } = await ours();
const { signal } = new AbortController();
const lines = events(file);
const receivedMs = Date.now();
const ids = lines.map((_, at) => formatLogId(receivedMs, '0123456789ab', 0, at));
const documents = lines.map((line, at) => documentOf(parseEvent(line, {}, BigInt(receivedMs) * 1_000_000n, ids[at])));
const client = new Client({ node: httpUrl(), Transport: plainTransport(), compression: false });

const objects = documents.map((text) => JSON.parse(text));

// The helper is given objects, as programs have them, and, faster than any program can, their JSON ready made.
const ways = {
  ours: writeOurs,
  helper: (base) => writeHelper(base, objects),
  ready: (base) => writeHelper(base, documents),
};
const rates = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
for (let run = 0; run <= RUNS; run++) {
  for (const [name, write] of Object.entries(ways)) {
    const base = `bench-${name}-${process.pid}-${run}`;
    await withIndices(base, async () => {
      const began = performance.now();
      await write(base);
      const rate = lines.length / ((performance.now() - began) / 1000);
      // The first of each warms up server and compiler.
      if (run > 0) rates[name].push(rate);
      process.stdout.write(
        `${run === 0 ? 'warm-up' : `run ${run}`}  ${name.padEnd(6)}  ${Math.round(rate)} events/s\n`,
      );
    });
  }
}
await client.close();
const [mine, theirs, ready] = Object.keys(ways).map((name) => median(rates[name]));
process.stdout.write(
  `ours, from the bytes of each event ${Math.round(mine)} events/s
helpers.bulk, given objects        ${Math.round(theirs)} events/s: ${(mine / theirs).toFixed(2)}
helpers.bulk, given JSON           ${Math.round(ready)} events/s: ${(mine / ready).toFixed(2)}
`,
);

async function writeOurs(base) {
  const sink = openElasticsearchSink(`${address}/${base}`, () => undefined);
  const batches = [];
  for (let at = 0; at < lines.length; at += BATCH) {
    const some = lines.slice(at, at + BATCH);
    const bytes = Buffer.concat(some.flatMap((line) => [line, Buffer.from('\n')]));
    batches.push({ bytes, lines: some.length, events: some.length, context: {}, ids: ids.slice(at, at + BATCH) });
  }
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (let batch = batches.shift(); batch !== undefined; batch = batches.shift()) {
        const { accepted } = await sink.send(batch, signal);
        if (accepted !== batch.events) throw new Error(`${batch.events - accepted} events were not accepted`);
      }
    }),
  );
  await sink.close();
}

async function writeHelper(base, given) {
  let at = 0;
  const { successful } = await client.helpers.bulk({
    datasource: (async function* () {
      yield* given;
    })(),
    onDocument: () => {
      const day = documents[at].slice(15, 25).replaceAll('-', '.');
      return { create: { _index: `${base}-${day}`, _id: ids[at++] } };
    },
    flushBytes: 4 * 1024 * 1024,
    concurrency: IN_FLIGHT,
  });
  if (successful !== lines.length) throw new Error(`${lines.length - successful} documents were not accepted`);
}

/** The same template for both; gone afterwards, and the indices with it. */
async function withIndices(base, work) {
  const admin = openIndexAdmin(`${address}/${base}`, () => undefined);
  await admin.setUp({ shards: 1, replicas: 0 }, signal);
  await admin.close();
  try {
    await work();
  } finally {
    await client.transport.request({ method: 'DELETE', path: `/${base}-*` });
    await client.transport.request({ method: 'DELETE', path: `/_index_template/logs-toolkit-${base}` });
  }
}

function events(path) {
  const raw = readFileSync(resolve(process.env.INIT_CWD ?? '.', path));
  const bytes = path.endsWith('.gz') ? gunzipSync(raw) : raw;
  const found = [];
  for (let at = 0; at < bytes.length && found.length < EVENTS; ) {
    const end = bytes.indexOf(10, at);
    const to = end === -1 ? bytes.length : end;
    if (to > at) found.push(bytes.subarray(at, to));
    at = to + 1;
  }
  return found;
}

/** Our own parts, which the command's bundle has only inside. */
async function ours() {
  const folder = mkdtempSync(join(root, 'node_modules', '.bench-'));
  try {
    const outfile = join(folder, 'ours.mjs');
    await build({
      stdin: {
        contents: `
          export { openElasticsearchSink } from './src/lib/adapters/elasticsearch/elasticsearch-sink.ts';
          export { openIndexAdmin } from './src/lib/adapters/elasticsearch/admin/index-admin.ts';
          export { documentOf } from './src/lib/adapters/elasticsearch/document/document-of.ts';
          export { formatLogId } from './src/lib/record/log-id.ts';
          export { parseEvent } from './src/lib/parse/parse-event.ts';`,
        resolveDir: root,
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      outfile,
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function httpUrl() {
  return address.replace(/^(?:es|opensearch)(\+https)?:/, (_, tls) => (tls === undefined ? 'http:' : 'https:'));
}

function plainTransport() {
  return class extends Transport {
    constructor({ productCheck: _, ...options }) {
      super({
        ...options,
        vendoredHeaders: {
          jsonContentType: 'application/json',
          ndjsonContentType: 'application/x-ndjson',
          accept: 'application/json',
        },
      });
    }
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
