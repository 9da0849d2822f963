/*
 * How large compressed bytes become, told without inflating them, so that nothing is allocated for a bomb. All of them
 * throw where the bytes are not of the format.
 */

const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
/** The magic, a version and the lowest compatible version. */
const XERIAL_HEADER = XERIAL.length + 8;

/** Whether snappy's bytes are framed as snappy-java does: blocks, each with its length before it. https://github.com/xerial/snappy-java */
export function isXerial(data: Buffer): boolean {
  return data.length >= XERIAL_HEADER && data.subarray(0, XERIAL.length).equals(XERIAL);
}

export function unframeXerial(data: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  let at = XERIAL_HEADER;
  while (at < data.length) {
    const length = data.length - at < 4 ? -1 : data.readInt32BE(at);
    if (length < 0 || at + 4 + length > data.length) throw new Error('its snappy framing ends in the middle');
    blocks.push(data.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return blocks;
}

/** Bytes that a block of snappy says it has. https://github.com/google/snappy/blob/main/format_description.txt */
export function snappySize(block: Buffer): number {
  let size = 0;
  for (let at = 0; at < 5; at += 1) {
    const byte = block[at];
    if (byte === undefined) break;
    size += (byte & 127) * 2 ** (7 * at);
    if (byte < 128) return size;
  }
  throw new Error('it is no snappy');
}

/** Of an LZ4 frame, the most bytes it can have: all its blocks full. https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md */
export function lz4Size(data: Buffer): number {
  if (data.length < 7 || data.readUInt32LE(0) !== 0x184d2204) throw new Error('it is no lz4 frame');
  const flags = data.readUInt8(4);
  const blockMost = 1 << (8 + 2 * ((data.readUInt8(5) >> 4) & 7));
  let at = 7 + ((flags & 8) === 0 ? 0 : 8) + ((flags & 1) === 0 ? 0 : 4);
  let size = 0;
  while (at + 4 <= data.length) {
    const word = data.readUInt32LE(at);
    if (word === 0) break;
    const length = word & 0x7fff_ffff;
    // One byte stands for 255 at the most.
    size += Math.min(blockMost, length * 255);
    at += 4 + length + ((flags & 16) === 0 ? 0 : 4);
  }
  return size;
}

/** Of a Zstandard frame, the bytes that its header says; undefined where it says none. RFC 8878, 3.1.1.1 */
export function zstdSize(data: Buffer): number | undefined {
  if (data.length < 6 || data.readUInt32LE(0) !== 0xfd2fb528) throw new Error('it is no zstd frame');
  const descriptor = data.readUInt8(4);
  const single = (descriptor & 32) !== 0;
  const kind = descriptor >> 6;
  if (kind === 0 && !single) return undefined;
  const at = 5 + (single ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] as number);
  if (at + (1 << kind) > data.length) throw new Error('its zstd frame ends in the middle');
  if (kind === 0) return data.readUInt8(at);
  if (kind === 1) return data.readUInt16LE(at) + 256;
  return kind === 2 ? data.readUInt32LE(at) : Number(data.readBigUInt64LE(at));
}
