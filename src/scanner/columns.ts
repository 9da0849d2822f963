import { copy, equal, longHash, setBit } from './bytes';
import { reserve, reserveZero } from './memory';
import { Piece, Texts } from './texts';

/** Different values of a column before it is given up to count them: their numbers have 16 bits. */
const MOST_DIFFERENT: u32 = 60_000;
const FEWEST_PLACES: u32 = 1 << 8;
/** Parquet packs numbers by eights. */
const PACKED: u32 = 8;

/**
 * The values of one column of texts. Most columns have few different values: they are kept once, and for each row the
 * number of its own. Where that does not pay, the rows from some one on have their values themselves.
 * The host reads the members up to `values`, 32 bits each.
 */
@unmanaged
export class Column {
  /** One bit a row. */
  present: usize;
  /** Whether every value is a whole number of at most 15 digits in its one spelling. */
  integers: u32;
  /** Values there are, and their bytes. */
  count: u32;
  bytes: u32;
  /** Rows before this one have numbers; `u32.MAX_VALUE`: all have. */
  numbered: u32;
  /** 16 bits for each value of these rows, in the order of the rows; 0 before the first one. */
  numbers: usize;
  numberCount: u32;
  different: u32;
  /** The different values, in the order of their numbers. */
  entries: Texts;
  /** The values of the rows behind. */
  values: Texts;
  /** 64 bits a place: the upper half of a value's hash, and its number plus 1. Twice as many as values, and more. */
  table: usize;
  places: u32;
  /** Where each of the different values is, 32 bits; there is room for half as many as there are places. */
  addresses: usize;
  /** The value that was put last, the row it is of, and whether the column had it before. */
  latest: usize;
  latestNumber: u32;
  latestRow: u32;
  isNew: bool;
  /** The most rows that there can be. */
  most: u32;
  /** What is read again next: a number, or a value in a piece. */
  readNumber: u32;
  readPiece: usize;
  readAt: usize;
  /** The value of the row that is read again; 0 where it has none. */
  value: usize;
  valueLength: usize;

  /**
   * `most`: rows there can be; `texts`: room for two `Texts`; `numbers`: whether to look for values that were there
   * before.
   */
  start(most: u32, texts: usize, numbers: bool): void {
    this.present = reserveZero((<usize>most >>> 3) + 16);
    this.integers = 1;
    this.count = 0;
    this.bytes = 0;
    this.most = most;
    this.numbered = numbers ? u32.MAX_VALUE : 0;
    this.numbers = 0;
    this.numberCount = 0;
    this.different = 0;
    this.entries = changetype<Texts>(texts);
    this.values = changetype<Texts>(texts + offsetof<Texts>());
    this.entries.clear();
    this.values.clear();
    this.places = 0;
    this.latest = 0;
    this.latestRow = u32.MAX_VALUE;
    this.isNew = true;
  }

  /** Where to write a value of at most so many bytes; `done` says how many it became. */
  begin(most: usize): usize {
    return (this.isNumbered() ? this.entries : this.values).begin(most);
  }

  /** Puts what was written behind `begin`; gives where the value is then, perhaps where the same was put before. */
  done(row: u32, length: usize): usize {
    if (!this.isNumbered()) {
      const at = this.values.at;
      this.values.done(length);
      return this.putAt(row, at, length);
    }
    const number = this.find(this.entries.at + 4, length);
    return this.isNew ? this.putNew(row, length) : this.putNumber(row, number, length);
  }

  /** Gives where the value is. */
  put(row: u32, text: usize, length: usize): usize {
    if (!this.isNumbered()) {
      copy(this.begin(length), text, length);
      return this.done(row, length);
    }
    const number = this.find(text, length);
    if (!this.isNew) return this.putNumber(row, number, length);
    copy(this.begin(length), text, length);
    return this.putNew(row, length);
  }

  /** The value that was put for a row, where the column did not have it before; 0 otherwise. */
  newOf(row: u32): usize {
    return this.latestRow === row && this.isNew ? this.latest : 0;
  }

  /** So many rows, whole eights, are there: gives up to look for values that were there before where few were. */
  settle(rows: u32, more: u32): void {
    if (!this.isNumbered() || this.numberCount === 0) return;
    if (this.different <= this.numberCount >>> 1 && this.different + more <= MOST_DIFFERENT) return;
    this.numbered = rows;
    this.isNew = true;
  }

  /** Values that come again are still looked for. */
  isNumbered(): bool {
    return this.numbered === u32.MAX_VALUE;
  }

