import fc from 'fast-check';
import fetchResponse from 'kafkajs/src/protocol/requests/fetch/v11/response.js';
import { describe, expect, it } from 'vitest';
import { messagesOf } from '../../../../src/lib/adapters/kafka/batch-messages.ts';
import { installCodecs } from '../../../../src/lib/adapters/kafka/codecs.ts';
import { cutBatches } from '../../../../src/lib/adapters/kafka/cut-batches.ts';
import { decodeFetch } from '../../../../src/lib/adapters/kafka/fetch-response.ts';
import { Batch } from '../../../../src/lib/adapters/kafka/kafkajs-api.ts';
import type { Unread } from '../../../../src/lib/adapters/kafka/kafka-transport.ts';
import type { Reading } from '../../../../src/lib/adapters/kafka/read-message.ts';
import { received } from '../../../../src/lib/adapters/kafka/received.ts';
import { formatLogId } from '../../../../src/lib/record/log-id.ts';
import { batchBytes, fetchAnswer, type WrittenBatch, type WrittenRecord } from './fetch-answer.ts';

installCodecs();
const kafkajsDecode = fetchResponse.decode;

const TIME = 1_700_000_000_000;
const [ID, OTHER] = [formatLogId(TIME, 'aabbccddeeff', 3, 4), formatLogId(TIME, 'aabbccddeeff', 4, 0)];

async function unread(decode: typeof kafkajsDecode, answer: Buffer, from: number): Promise<Unread> {
  // What is read is written over.
  const { responses } = (await decode(Buffer.from(answer))) as { responses: { partitions: object[] }[] };
  const batch = new Batch('t', String(from), responses[0]?.partitions[0]);
  const next = Number(batch.lastOffset()) + 1;
  return { topic: 't', partition: 2, parts: batch.messages.map(received), first: from, next };
}

const avro: Reading['avro'] = { read: async (value) => Buffer.from(JSON.stringify({ avro: value.length })) };

async function cut(decode: typeof kafkajsDecode, answer: Buffer, from: number, withAvro: boolean) {
  const reading: Reading = { cluster: 'c', avro: withAvro ? avro : undefined, contexts: new Map() };
  const batches = await cutBatches(await unread(decode, answer, from), from, reading);
  return batches.map(({ batch, unreadable, ...range }) => ({
    ...range,
    unreadable: unreadable.map((each) => ({ ...each, bytes: Buffer.from(each.bytes).toString('latin1') })),
    batch: { ...batch, bytes: Buffer.from(batch.bytes).toString('latin1'), origin: undefined },
    origins: batch.ids?.map((_, at) => batch.origin?.(at)),
  }));
}

const textOf = (messages: Unread['parts']) =>
  JSON.stringify(
    messages.map((each) => ('records' in each ? each : { ...each, value: each.value?.toString('latin1') ?? null })),
  );

const values = [
  ...['one', '{"a":1}', '', '\n', 'x\n', '\n\n', 'two\nlines', 'ends\n\n', '\nbegins', '\0avro', 'ä€', '\u000a x'],
  ...['{"schema":1,"payload":{"b":2}}', '{"schema":1,"payload":null}', '{"schema":', '{"schema":"x","y":1}\n'],
];
const value = fc.oneof(
  { weight: 90, arbitrary: fc.constantFrom(...values).map((text) => Buffer.from(text)) },
  { weight: 40, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 8, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant(Buffer.alloc((1 << 20) + 1, 'x')) },
);
const text = (...of: string[]) =>
  fc.constantFrom(...of, null).map((each) => (each === null ? null : Buffer.from(each)));
const header = fc.oneof(
  fc.tuple(fc.constant('log_id'), text(ID, ID, ID, OTHER, 'no id', ID.toLowerCase(), 'ä'.repeat(16))),
  fc.tuple(fc.constant('log_context'), text('{}', '{"file":"a"}', '{"file":"a"}', '{"file":"b"}', '[', '{')),
  fc.tuple(fc.constantFrom('content-type', 'log_ix', 'größe', ''), text('text/plain', '')),
);
const ours = fc.constantFrom('{}', '{"file":"a"}').map((context): [string, Buffer | null][] => [
  ['log_id', Buffer.from(ID)],
  ['content-type', Buffer.from('text/plain')],
  ['log_context', Buffer.from(context)],
]);
const record = fc.record({
  gap: fc.constantFrom(0, 0, 0, 1, 70),
  delay: fc.constantFrom(0, 1, -5, 63, 64, 1_000_000, 5_000_000_000),
  key: text('shop', 'shop', 'a b', 'x'.repeat(300), ''),
  value,
  headers: fc.oneof(ours, fc.array(header, { maxLength: 4 })),
});
const batch = fc.record({
  gap: fc.constantFrom(0, 0, 3),
  records: fc.array(record, { minLength: 1, maxLength: 12 }),
  codec: fc.constantFrom(undefined, 'gzip' as const, 'snappy' as const, 'lz4' as const, 'zstd' as const),
  garbage: fc.oneof(
    { weight: 20, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.constant(Buffer.from('no such thing')) },
  ),
  appended: fc.constantFrom(undefined, undefined, TIME + 77),
});

