import { CODECS } from '../../../../src/lib/adapters/kafka/codecs.ts';

export interface WrittenRecord {
  readonly offset: number;
  readonly time: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly (readonly [string, Buffer | null])[];
}

export interface WrittenBatch {
  readonly base: number;
  readonly last: number;
  readonly records: readonly WrittenRecord[];
  readonly codec?: keyof typeof CODECS | undefined;
  /** Written in the place of compressed records. */
  readonly garbage?: Buffer | undefined;
  /** The time that the broker gave all of them. */
  readonly appended?: number | undefined;
  readonly producer?: number;
  /** Flags: 16 for one of a transaction, 32 for the end of one. */
  readonly flags?: number;
}

const NUMBERS = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
const FIRST_TIME = 1_700_000_000_000;

const int16 = (value: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const int64 = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value) < 0n ? -BigInt(value) * 2n - 1n : BigInt(value) * 2n;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

const sized = (bytes: Buffer | null): Buffer =>
  bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes]);

function recordBytes({ offset, time, key, value, headers }: WrittenRecord, base: number): Buffer {
  const body = Buffer.concat([
    Buffer.of(0),
    varint(time - FIRST_TIME),
    varint(offset - base),
    sized(key),
    sized(value),
    varint(headers.length),
    ...headers.flatMap(([name, content]) => [sized(Buffer.from(name)), sized(content)]),
  ]);
  return sized(body);
}

/** A record batch as a broker sends it, but for its checksum. */
export async function batchBytes(batch: WrittenBatch): Promise<Buffer> {
  const { base, last, records, codec, garbage, appended, producer = -1, flags = 0 } = batch;
  const plain = Buffer.concat(records.map((each) => recordBytes(each, base)));
  const packed = codec === undefined ? plain : (garbage ?? (await CODECS[codec].compress(plain)));
  const attributes = flags | (codec === undefined ? 0 : NUMBERS[codec]) | (appended === undefined ? 0 : 8);
  const rest = Buffer.concat([
    int32(0),
    Buffer.of(2),
    int32(0),
    int16(attributes),
    int32(last - base),
    int64(FIRST_TIME),
    int64(appended ?? FIRST_TIME),
    int64(producer),
    int16(0),
    int32(0),
    int32(records.length),
    packed,
  ]);
  return Buffer.concat([int64(base), int32(rest.length), rest]);
}

/** What a broker answers to a fetch of version 11, of partition 2 of topic `t`. */
export function fetchAnswer(
  batches: readonly Buffer[],
  aborted: readonly { readonly producer: number; readonly first: number }[] = [],
): Buffer {
  const bytes = Buffer.concat(batches);
  return Buffer.concat([
    ...[int32(0), int16(0), int32(0), int32(1)],
    ...[int16(1), Buffer.from('t'), int32(1)],
    ...[int32(2), int16(0), int64(1000), int64(1000), int64(0)],
    int32(aborted.length),
    ...aborted.flatMap(({ producer, first }) => [int64(producer), int64(first)]),
    ...[int32(-1), int32(bytes.length), bytes],
  ]);
}
