/** Types of the Thrift compact protocol that Parquet's metadata uses. */
const TYPE = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

/**
 * Writes Thrift's compact protocol (thrift/doc/specs/thrift-compact-protocol.md), as far as the metadata of a
 * Parquet file needs it. Fields of a struct must be written in ascending order of their ids.
 */
export class ThriftCompact {
  readonly #bytes: number[] = [];
  readonly #lastIds: number[] = [0];

  i32(id: number, value: number): void {
    this.#header(id, TYPE.i32);
    this.#zigzag(value);
  }

  /** `value` is a safe integer: sizes and offsets of a file. */
  i64(id: number, value: number): void {
    this.#header(id, TYPE.i64);
    this.#zigzag(value);
  }

  text(id: number, value: string): void {
    this.#header(id, TYPE.binary);
    this.#binary(value);
  }

  struct(id: number, write: () => void): void {
    this.#header(id, TYPE.struct);
    this.#body(write);
  }

  structs<T>(id: number, items: readonly T[], write: (item: T) => void): void {
    this.#list(id, TYPE.struct, items.length);
    for (const item of items) this.#body(() => write(item));
  }

  i32s(id: number, values: readonly number[]): void {
    this.#list(id, TYPE.i32, values.length);
    for (const value of values) this.#zigzag(value);
  }

  texts(id: number, values: readonly string[]): void {
    this.#list(id, TYPE.binary, values.length);
    for (const value of values) this.#binary(value);
  }

  /** The outermost struct, ended. */
  finish(): Buffer {
    return Buffer.from([...this.#bytes, 0]);
  }

  #body(write: () => void): void {
    this.#lastIds.push(0);
    write();
    this.#lastIds.pop();
    this.#bytes.push(0);
  }

  #header(id: number, type: number): void {
    const last = this.#lastIds.length - 1;
    const delta = id - (this.#lastIds[last] ?? 0);
    this.#lastIds[last] = id;
    this.#bytes.push((delta << 4) | type);
  }

  #list(id: number, type: number, size: number): void {
    this.#header(id, TYPE.list);
    if (size < 15) this.#bytes.push((size << 4) | type);
    else {
      this.#bytes.push(0xf0 | type);
      this.#varint(size);
    }
  }

  #binary(value: string): void {
    const bytes = Buffer.from(value, 'utf8');
    this.#varint(bytes.length);
    for (const byte of bytes) this.#bytes.push(byte);
  }

  #zigzag(value: number): void {
    this.#varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.#bytes.push((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.#bytes.push(rest);
  }
}
