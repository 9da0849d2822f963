import { LEVELS, type Level } from '../record/level.ts';
import { asLevel, type Bar, drawBars } from './chart.ts';
import { displayWidth, fitWidth } from './display-width.ts';
import { escapeToLine } from './escape.ts';
import type { Cell, ShownTable, Style } from './output.ts';
import { shownCell } from './table-cells.ts';

/** What a table means, as far as it decides how it is drawn. */
export interface ChartShape {
  /** How many of the first columns are group keys. */
  readonly keys: number;
  /** The first key is time in buckets of so many nanoseconds; absent where no key is. */
  readonly interval?: bigint | undefined;
  /** A last group key `level` was added only to colour the bars: its rows are drawn as one. */
  readonly levelsAdded: boolean;
}

/** Empty buckets in a row that are drawn one by one; longer gaps are told in one line. */
const GAP_ROWS = 12;

/** Rows that make sense as bars: grouped, and the statistic drawn is a number nowhere below zero. */
export function canDraw(table: ShownTable, shape: ChartShape): boolean {
  const value = shape.keys;
  if (value === 0 || table.columns.length !== value + 1 || table.rows.length === 0) return false;
  if (shape.interval !== undefined && value > 2) return false;
  return table.rows.every((row) => typeof row[value] === 'number' && row[value] >= 0);
}

/** Bars by group, or a histogram over time where the first key is `every`; call only where `canDraw` says so. */
export function* drawTable(table: ShownTable, shape: ChartShape, style: Style): Generator<string> {
  if (shape.interval !== undefined) yield* histogram(table, shape.interval, shape, style);
  else yield* groups(table, shape, style);
}

function* groups(table: ShownTable, shape: ChartShape, style: Style): Generator<string> {
  const { keys } = shape;
  const labels = groupLabels(table, keys, style);
  const bars = table.rows.map((row, index): Bar => {
    const group = row.slice(0, keys);
    const value = row[keys] ?? null;
    const level = group.map(asLevel).find((found) => found !== undefined);
    return {
      label: labels[index] ?? '',
      value: shownCell(value, style.zone),
      pieces: [{ size: Number(value), level }],
    };
  });
  yield* drawBars(bars, style);
}

/** The group keys of each row in columns; one before the last is cut where it would take half of the line. */
function groupLabels(table: ShownTable, keys: number, style: Style): string[] {
  const safe = (text: string): string => (style.terminal ? escapeToLine(text) : text);
  const rows = table.rows.map((row) => row.slice(0, keys).map((cell) => safe(shownCell(cell, style.zone))));
  const widths = new Array<number>(Math.max(0, keys - 1)).fill(0);
  for (const row of rows) {
    for (const [column, width] of widths.entries()) {
      const needed = Math.max(width, displayWidth(row[column] ?? ''));
      widths[column] = Math.min(needed, Math.floor(style.width / 2));
    }
  }
  return rows.map((row) => row.map((text, column) => fitWidth(text, widths[column] ?? displayWidth(text))).join('  '));
}

/** One line a bucket, empty ones too, so that distance on screen is distance in time. */
function* histogram(table: ShownTable, interval: bigint, shape: ChartShape, style: Style): Generator<string> {
  const buckets = new Map<bigint, { readonly key: Cell; readonly size: number }[]>();
  const value = shape.keys;
  for (const row of table.rows) {
    const at = row[0];
    if (typeof at !== 'bigint') continue;
    const bucket = buckets.get(at) ?? [];
    bucket.push({ key: value > 1 ? (row[1] ?? null) : null, size: Number(row[value]) });
    buckets.set(at, bucket);
  }
  const times = [...buckets.keys()].sort((a, b) => (a < b ? -1 : 1));
  const bars: Bar[] = [];
  const notes = new Map<number, string>();
  for (const [index, time] of times.entries()) {
    const before = times[index - 1];
    if (before !== undefined) fillGap(before, time);
    bars.push(bucketBar(time, buckets.get(time) ?? []));
  }

  let line = 0;
  for (const drawn of drawBars(bars, style)) {
    const note = notes.get(line++);
    if (note !== undefined) yield `${style.paint.faint(note)}\n`;
    yield drawn;
  }

  function fillGap(before: bigint, after: bigint): void {
    // Buckets of a day are 23 or 25 hours long where the clocks change: half an interval is no bucket.
    const missing = Number((after - before + interval / 2n) / interval) - 1;
    if (missing > GAP_ROWS) {
      notes.set(bars.length, `⋮ ${missing} × nothing`);
      return;
    }
    for (let step = 1; step <= missing; step++) bars.push(bucketBar(before + interval * BigInt(step), []));
  }

  function bucketBar(time: bigint, parts: readonly { readonly key: Cell; readonly size: number }[]): Bar {
    const pieces = parts
      .map((part) => ({ size: part.size, level: asLevel(part.key) }))
      .sort((a, b) => rank(b.level) - rank(a.level));
    const sum = parts.reduce((all, part) => all + part.size, 0);
    const detail = shape.keys > 1 && !shape.levelsAdded ? breakdown(parts, style) : '';
    return { label: shownCell(time, style.zone), value: `${shownCell(sum, style.zone)}${detail}`, pieces };
  }
}

function rank(level: Level | undefined): number {
  return level === undefined ? -1 : LEVELS[level];
}

/** What a bucket is made of, as far as a third of the line holds it. */
function breakdown(parts: readonly { readonly key: Cell; readonly size: number }[], style: Style): string {
  const limit = Math.floor(style.width / 3);
  let text = '';
  for (const part of parts) {
    const next = `${text === '' ? '' : ' '}${shownCell(part.key, style.zone)}:${shownCell(part.size, style.zone)}`;
    if (displayWidth(text + next) > limit) return `  ${text}…`;
    text += next;
  }
  return text === '' ? '' : `  ${text}`;
}
