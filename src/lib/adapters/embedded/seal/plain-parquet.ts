import { writeSync } from 'node:fs';
import { ThriftCompact } from './thrift-compact.ts';

export type PlainType = 'int8' | 'int32' | 'int64' | 'text' | 'bytes';

/** Physical type and converted type of parquet.thrift. */
const PHYSICAL: Record<PlainType, { type: number; converted?: number }> = {
  int8: { type: 1, converted: 15 },
  int32: { type: 1 },
  int64: { type: 2 },
  text: { type: 6, converted: 0 },
  bytes: { type: 6 },
};

/** The values of one column of the row group being filled, in Parquet's PLAIN encoding. Every column may hold nulls. */
export class PlainColumn {
  readonly name: string;
  readonly type: PlainType;
  #values: Buffer = Buffer.allocUnsafeSlow(4096);
  #present: Uint8Array = new Uint8Array(512);
  /** Bytes used of the values. */
  used = 0;
  #rows = 0;

  constructor(name: string, type: PlainType) {
    this.name = name;
    this.type = type;
  }

  null(): void {
    this.#row(0);
  }

  int32(value: number): void {
    this.#room(4);
    this.used = this.#values.writeInt32LE(value, this.used);
    this.#row(1);
  }

  int64(value: bigint): void {
    this.#room(8);
    this.used = this.#values.writeBigInt64LE(value, this.used);
    this.#row(1);
  }

  /** Absent is null. A lone surrogate cannot be UTF-8 and becomes U+FFFD. */
  text(value: string | undefined): void {
    if (value === undefined) {
      this.#row(0);
      return;
    }
    this.#room(4 + value.length * 3);
    const bytes = this.#values.write(value, this.used + 4, 'utf8');
    this.#values.writeUInt32LE(bytes, this.used);
    this.used += 4 + bytes;
    this.#row(1);
  }

  bytes(value: Uint8Array): void {
    this.#room(4 + value.length);
    this.#values.writeUInt32LE(value.length, this.used);
    this.#values.set(value, this.used + 4);
    this.used += 4 + value.length;
    this.#row(1);
  }

  /** The page's bytes: definition levels as one bit-packed run (parquet Encodings.md), then the values; begins anew. */
  takePage(): { readonly levels: Buffer; readonly values: Buffer; readonly clear: () => void } {
    const packed = Math.ceil(this.#rows / 8);
    const header: number[] = [];
    let rest = packed * 2 + 1;
    while (rest > 127) {
      header.push((rest & 127) | 128);
      rest >>>= 7;
    }
    header.push(rest);
    const levels = Buffer.alloc(4 + header.length + packed);
    levels.writeUInt32LE(header.length + packed, 0);
    levels.set(header, 4);
    levels.set(this.#present.subarray(0, packed), 4 + header.length);
    return {
      levels,
      values: this.#values.subarray(0, this.used),
      clear: () => {
        this.used = 0;
        this.#rows = 0;
        this.#present.fill(0);
      },
    };
  }

  #row(present: 0 | 1): void {
    const at = this.#rows >>> 3;
    if (at >= this.#present.length) {
      const grown = new Uint8Array(this.#present.length * 2);
      grown.set(this.#present);
      this.#present = grown;
    }
    if (present === 1) this.#present[at] = (this.#present[at] ?? 0) | (1 << (this.#rows & 7));
    this.#rows++;
  }

  #room(bytes: number): void {
    if (this.used + bytes <= this.#values.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#values.length * 2, this.used + bytes));
    this.#values.copy(grown, 0, 0, this.used);
    this.#values = grown;
  }
}

interface WrittenChunk {
  readonly column: PlainColumn;
  readonly offset: number;
  readonly bytes: number;
  readonly rows: number;
}

/**
 * Writes an uncompressed Parquet file of PLAIN pages, one page a column and row group. It hands rows to DuckDB
 * without a call and a value of its own for each cell, which its appender takes. Never a file of the store itself.
 */
export class PlainParquetWriter {
  readonly #fd: number;
  readonly #columns: readonly PlainColumn[];
  readonly #groups: WrittenChunk[][] = [];
  #offset = 0;
  #rows = 0;

  constructor(fd: number, columns: readonly PlainColumn[]) {
    this.#fd = fd;
    this.#columns = columns;
    this.#write(Buffer.from('PAR1'));
  }

  /** Writes what the columns hold, `rows` rows, as one row group. */
  writeGroup(rows: number): void {
    this.#groups.push(
      this.#columns.map((column) => {
        const page = column.takePage();
        const size = page.levels.length + page.values.length;
        const header = new ThriftCompact();
        header.i32(1, 0);
        header.i32(2, size);
        header.i32(3, size);
        header.struct(5, () => {
          header.i32(1, rows);
          header.i32(2, 0);
          header.i32(3, 3);
          header.i32(4, 3);
        });
        const offset = this.#offset;
        this.#write(header.finish());
        this.#write(page.levels);
        this.#write(page.values);
        page.clear();
        return { column, offset, bytes: this.#offset - offset, rows };
      }),
    );
    this.#rows += rows;
  }

  /** Writes the footer; gives the size of the file. The file descriptor stays open. */
  finish(): number {
    const meta = new ThriftCompact();
    meta.i32(1, 1);
    meta.structs<PlainColumn | undefined>(2, [undefined, ...this.#columns], (column) => {
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
      meta.structs(1, group, (chunk) => {
        meta.i64(2, chunk.offset);
        meta.struct(3, () => {
          meta.i32(1, PHYSICAL[chunk.column.type].type);
          meta.i32s(2, [0, 3]);
          meta.texts(3, [chunk.column.name]);
          meta.i32(4, 0);
          meta.i64(5, chunk.rows);
          meta.i64(6, chunk.bytes);
          meta.i64(7, chunk.bytes);
          meta.i64(9, chunk.offset);
        });
      });
      meta.i64(
        2,
        group.reduce((sum, chunk) => sum + chunk.bytes, 0),
      );
      meta.i64(3, group[0]?.rows ?? 0);
    });
    const footer = meta.finish();
    const tail = Buffer.alloc(8);
    tail.writeUInt32LE(footer.length, 0);
    tail.write('PAR1', 4, 'latin1');
    this.#write(footer);
    this.#write(tail);
    return this.#offset;
  }

  #write(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) at += writeSync(this.#fd, bytes, at);
    this.#offset += bytes.length;
  }
}
