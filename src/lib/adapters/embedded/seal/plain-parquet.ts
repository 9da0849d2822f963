import { writevSync } from 'node:fs';
import type { PlainFile } from './plain-files.ts';
import type { RepeatedValues, ScannedColumn } from '../scan/scanned-group.ts';
import { ThriftCompact } from './thrift-compact.ts';

/** Physical type and converted type of parquet.thrift. */
const PHYSICAL: Record<ScannedColumn['type'], { type: number; converted?: number }> = {
  int8: { type: 1, converted: 15 },
  int32: { type: 1 },
  int64: { type: 2 },
  text: { type: 6, converted: 0 },
  bytes: { type: 6 },
};

interface WrittenChunk {
  readonly offset: number;
  /** Where the first page is that is no dictionary. */
  readonly data: number;
  readonly bytes: number;
  readonly rows: number;
}

/** Page types and encodings of parquet.thrift. */
const PAGE = { data: 0, dictionary: 2 } as const;
const PLAIN = 0;
const RLE = 3;
const RLE_DICTIONARY = 8;
/** Bits of a number of a dictionary's value, and how many numbers are packed together (parquet Encodings.md). */
const NUMBER_BITS = 16;
const PACKED = 8;
const PADDING = new Uint8Array((PACKED * NUMBER_BITS) / 8);

/** writev(2) takes no more at once on Linux (IOV_MAX). */
const MOST_PIECES = 1024;

/**
 * Writes an uncompressed Parquet file, values in PLAIN encoding, those that come again in dictionaries, straight from
 * the memory of the scanner. It hands rows to DuckDB without a call and a value of its own for each cell. Never a file of the store itself.
 */
export class PlainParquetWriter {
  readonly #fd: number;
  readonly #size: number;
  #columns: readonly Pick<ScannedColumn, 'name' | 'type'>[] = [];
  readonly #groups: WrittenChunk[][] = [];
  #pieces: Uint8Array[] = [Buffer.from('PAR1')];
  #offset = 4;
  #written = 0;
  #rows = 0;

  /** `size`: of a file that is written over, which keeps what it has between the last row group and the footer. */
  constructor({ fd, size }: PlainFile) {
    this.#fd = fd;
    this.#size = size;
  }

