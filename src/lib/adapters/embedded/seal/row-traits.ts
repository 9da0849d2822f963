import { TEXT_NAMES } from '../../../query/key-columns.ts';
import { COLUMNS, ROW_FLAGS } from '../../../query/sql-columns.ts';
import { DAY_NS } from '../../../record/time.ts';
import type { ScannedColumn, ScannedGroup } from '../scan/scanned-group.ts';
import { keyColumn } from '../segment/segment.ts';

/** What a commit tells of the rows of a segment, so that no statement has to look for what none of them has. */
export class RowTraits {
  /** Flags that some row has. */
  flags = 0;
  /** Columns whose values were taken out of messages, numbered as their marks have them. */
  readonly marked = new Set<number>();
  /** Those of them of which some value taken out has more than hexadecimal digits and `-`. */
  readonly #words = new Set<number>();
  /** Numbers of the promoted columns that do not tell all of some row. */
  readonly opaque = new Set<number>();
  /** Whether a line, or a value taken out of one, holds the name of a text field beside the message. */
  namesTexts = false;
  /** Whether some message begins with white space or a brace, or is empty. */
  objects = false;
  readonly #keyColumns: readonly string[];

  constructor(keys: number) {
    this.#keyColumns = Array.from({ length: keys }, (_, number) => keyColumn(number));
  }

  add(group: Pick<ScannedGroup, 'columns' | 'flags' | 'marked' | 'words' | 'objects'>): void {
    this.flags |= group.flags;
    for (const number of group.marked) this.marked.add(number);
    for (const number of group.words) this.#words.add(number);
    if ((group.flags & ROW_FLAGS.OPAQUE) !== 0) this.#addOpaque(group.columns);
    this.namesTexts ||= nameTexts(group.columns);
    this.objects ||= group.objects;
  }

  /** Columns of `marked` of which all values taken out are hexadecimal digits and `-`. */
  hex(): ReadonlySet<number> {
    return new Set([...this.marked].filter((number) => !this.#words.has(number)));
  }

  /** Where some row does not tell all of its keys: a value that a column cannot have is none in it. */
  #addOpaque(columns: readonly ScannedColumn[]): void {
    const keys = this.#keyColumns.map((key) => columns.find(({ name }) => name === key));
    const flags = columns.find(({ name }) => name === COLUMNS.flags)?.values ?? [];
    let row = 0;
    for (const piece of flags) {
      for (const ofRow of numbersOf(piece)) {
        if ((ofRow & ROW_FLAGS.OPAQUE) !== 0)
          for (const [number, key] of keys.entries())
            if (key !== undefined && !isSet(key.present, row)) this.opaque.add(number);
        row += 1;
      }
    }
  }
}

function nameTexts(columns: readonly ScannedColumn[]): boolean {
  return columns.some(({ name, type, repeated, values }) => {
    if (type !== 'text' || name === COLUMNS.message || name === COLUMNS.context) return false;
    const pieces = [...(repeated?.values ?? []), ...values];
    return pieces.some((piece) => TEXT_NAMES.some((text) => bufferOf(piece).includes(text)));
  });
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function isSet(bits: Uint8Array, at: number): boolean {
  return (((bits[at >>> 3] ?? 0) >>> (at & 7)) & 1) === 1;
}

/** Of 32 bits, wherever they begin. */
function numbersOf(piece: Uint8Array): Int32Array {
  const { buffer, byteOffset, byteLength } = piece.byteOffset % 4 === 0 ? piece : Uint8Array.from(piece);
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}

/** Adds the days of times, from 1970, which are never repeated values. Those of neighbours are most often the same. */
export function addDays(days: Set<number>, columns: readonly ScannedColumn[]): void {
  let from = 0n;
  let to = 0n;
  for (const piece of columns.find(({ name }) => name === COLUMNS.ts)?.values ?? []) {
    const { buffer, byteOffset, byteLength } = piece.byteOffset % 8 === 0 ? piece : Uint8Array.from(piece);
    for (const ts of new BigInt64Array(buffer, byteOffset, byteLength / 8)) {
      if (ts >= from && ts < to) continue;
      const day = ts >= 0n || ts % DAY_NS === 0n ? ts / DAY_NS : ts / DAY_NS - 1n;
      days.add(Number(day));
      from = day * DAY_NS;
      to = from + DAY_NS;
    }
  }
}
