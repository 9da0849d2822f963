import { outOfMemory } from './host';

/*
 * All memory is handed out from one end and never given back piece by piece: tables at the start, laid out by the host
 * when it says which columns there are, and behind them whatever one row group needs.
 */

/** Loads of vectors, and copies, go up to 64 bytes beyond what they are asked for. */
const SLACK: usize = 4096;
/** Memory grows by as much at a time, since the host has to look anew where it is. Pages of 64 KiB. */
const GROWTH: usize = 64;

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

/** Forgets everything. */
export function resetMemory(): void {
  base = __heap_base;
  top = base;
}

/** What has been reserved so far stays when the next group begins. */
export function keepMemory(): void {
  base = top;
}

/** Forgets the group before. */
export function dropGroup(): void {
  top = base;
}
