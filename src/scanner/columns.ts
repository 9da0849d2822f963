import { copy, setBit } from './bytes';
import { reserve } from './memory';

/** Pieces of a column's values: so large, or as large as one value needs. */
const PIECE: usize = 1 << 16;
/** `copy` writes beyond what it copies. */
const SLACK: usize = 64;

/** The start of a piece of a column's values. */
@unmanaged
export class Piece {
  next: usize;
  /** Behind the last value. */
  end: usize;
  bytes: usize;
  padding: usize;
}

const HEADER: usize = 16;

/** The values of one column of texts in Parquet's PLAIN encoding: for each its length in 32 bits, and its bytes. */
@unmanaged
export class Column {
  first: usize;
  last: usize;
  /** Where the next value goes, and the end of the piece. */
  at: usize;
  limit: usize;
  /** One bit a row. */
  present: usize;
  /** Whether every value is a whole number of at most 15 digits in its one spelling. */
  integers: bool;
  /** The value that was put last, and its row. */
  latest: usize;
  latestRow: u32;
  /** Where the value of the next row is read again. */
  readPiece: usize;
  readAt: usize;
  /** The value of the row that is read again; 0 where it has none. */
  value: usize;
  valueLength: usize;

  start(present: usize): void {
    this.first = 0;
    this.last = 0;
    this.at = 0;
    this.limit = 0;
    this.present = present;
    this.integers = true;
    this.latest = 0;
    this.latestRow = u32.MAX_VALUE;
  }

  /** Where to write a value of at most so many bytes; `done` says how many it became. */
  begin(row: u32, most: usize): usize {
    if (this.at + most + 4 > this.limit) this.grow(most + 4);
    setBit(this.present, row);
    return this.at + 4;
  }

  done(length: usize): void {
    store<u32>(this.at, <u32>length);
    this.at += length + 4;
    changetype<Piece>(this.last).end = this.at;
  }

  /** Where the value then is. */
  put(row: u32, text: usize, length: usize): usize {
    const at = this.begin(row, length);
    copy(at, text, length);
    this.done(length);
    this.latest = at - 4;
    this.latestRow = row;
    if (this.integers && !isInteger(at, length)) this.integers = false;
    return at;
  }

  /** The value that was put for a row, behind its length; 0 where it has none. */
  valueOf(row: u32): usize {
    return this.latestRow === row ? this.latest : 0;
  }

  private grow(needed: usize): void {
    const size = max(PIECE, needed);
    const piece = reserve(HEADER + size + SLACK);
    const header = changetype<Piece>(piece);
    header.next = 0;
    header.bytes = piece + HEADER;
    header.end = header.bytes;
    if (this.last === 0) this.first = piece;
    else changetype<Piece>(this.last).next = piece;
    this.last = piece;
    this.at = header.bytes;
    this.limit = header.bytes + size;
  }

  /** Begins to read at the first row again. */
  rewind(): void {
    this.readPiece = this.first;
    this.readAt = this.first === 0 ? 0 : changetype<Piece>(this.first).bytes;
  }

  /** Reads the next row's value. */
  read(row: u32): void {
    this.value = 0;
    this.valueLength = 0;
    if ((load<u8>(this.present + (row >>> 3)) & (1 << (row & 7))) === 0) return;
    if (this.readAt === changetype<Piece>(this.readPiece).end) {
      this.readPiece = changetype<Piece>(this.readPiece).next;
      this.readAt = changetype<Piece>(this.readPiece).bytes;
    }
    this.valueLength = <usize>load<u32>(this.readAt);
    this.value = this.readAt + 4;
    this.readAt = this.value + this.valueLength;
  }
}

export function firstPiece(column: Column): usize {
  return column.first;
}

/** 0 behind the last one. */
export function nextPiece(piece: usize): usize {
  return changetype<Piece>(piece).next;
}

export function pieceStart(piece: usize): usize {
  return changetype<Piece>(piece).bytes;
}

export function pieceEnd(piece: usize): usize {
  return changetype<Piece>(piece).end;
}

export function presentOf(column: Column): usize {
  return column.present;
}

export function hasIntegers(column: Column): bool {
  return column.integers;
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
