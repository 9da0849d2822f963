import type { ScannedColumn } from './scanned-group.ts';

/** The values of one column of a row group as they are added, in Parquet's PLAIN encoding. Every column may hold nulls. */
export class PlainColumn {
  readonly name: string;
  readonly type: ScannedColumn['type'];
  #values: Buffer = Buffer.allocUnsafeSlow(4096);
  #present: Uint8Array = new Uint8Array(512);
  #used = 0;
  #rows = 0;
  #count = 0;
  #integers = true;

  constructor(name: string, type: ScannedColumn['type']) {
    this.name = name;
    this.type = type;
  }

  null(): void {
    this.#row(0);
  }

  int32(value: number): void {
    this.#room(4);
    this.#used = this.#values.writeInt32LE(value, this.#used);
    this.#row(1);
  }

  int64(value: bigint): void {
    this.#room(8);
    this.#used = this.#values.writeBigInt64LE(value, this.#used);
    this.#row(1);
  }

  /** Absent is null. A lone surrogate cannot be UTF-8 and becomes U+FFFD. */
  text(value: string | undefined): void {
    if (value === undefined) {
      this.#row(0);
      return;
    }
    this.#room(4 + value.length * 3);
    const bytes = this.#values.write(value, this.#used + 4, 'utf8');
    this.#values.writeUInt32LE(bytes, this.#used);
    this.#used += 4 + bytes;
    if (this.#integers && !INTEGER.test(value)) this.#integers = false;
    this.#row(1);
  }

  bytes(value: Uint8Array): void {
    this.#room(4 + value.length);
    this.#values.writeUInt32LE(value.length, this.#used);
    this.#values.set(value, this.#used + 4);
    this.#used += 4 + value.length;
    this.#row(1);
  }

  /** What was added; begins anew, so that it holds only until more is added. */
  take(): ScannedColumn {
    const { name, type } = this;
    const present = Uint8Array.from(this.#present.subarray(0, Math.ceil(this.#rows / 8)));
    const values = [this.#values.subarray(0, this.#used)];
    const integers = type === 'text' && this.#integers;
    const count = this.#count;
    const bytes = type === 'text' || type === 'bytes' ? this.#used - LENGTH_BYTES * count : this.#used;
    this.#used = 0;
    this.#rows = 0;
    this.#count = 0;
    this.#integers = true;
    this.#present.fill(0);
    return { name, type, present, count, bytes, values, integers };
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
    this.#count += present;
  }

  #room(bytes: number): void {
    if (this.#used + bytes <= this.#values.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#values.length * 2, this.#used + bytes));
    this.#values.copy(grown, 0, 0, this.#used);
    this.#values = grown;
  }
}

/** Before each text in Parquet's PLAIN encoding. */
const LENGTH_BYTES = 4;
/** The one spelling of a whole number that JavaScript and a BIGINT give back. */
const INTEGER = /^(?:0|-?[1-9]\d{0,14})$/;
