import type { ScannerMemory } from './scanner-memory.ts';
import type { StoredRow } from './stored-row.ts';
import type { ScannerExports } from './wasm.ts';

/** `SlowRow` of src/scanner/slow-row.ts: 64 bits of time, then 32 for each member. */
const ROW_BYTES = 40;
const PAIR_BYTES = 8;

/** Hands a row that `parseEvent` has made to the scanner. */
export function writeSlowRow(wasm: Pick<ScannerExports, 'slowArea'>, memory: ScannerMemory, row: StoredRow): void {
  const texts = [row.texts, row.message, row.rest, ...row.values];
  const head = ROW_BYTES + row.values.length * PAIR_BYTES;
  const room = texts.reduce((sum, text) => sum + (text === undefined ? 0 : Buffer.byteLength(text)), head);
  const at = wasm.slowArea(room);
  const { bytes } = memory;
  bytes.writeBigInt64LE(row.ts, at);
  bytes.writeInt32LE(row.level, at + 8);
  bytes.writeUInt32LE(row.flags, at + 12);
  let text = at + head;
  texts.forEach((value, number) => {
    // The first three are members of the row, 16 bytes into it; the pairs follow them.
    const pair = at + 16 + number * PAIR_BYTES;
    const length = value === undefined ? 0 : bytes.write(value, text, 'utf8');
    bytes.writeUInt32LE(value === undefined ? 0 : text, pair);
    bytes.writeUInt32LE(length, pair + 4);
    text += length;
  });
}