  private putAt(row: u32, at: usize, length: usize): usize {
    setBit(this.present, row);
    this.count++;
    this.bytes += <u32>length;
    if (this.isNew && this.integers !== 0 && !isInteger(at + 4, length)) this.integers = 0;
    this.latest = at;
    this.latestRow = row;
    return at + 4;
  }

  /** Of a value that was not found and is written behind `begin`. */
  private putNew(row: u32, length: usize): usize {
    const at = this.entries.at;
    this.entries.done(length);
    return this.putNumber(row, this.add(at, length), length);
  }

  private putNumber(row: u32, number: u32, length: usize): usize {
    if (this.numbers === 0) this.numbers = reserve((<usize>this.most + PACKED) << 1);
    store<u16>(this.numbers + ((<usize>this.numberCount) << 1), <u16>number);
    this.numberCount++;
    this.latestNumber = number;
    return this.putAt(row, this.addressOf(number), length);
  }

  private addressOf(number: u32): usize {
    return <usize>load<u32>(this.addresses + ((<usize>number) << 2));
  }

  /** The number of a value, if the column has it: `isNew` says whether not. */
  private find(text: usize, length: usize): u32 {
    this.isNew = false;
    if (this.latestRow !== u32.MAX_VALUE && isEqual(this.latest, text, length)) return this.latestNumber;
    if (this.places !== 0) {
      const hash = longHash(text, length);
      let place = <u32>(hash >> 32) & (this.places - 1);
      for (;;) {
        const known = load<u64>(this.table + ((<usize>place) << 3));
        if (known === 0) break;
        const number = <u32>known - 1;
        if (<u32>(known >> 32) === <u32>(hash >> 32) && isEqual(this.addressOf(number), text, length)) return number;
        place = (place + 1) & (this.places - 1);
      }
    }
    this.isNew = true;
    return 0;
  }

  /** Numbers the value at an address. */
  private add(at: usize, length: usize): u32 {
    if (this.different === this.places >>> 1) this.makePlaces(max(FEWEST_PLACES, this.places << 1));
    const number = this.different++;
    store<u32>(this.addresses + ((<usize>number) << 2), <u32>at);
    this.place(number, at, length);
    return number;
  }

  private place(number: u32, at: usize, length: usize): void {
    const hash = longHash(at + 4, length);
    let place = <u32>(hash >> 32) & (this.places - 1);
    while (load<u64>(this.table + ((<usize>place) << 3)) !== 0) place = (place + 1) & (this.places - 1);
    store<u64>(this.table + ((<usize>place) << 3), (hash & 0xffffffff00000000) | <u64>(number + 1));
  }

  private makePlaces(places: u32): void {
    const before = this.addresses;
    this.places = places;
    this.table = reserveZero((<usize>places) << 3);
    this.addresses = reserve((<usize>places) << 1);
    if (this.different === 0) return;
    memory.copy(this.addresses, before, (<usize>this.different) << 2);
    for (let number: u32 = 0; number < this.different; number++) {
      const at = this.addressOf(number);
      this.place(number, at, <usize>load<u32>(at));
    }
  }

  /** Begins to read at the first row again. */
  rewind(): void {
    this.readNumber = 0;
    this.readPiece = this.values.first;
    this.readAt = this.readPiece === 0 ? 0 : changetype<Piece>(this.readPiece).start;
  }

  /** Reads the next row's value. */
  read(row: u32): void {
    this.value = 0;
    this.valueLength = 0;
    if ((load<u8>(this.present + (row >>> 3)) & (1 << (row & 7))) === 0) return;
    if (row < this.numbered) {
      const at = this.addressOf(<u32>load<u16>(this.numbers + ((<usize>this.readNumber) << 1)));
      this.readNumber++;
      this.valueLength = <usize>load<u32>(at);
      this.value = at + 4;
      return;
    }
    if (this.readAt === changetype<Piece>(this.readPiece).end) {
      this.readPiece = changetype<Piece>(this.readPiece).next;
      this.readAt = changetype<Piece>(this.readPiece).start;
    }
    this.valueLength = <usize>load<u32>(this.readAt);
    this.value = this.readAt + 4;
    this.readAt = this.value + this.valueLength;
  }
}

/** Whether a value, its length before it, is a text. */
function isEqual(value: usize, text: usize, length: usize): bool {
  return <usize>load<u32>(value) === length && equal(value + 4, text, length);
}

/** A whole number of at most 15 digits in its one spelling. */
function isInteger(at: usize, length: usize): bool {
  const end = at + length;
  if (length > 0 && load<u8>(at) === 0x2d) at++;
  if (at === end || end - at > 15) return false;
  if (load<u8>(at) === 0x30) return length === 1;
  for (; at < end; at++) if (<u32>load<u8>(at) - 0x30 > 9) return false;
  return true;
}
