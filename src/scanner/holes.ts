import { copy } from './bytes';
import { Column } from './columns';
import { reserve } from './memory';

/*
 * What is taken out of the line of a row because another column holds it. The line with marks in place of the holes is
 * the column `rest`: of lines that one statement of a program wrote, it is nearly always the same.
 */

/** Marks, as `MARK` of the host has them. */
export const MESSAGE_MARK: u32 = 2;
export const INNER_MESSAGE_MARK: u32 = 3;
export const PLAIN_MESSAGE_MARK: u32 = 4;
export const TIME_MARK: u32 = 5;
export const COLUMN_MARK: u32 = 6;
export const MARK_BASE: u32 = 0x20;

const MOST_HOLES: usize = 160;

@unmanaged
class Hole {
  start: usize;
  end: usize;
  /** One byte, or two: the second is above the first. */
  mark: u32;
  padding: u32;
}

const HOLE: usize = offsetof<Hole>();

let holes: usize = 0;
let count: usize = 0;

export function startHoles(): void {
  holes = reserve(MOST_HOLES * HOLE);
}

export function clearHoles(): void {
  count = 0;
}

/** Takes [start, end) out of the line. Holes may come in any order, and never overlap. */
export function addHole(start: usize, end: usize, mark: u32): void {
  let at = holes + count * HOLE;
  count++;
  while (at > holes && changetype<Hole>(at - HOLE).start > start) {
    const before = changetype<Hole>(at - HOLE);
    const moved = changetype<Hole>(at);
    moved.start = before.start;
    moved.end = before.end;
    moved.mark = before.mark;
    at -= HOLE;
  }
  const hole = changetype<Hole>(at);
  hole.start = start;
  hole.end = end;
  hole.mark = mark;
}

export function twoBytes(mark: u32, index: i32): u32 {
  return mark | ((MARK_BASE + <u32>index) << 8);
}

/** Writes a line with its marks; whether the group has had the same before. */
export function putRest(column: Column, row: u32, start: usize, end: usize): bool {
  const first = column.begin(end - start + (count << 1));
  let to = first;
  for (let at = holes; at < holes + count * HOLE; at += HOLE) {
    const hole = changetype<Hole>(at);
    const length = hole.start - start;
    copy(to, start, length);
    to += length;
    store<u16>(to, <u16>hole.mark);
    to += hole.mark > 0xff ? 2 : 1;
    start = hole.end;
  }
  copy(to, start, end - start);
  to += end - start;
  column.done(row, to - first);
  return !column.isNew;
}