  /** Writes one row group; all groups have the same columns. */
  writeGroup(rows: number, columns: readonly ScannedColumn[]): void {
    if (this.#groups.length === 0) this.#columns = columns.map(({ name, type }) => ({ name, type }));
    this.#groups.push(
      columns.map(({ present, repeated, values }) => {
        const offset = this.#offset;
        if (repeated !== undefined) this.#add(dictionaryHeader(repeated), ...repeated.values);
        const data = this.#offset;
        const numbered = repeated?.rows ?? 0;
        if (repeated !== undefined) {
          const { numbers } = repeated;
          const groups = Math.ceil(numbers.length / PADDING.length);
          const head = Buffer.from([NUMBER_BITS, ...varint(groups * 2 + 1)]);
          const padding = PADDING.subarray(0, groups * PADDING.length - numbers.length);
          const levels = present.subarray(0, Math.ceil(numbered / 8));
          this.#addPage(numbered, levels, RLE_DICTIONARY, [head, numbers, padding]);
        }
        if (numbered < rows) this.#addPage(rows - numbered, present.subarray(numbered / 8), PLAIN, values);
        return { offset, data, bytes: this.#offset - offset, rows };
      }),
    );
    this.#write(this.#written);
    this.#rows += rows;
  }

  /** Writes the footer, at the end of the file. The file descriptor stays open. */
  finish(): void {
    const footer = this.#footer();
    const tail = Buffer.alloc(8);
    tail.writeUInt32LE(footer.length, 0);
    tail.write('PAR1', 4, 'latin1');
    this.#add(footer, tail);
    this.#write(Math.max(this.#written, this.#size - footer.length - tail.length));
  }

  #footer(): Buffer {
    const meta = new ThriftCompact();
    meta.i32(1, 1);
    meta.structs<Pick<ScannedColumn, 'name' | 'type'> | undefined>(2, [undefined, ...this.#columns], (column) => {
      if (column === undefined) {
        meta.text(4, 'schema');
        meta.i32(5, this.#columns.length);
        return;
      }
      const { type, converted } = PHYSICAL[column.type];
      meta.i32(1, type);
      meta.i32(3, 1);
      meta.text(4, column.name);
      if (converted !== undefined) meta.i32(6, converted);
    });
    meta.i64(3, this.#rows);
    meta.structs(4, this.#groups, (group) => {
      meta.structs(1, [...group.entries()], ([at, chunk]) => {
        const column = this.#columns[at];
        meta.i64(2, chunk.offset);
        meta.struct(3, () => {
          meta.i32(1, PHYSICAL[column?.type ?? 'bytes'].type);
          meta.i32s(2, [PLAIN, RLE, RLE_DICTIONARY]);
          meta.texts(3, [column?.name ?? '']);
          meta.i32(4, 0);
          meta.i64(5, chunk.rows);
          meta.i64(6, chunk.bytes);
          meta.i64(7, chunk.bytes);
          meta.i64(9, chunk.data);
          if (chunk.data > chunk.offset) meta.i64(11, chunk.offset);
        });
      });
      meta.i64(
        2,
        group.reduce((sum, chunk) => sum + chunk.bytes, 0),
      );
      meta.i64(3, group[0]?.rows ?? 0);
    });
    return meta.finish();
  }

  #addPage(rows: number, present: Uint8Array, encoding: number, values: readonly Uint8Array[]): void {
    const levels = levelsHeader(present.length);
    const size = values.reduce((sum, piece) => sum + piece.length, levels.length + present.length);
    this.#add(pageHeader(rows, size, encoding), levels, present, ...values);
  }

  #add(...pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      if (piece.length === 0) continue;
      this.#pieces.push(piece);
      this.#offset += piece.length;
    }
  }

  #write(from: number): void {
    let pieces = this.#pieces;
    this.#pieces = [];
    this.#written = from;
    while (pieces.length > 0) {
      let written = writevSync(this.#fd, pieces.slice(0, MOST_PIECES), this.#written);
      this.#written += written;
      let whole = 0;
      for (let piece = pieces[0]; piece !== undefined && written >= piece.length; piece = pieces[whole]) {
        written -= piece.length;
        whole += 1;
      }
      pieces = pieces.slice(whole);
      const [first] = pieces;
      if (first !== undefined) pieces[0] = first.subarray(written);
    }
  }
}

/** Definition levels, which say where a value is, as one bit-packed run (parquet Encodings.md) of so many bytes. */
function levelsHeader(bytes: number): Buffer {
  const header = varint(bytes * 2 + 1);
  const out = Buffer.alloc(4 + header.length);
  out.writeUInt32LE(header.length + bytes);
  out.set(header, 4);
  return out;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest & 127) | 128);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

function dictionaryHeader({ different, values }: RepeatedValues): Buffer {
  const size = values.reduce((sum, piece) => sum + piece.length, 0);
  const header = new ThriftCompact();
  header.i32(1, PAGE.dictionary);
  header.i32(2, size);
  header.i32(3, size);
  header.struct(7, () => {
    header.i32(1, different);
    header.i32(2, PLAIN);
  });
  return header.finish();
}

function pageHeader(rows: number, size: number, encoding: number): Buffer {
  const header = new ThriftCompact();
  header.i32(1, PAGE.data);
  header.i32(2, size);
  header.i32(3, size);
  header.struct(5, () => {
    header.i32(1, rows);
    header.i32(2, encoding);
    header.i32(3, RLE);
    header.i32(4, RLE);
  });
  return header.finish();
}
