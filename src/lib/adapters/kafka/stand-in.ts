/** More messages than a record batch of the largest usual size can have. */
const MOST = 1 << 20;
/** Bytes of one record: length, attributes, time, offset (at most 4), key, value, headers. */
const RECORD = 10;

const REASONS = new WeakMap<ArrayBufferLike, string>();

/**
 * Records in the place of those of a record batch that cannot be inflated: kafkajs would stop at it for good, for its
 * reader is not told where it stands. They are numbered on from the batch's first offset; their keys, empty, know why.
 * https://kafka.apache.org/documentation/#record
 */
export function standIn(codec: string, error: unknown): Buffer {
  const records = Buffer.allocUnsafeSlow(MOST * RECORD);
  let at = 0;
  for (let offset = 0; offset < MOST; offset += 1) {
    const start = at;
    at = records.writeUInt8(0, at + 1);
    at = records.writeUInt8(0, at);
    at = writeVarint(records, at, offset);
    at = records.writeUInt8(0, at);
    // A length of -1: there is no value.
    at = records.writeUInt8(1, at);
    at = records.writeUInt8(0, at);
    writeVarint(records, start, at - start - 1);
  }
  const reason = error instanceof Error ? error.message : String(error);
  REASONS.set(records.buffer, `its ${codec} cannot be inflated: ${reason}`);
  return records.subarray(0, at);
}

/** Why a message is a stand-in; undefined for one that was read. */
export function standInReason(key: Buffer | null): string | undefined {
  return key === null ? undefined : REASONS.get(key.buffer);
}

function writeVarint(into: Buffer, at: number, value: number): number {
  let rest = value * 2;
  let end = at;
  while (rest > 127) {
    end = into.writeUInt8((rest & 127) | 128, end);
    rest >>>= 7;
  }
  return into.writeUInt8(rest, end);
}
