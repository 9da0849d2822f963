// `node bench/kafka.mjs URL [FILE]`: what writing to and reading from Kafka costs, beside kafkajs alone in the same run:
// one partition a send, without keys and headers, and a consumer that only counts. URL: a broker, `kafka://127.0.0.1:9092`
// (`npm run servers -- up kafka` starts one). Topics named `logs-bench-…` are made and deleted.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { CODECS, installCodecs } from '../dist/lib/adapters/kafka/codecs.js';
import { openKafkaSink } from '../dist/lib/adapters/kafka/kafka-sink.js';
import { openKafkaSource } from '../dist/lib/adapters/kafka/kafka-source.js';

const ROUNDS = 5;
const EVENTS = 60_000;
const BATCH = 10_000;
const PARTITIONS = 4;
/** What kafkajs is given in a send: more is slower, its time grows with the square. */
const SEND = 500;
const COMPRESSION = 'lz4';

/** What our own member asks for, see kafkajs-transport.ts. */
const FETCH = { maxWaitTimeInMs: 250, maxBytes: 4 << 20, maxBytesPerPartition: 1 << 20 };

let groups = 0;

const [address, file] = process.argv.slice(2);
if (address === undefined) {
  process.stderr.write('which broker? node bench/kafka.mjs kafka://127.0.0.1:9092 [FILE]\n');
  process.exit(2);
}
const signal = new AbortController().signal;
const { bytes, starts, count } = eventsOf(file);
const client = new kafkajs.Kafka({ brokers: [address.replace('kafka://', '')], logLevel: 0 });
const admin = client.admin();
await admin.connect();
const topic = `logs-bench-${Date.now()}`;
await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }] });

try {
  process.stdout.write(
    `${count} events of ${Math.round(bytes.length / count)} bytes, ${COMPRESSION}, ${ROUNDS} rounds\n`,
  );
  const ways = [
    ['write: kafkajs alone', writeAlone],
    ['write: bytes, no key', () => writeOurs('key=none')],
    ['write: bytes, by service', () => writeOurs('key=service')],
    ['write: parsed, as JSON, by service', () => writeOurs('key=service&format=json')],
    ['read: kafkajs alone', readAlone],
    ['read: ours', readOurs],
  ];
  const runs = ways.map(() => []);
  // In turn, so that what else the machine does meets all alike.
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [at, [, run]] of ways.entries()) runs[at].push(await run());
  }
  for (const [at, [name]] of ways.entries()) {
    const base = medianOf(runs[at < 4 ? 0 : 4], 'rate');
    const [rate, cpu] = [medianOf(runs[at], 'rate'), medianOf(runs[at], 'cpu')];
    process.stdout.write(
      `${name.padEnd(36)} ${Math.round(rate)} events/s  ${(rate / base).toFixed(2)}x  ${cpu.toFixed(2)} us CPU each\n`,
    );
  }
} finally {
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
}

/** The first events of a file, or events of 700 bytes. */
function eventsOf(path) {
  const raw = path === undefined ? made() : readFileSync(path);
  const all = path?.endsWith('.gz') ? gunzipSync(raw) : raw;
  const found = [0];
  for (let at = all.indexOf(10); at !== -1 && found.length <= EVENTS; at = all.indexOf(10, at + 1)) found.push(at + 1);
  return { bytes: all.subarray(0, found.at(-1)), starts: found, count: found.length - 1 };
}

function made() {
  const line = (n) =>
    JSON.stringify({
      time: 1_700_000_000_000 + n,
      level: 'info',
      service: `s${n % 40}`,
      message: `${n} ${'word '.repeat(125)}`,
      n,
    });
  return Buffer.from(`${Array.from({ length: EVENTS }, (_, n) => line(n)).join('\n')}\n`);
}

function medianOf(runs, what) {
  return runs.map((run) => run[what]).sort((a, b) => a - b)[ROUNDS >> 1];
}

/** A clock of so many events: events in a second, and microseconds of this process's CPU for each. */
function clock() {
  const [began, used] = [performance.now(), process.cpuUsage()];
  return (events) => {
    const { user, system } = process.cpuUsage(used);
    return { rate: (events / (performance.now() - began)) * 1000, cpu: (user + system) / events };
  };
}

async function timed(work) {
  const stop = clock();
  await work();
  return stop(count);
}

async function writeAlone() {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.LZ4] = () => ({ compress: ({ buffer }) => CODECS.lz4.compress(buffer) });
  const producer = client.producer({ idempotent: true, allowAutoTopicCreation: false });
  await producer.connect();
  const lanes = Array.from({ length: PARTITIONS }, () => []);
  for (let from = 0; from < count; from += SEND) {
    const partition = (from / SEND) % PARTITIONS;
    const messages = [];
    for (let n = from; n < Math.min(count, from + SEND); n += 1) {
      messages.push({ partition, value: bytes.subarray(starts[n], starts[n + 1] - 1) });
    }
    lanes[partition].push(messages);
  }
  const compression = CompressionTypes.LZ4;
  const rate = await timed(() =>
    Promise.all(
      lanes.map(async (lane) => {
        for (const messages of lane) await producer.send({ topic, messages, compression, acks: -1 });
      }),
    ),
  );
  await producer.disconnect();
  return rate;
}

async function writeOurs(params) {
  const sink = await openKafkaSink(`${address}/${topic}?compression=${COMPRESSION}&${params}`);
  await sink.check(signal);
  const rate = await timed(async () => {
    for (let from = 0; from < count; from += BATCH) {
      const to = Math.min(count, from + BATCH);
      const batch = {
        bytes: bytes.subarray(starts[from], starts[to]),
        lines: to - from,
        events: to - from,
        context: {},
      };
      const { accepted } = await sink.send(batch, signal);
      if (accepted !== to - from) throw new Error(`${accepted} of ${to - from} were accepted`);
    }
  });
  await sink.close();
  return rate;
}

async function readAlone() {
  installCodecs();
  const consumer = client.consumer({ groupId: `${topic}-${groups++}`, ...FETCH });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let read = 0;
  let stop;
  let result;
  await new Promise((resolve) => {
    void consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: PARTITIONS,
      async eachBatch({ batch }) {
        stop ??= clock();
        read += batch.messages.length;
        if (read < count * 4) return;
        result = stop(read);
        resolve();
      },
    });
  });
  await consumer.disconnect();
  return result;
}

async function readOurs() {
  const source = await openKafkaSource(`${address}/${topic}?group=${topic}-${groups++}`);
  let read = 0;
  let stop;
  let result;
  for await (const { batch, done } of source.read(new Map(), { follow: true }, signal)) {
    stop ??= clock();
    read += batch.events;
    done();
    if (read < count * 4) continue;
    result = stop(read);
    break;
  }
  await source.close();
  return result;
}