function written(drafts: readonly (typeof batch extends fc.Arbitrary<infer T> ? T : never)[]): WrittenBatch[] {
  let next = 40;
  return drafts.map(({ gap, records, ...rest }) => {
    const base = next + gap;
    next = base;
    const placed = records.map((each): WrittenRecord => {
      // kafkajs takes the messages of a damaged batch for one without gaps.
      const offset = next + (rest.garbage !== undefined && rest.codec !== undefined ? 0 : each.gap);
      next = offset + 1;
      return { ...each, offset, time: TIME + each.delay };
    });
    return { base, last: next - 1, records: placed, ...rest };
  });
}

const one = (offset: number, value: string, more: Partial<WrittenBatch> = {}): WrittenBatch => ({
  base: offset,
  last: offset,
  records: [{ offset, time: TIME, key: null, value: Buffer.from(value), headers: [] }],
  ...more,
});
const answerOf = async (batches: readonly WrittenBatch[], aborted?: Parameters<typeof fetchAnswer>[1]) =>
  fetchAnswer(await Promise.all(batches.map(batchBytes)), aborted);
const textsOf = async (answer: Buffer, from: number) =>
  (await cut(decodeFetch, answer, from, false)).flatMap(({ batch: { bytes } }) => bytes.split('\n').slice(0, -1));

describe('what is fetched', () => {
  it('becomes the same batches as of the messages that kafkajs makes of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        async (drafts, part, withAvro) => {
          const batches = written(drafts);
          const last = batches.at(-1)?.records.at(-1)?.offset ?? 40;
          const from = 40 + Math.floor((last - 40) * part);
          const answer = await answerOf(batches);
          const [mine, theirs] = [
            await cut(decodeFetch, answer, from, withAvro),
            await cut(kafkajsDecode, answer, from, withAvro),
          ];
          expect(mine).toEqual(theirs);
          const [ourMessages, messages] = [
            await unread(decodeFetch, answer, from),
            await unread(kafkajsDecode, answer, from),
          ];
          expect(textOf(await messagesOf(ourMessages.parts, from))).toBe(textOf(messages.parts));
          expect(ourMessages.next).toBe(messages.next);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('has nothing of transactions that were given up, and goes on behind them', async () => {
    const marker = (offset: number, producer: number, kind: number): WrittenBatch => ({
      ...one(offset, ''),
      records: [{ offset, time: TIME, key: Buffer.from([0, 0, 0, kind]), value: Buffer.alloc(6), headers: [] }],
      producer,
      flags: 48,
    });
    const of = (producer: number) => ({ producer, flags: 16 });
    const batches = [
      one(40, 'a', of(1)),
      one(41, 'b', of(2)),
      one(42, 'c', { producer: 1 }),
      marker(43, 1, 0),
      one(44, 'd', of(1)),
      marker(45, 2, 0),
      marker(46, 1, 1),
    ];
    // Both began before what was fetched.
    const answer = await answerOf(batches, [
      { producer: 2, first: 30 },
      { producer: 1, first: 31 },
    ]);
    expect(await textsOf(answer, 40)).toEqual(['c', 'd']);
    expect((await unread(decodeFetch, answer, 40)).next).toBe(47);
  });

  it('passes over what compaction took out of a batch, and a batch of which nothing is left', async () => {
    const answer = await answerOf([
      { ...one(40, 'a'), last: 60 },
      { base: 61, last: 70, records: [] },
    ]);
    expect(await textsOf(answer, 40)).toEqual(['a']);
    expect((await unread(decodeFetch, answer, 40)).next).toBe(71);
  });

  it('leaves a batch that the broker cut off for the next fetch', async () => {
    const whole = await batchBytes(one(40, 'a'));
    const answer = fetchAnswer([whole, (await batchBytes(one(41, 'b'))).subarray(0, -3)]);
    expect(await textsOf(answer, 40)).toEqual(['a']);
    expect((await unread(decodeFetch, answer, 40)).next).toBe(41);
  });

  it('says of records that are cut short where they are, and reads on behind their batch', async () => {
    const records = [40, 41, 42].map((offset) => ({ ...(one(offset, `r${offset}`).records[0] as WrittenRecord) }));
    const bytes = await batchBytes({ base: 40, last: 42, records });
    const short = Buffer.from(bytes.subarray(0, -4));
    short.writeInt32BE(short.length - 12, 8);
    const answer = fetchAnswer([short, await batchBytes(one(43, 'next'))]);
    expect(await textsOf(answer, 40)).toEqual(['r40', 'r41', 'next']);
    const [first] = await cut(decodeFetch, answer, 40, false);
    expect(first?.unreadable).toMatchObject([
      { origin: { offset: '42' }, reason: expect.stringContaining('ends before') },
    ]);
  });
});
