import { codecOf, MAX_INFLATED } from './codecs.ts';

/** A record batch as it was fetched: its records are not inflated and not read yet. */
export interface RecordBatch {
  /** Offsets: what the records' count from, and the last that it has or had before the topic was compacted. */
  readonly base: number;
  readonly last: number;
  readonly count: number;
  /** Milliseconds since 1970: what the records' times count from; all have `appended` where the broker sets them. */
  readonly firstTime: number;
  readonly appended: number | undefined;
  readonly attributes: number;
  readonly producer: bigint;
  /** As they came, compressed or not. */
  readonly records: Buffer;
}

/** Its records, not compressed, or why there are none. */
export type Inflated = Buffer | { readonly damaged: string };

const MAGIC = 2;
/** Bytes before the records; those of them that its length does not count. */
const HEADER = 61;
const UNCOUNTED = 12;
const COMPRESSION = 7;
const APPEND_TIME = 8;
const TRANSACTIONAL = 16;
const CONTROL = 32;

/** Whether messages are in record batches, as since Kafka 0.11; before, they were in sets that are something else. */
export function hasRecordBatches(bytes: Buffer): boolean {
  return bytes[16] === MAGIC;
}

/** The whole record batches there are; a broker may cut the last one off. https://kafka.apache.org/documentation/#recordbatch */
export function recordBatches(bytes: Buffer): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const end = at + UNCOUNTED + bytes.readInt32BE(at + 8);
    if (end > bytes.length || end < at + HEADER || bytes[at + 16] !== MAGIC) break;
    const base = Number(bytes.readBigInt64BE(at));
    const attributes = bytes.readInt16BE(at + 21);
    batches.push({
      base,
      last: base + bytes.readInt32BE(at + 23),
      count: Math.max(bytes.readInt32BE(at + 57), 0),
      firstTime: Number(bytes.readBigInt64BE(at + 27)),
      appended: (attributes & APPEND_TIME) === 0 ? undefined : Number(bytes.readBigInt64BE(at + 35)),
      attributes,
      producer: bytes.readBigInt64BE(at + 43),
      records: bytes.subarray(at + HEADER, end),
    });
    at = end;
  }
  return batches;
}

export function isTransactional({ attributes }: RecordBatch): boolean {
  return (attributes & TRANSACTIONAL) !== 0;
}

/** Whether it says how a transaction ended, and holds no messages. */
export function isControl({ attributes }: RecordBatch): boolean {
  return (attributes & CONTROL) !== 0;
}

/** Never rejects. Inflates to no more than `MAX_INFLATED` bytes. */
export async function inflated({ attributes, records }: RecordBatch): Promise<Inflated> {
  const compression = attributes & COMPRESSION;
  if (compression === 0) return records;
  const found = codecOf(compression);
  if (found === undefined) return { damaged: `its compression, number ${compression}, is not known` };
  try {
    return await found.codec.decompress(records, MAX_INFLATED);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { damaged: `its ${found.name} cannot be inflated: ${reason}` };
  }
}
