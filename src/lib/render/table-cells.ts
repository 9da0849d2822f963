import { formatTime } from '../record/time.ts';
import type { Cell } from './output.ts';
import { prettyTime } from './record-pretty.ts';

/** A cell for machines: times as RFC 3339 in UTC, numbers and text as they are. */
export function plainCell(cell: Cell): string | number | boolean | null {
  return typeof cell === 'bigint' ? formatTime(cell) : cell;
}

/** A cell as text for machines; empty where there is nothing. */
export function cellText(cell: Cell): string {
  return cell === null ? '' : String(plainCell(cell));
}

/** A cell for people: times in their zone, fractions to three places. */
export function shownCell(cell: Cell, zone: string): string {
  if (cell === null) return '-';
  if (typeof cell === 'bigint') return prettyTime(cell, zone).replace(/\.000(Z?)$/, '$1');
  if (typeof cell === 'number' && !Number.isInteger(cell)) return String(Number(cell.toFixed(3)));
  return String(cell);
}
