import { reserve } from './memory';

/** Pieces of texts: so large, or as large as one text needs. */
const PIECE: usize = 1 << 16;
/** The first one: most columns have few different values. */
const FIRST_PIECE: usize = 1 << 10;
/** `copy` writes beyond what it copies. */
const SLACK: usize = 64;

/** The start of a piece. The host reads its members, 32 bits each. */
@unmanaged
export class Piece {
  /** 0 for the last one. */
  next: usize;
  start: usize;
  /** Behind the last text. */
  end: usize;
  padding: usize;
}

const HEADER: usize = offsetof<Piece>();

/** Texts one behind the other in Parquet's PLAIN encoding: for each its length in 32 bits, and its bytes. */
@unmanaged
export class Texts {
  /** The first piece; 0 where there is no text. */
  first: usize;
  last: usize;
  /** Where the next text goes, and the end of the piece. */
  at: usize;
  limit: usize;

  clear(): void {
    this.first = 0;
    this.last = 0;
    this.at = 0;
    this.limit = 0;
  }

  /** Where to write the bytes of a text, at most so many; `done` says how many they became, if it is to stay. */
  begin(most: usize): usize {
    if (this.at + most + 4 > this.limit) this.grow(most + 4);
    return this.at + 4;
  }

  done(length: usize): void {
    store<u32>(this.at, <u32>length);
    this.at += length + 4;
    changetype<Piece>(this.last).end = this.at;
  }

  private grow(needed: usize): void {
    const size = max(this.first === 0 ? FIRST_PIECE : PIECE, needed);
    const at = reserve(HEADER + size + SLACK);
    const piece = changetype<Piece>(at);
    piece.next = 0;
    piece.start = at + HEADER;
    piece.end = piece.start;
    if (this.last === 0) this.first = at;
    else changetype<Piece>(this.last).next = at;
    this.last = at;
    this.at = piece.start;
    this.limit = piece.start + size;
  }
}
