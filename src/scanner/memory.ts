import { outOfMemory } from './host';

/*
 * All memory is handed out from one end and never given back piece by piece: at the start a text that the host holds,
 * then tables, laid out by the host when it says which columns there are, and behind them whatever one row group needs.
 */

/** Loads of vectors, and copies, go up to 64 bytes beyond what they are asked for. */
const SLACK: usize = 4096;
/** Memory grows by as much at a time, since the host has to look anew where it is. Pages of 64 KiB. */
const GROWTH: usize = 64;

/** Bytes before the tables: the held text's, and those that are loaded beyond it. */
let held: usize = 0;
let base: usize = 0;
let top: usize = 0;

/** Fresh memory, 16-byte aligned, with whatever was in it before. */
export function reserve(bytes: usize): usize {
  const at = (top + 15) & ~15;
  top = at + bytes;
  const needed: usize = (top + SLACK + 0xffff) >>> 16;
  const there = <usize>memory.size();
  if (needed > there && memory.grow(<i32>(needed - there + GROWTH)) < 0 && memory.grow(<i32>(needed - there)) < 0) {
    outOfMemory();
  }
  return at;
}

/** As `reserve`, all zero. */
export function reserveZero(bytes: usize): usize {
  const at = reserve(bytes);
  memory.fill(at, 0, bytes);
  return at;
}

/** Forgets everything but the held text. */
export function resetMemory(): void {
  base = __heap_base + held;
  top = base;
}

/** Makes room for a text that stays whatever begins. Gives whether all else has moved for it, and is forgotten. */
export function hold(bytes: usize): bool {
  if (bytes + SLACK <= held) return false;
  held = (bytes + SLACK + 0xffff) & ~0xffff;
  resetMemory();
  reserve(0);
  return true;
}

/** Where the host writes the text that it holds. */
export function heldText(): usize {
  return __heap_base;
}

/** What has been reserved so far stays when the next group begins. */
export function keepMemory(): void {
  base = top;
}

/** Forgets the group before. */
export function dropGroup(): void {
  top = base;
}
