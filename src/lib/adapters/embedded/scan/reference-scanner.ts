import { LEVELS } from '../../../record/level.ts';
import { DAY_NS, HOUR_NS } from '../../../record/time.ts';
import { COLUMNS, MESSAGE_TIME } from '../../../query/sql-columns.ts';
import type { HourCount, KeyStatistic } from '../layout.ts';
import { filtersOf, tokensOf } from '../segment/filters.ts';
import { MARKED_ROLES } from '../segment/marks.ts';
import { rebuildLine } from '../segment/rebuild.ts';
import { OtherDays } from './other-days.ts';
import { PlainColumn } from './plain-column.ts';
import { isPromotable } from './promotable.ts';
import type { EventBlock, EventFrame, GroupRequest, ScannedGroup } from './scanned-group.ts';
import type { Scanner, ScannerOptions } from './scanner.ts';
import { columnText, type StoredRow, storedRow } from './stored-row.ts';

/** More pairs than an entry of a commit may list. */
const MOST_COUNTS = 1000;
/** Different values of a key that are counted. */
const MOST_DISTINCT = 4096;

/** What the scanner gives, by `parseEvent` alone and twenty times as slowly: the oracle of its tests. */
export class ReferenceScanner implements Pick<Scanner, 'use' | 'scan' | 'firstDifference'> {
  #keys: readonly string[];
  #last: { readonly event: number; readonly row: StoredRow }[] = [];

  constructor({ columns }: ScannerOptions) {
    this.#keys = columns;
  }

  use({ columns }: ScannerOptions): void {
    this.#keys = columns;
  }

  scan(block: EventBlock, request: GroupRequest): ScannedGroup {
    const frameOf = frameFinder(block);
    const columns = newColumns(this.#keys);
    const others = new OtherDays();
    const unparsed: number[] = [];
    const tokens = new Set<string>();
    const keys = new KeyCounts();
    const counts = new Map<string, [string | undefined, number, number, number]>();
    this.#last = [];
    let rawBytes = 0;
    let at = request.from;
    for (; at < request.events.length && this.#last.length < request.rows; at++) {
      const event = request.events[at] ?? 0;
      const { context, receivedAt } = frameOf(event);
      const raw = eventOf(block, event);
      const row = storedRow(raw, context, receivedAt, this.#keys);
      const day = Number(row.ts / DAY_NS);
      if (request.day !== null && day !== request.day) {
        others.add({ event, events: 1, day });
        continue;
      }
      this.#last.push({ event, row });
      rawBytes += raw.length + 1;
      if (row.unparsed) unparsed.push(event);
      columns.add(row, raw, JSON.stringify(context));
      for (const token of tokensOf(row.texts)) tokens.add(token);
      for (const text of contextTexts(context)) for (const token of tokensOf(text)) tokens.add(token);
      keys.add(row);
      const hour = Number(row.ts / HOUR_NS);
      const pair = JSON.stringify([row.values[0], row.level, hour]);
      const count = counts.get(pair) ?? [row.values[0], row.level, hour, 0];
      count[3] += 1;
      counts.set(pair, count);
    }
    const times = BigInt64Array.from(this.#last, ({ row }) => row.ts);
    const sorted = times.toSorted();
    return {
      next: at,
      rows: this.#last.length,
      events: Uint32Array.from(this.#last, ({ event }) => event),
      others: others.runs,
      times,
      minTs: sorted[0] ?? 0n,
      maxTs: sorted.at(-1) ?? 0n,
      rawBytes,
      flags: this.#last.reduce((flags, { row }) => flags | row.flags, 0),
      columns: columns.take(),
      counts: counts.size > MOST_COUNTS ? undefined : [...counts.values()].map(hourCount),
      keys: keys.all(),
      filters: filtersOf(tokens),
      open: false,
      marked: [],
      words: [],
      objects: this.#last.some(({ row }) => row.message !== undefined && mayBeObject(row.message)),
      unparsed,
      slow: this.#last.length,
    };
  }

  firstDifference(block: EventBlock): number {
    return this.#last.findIndex(({ event, row }) => {
      const { rest, values, message, ts, flags } = row;
      if (rest === undefined) return false;
      const line = rebuildLine({ ts, flags, message, rest, column: (index) => values[index] });
      return !eventOf(block, event).equals(Buffer.from(line, 'utf8'));
    });
  }
}

function mayBeObject(message: string): boolean {
  return message === '' || message.startsWith('{') || message.charCodeAt(0) <= 0x20;
}

function eventOf({ bytes, starts, ends }: EventBlock, event: number): Buffer {
  const start = starts[event] ?? 0;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, (ends[event] ?? start) - start);
}

/** The frame of an event; events are asked for in ascending order. */
function frameFinder({ frames }: EventBlock): (event: number) => EventFrame {
  let at = 0;
  let first = 0;
  return (event) => {
    for (;;) {
      const frame = frames[at];
      if (frame === undefined) throw new Error(`no frame has event ${event}`);
      if (event < first + frame.events) return frame;
      first += frame.events;
      at++;
    }
  };
}

const NAMES = new Map<number, string>(Object.entries(LEVELS).map(([name, number]) => [number, name]));

function hourCount([service, level, hour, n]: readonly [string | undefined, number, number, number]): HourCount {
  return [service ?? null, NAMES.get(level) ?? 'UNKNOWN', hour, n];
}

function contextTexts(context: EventFrame['context']): string[] {
  const { service = '', host = '', file = '', fields = {} } = context;
  return [service, host, file, ...Object.entries(fields).flat()];
}

function newColumns(keys: readonly string[]) {
  const ts = new PlainColumn(COLUMNS.ts, 'int64');
  const flags = new PlainColumn(COLUMNS.flags, 'int32');
  const level = new PlainColumn(COLUMNS.level, 'int8');
  const values = [...MARKED_ROLES, ...keys.map((_, at) => `k${at}`)].map((name) => new PlainColumn(name, 'text'));
  const message = new PlainColumn(COLUMNS.message, 'text');
  const rest = new PlainColumn(COLUMNS.rest, 'text');
  const lineBytes = new PlainColumn(COLUMNS.lineBytes, 'bytes');
  const context = new PlainColumn(COLUMNS.context, 'text');
  const messageTime = new PlainColumn(MESSAGE_TIME, 'text');
  return {
    add(row: StoredRow, raw: Uint8Array, contextText: string): void {
      ts.int64(row.ts);
      flags.int32(row.flags);
      level.int32(row.level);
      values.forEach((column, at) => column.text(row.values[at]));
      message.text(row.message);
      rest.text(row.rest);
      if (row.rest === undefined) lineBytes.bytes(raw);
      else lineBytes.null();
      context.text(contextText);
      messageTime.null();
    },
    take: () =>
      [ts, flags, level, ...values, message, rest, lineBytes, context, messageTime].map((column) => column.take()),
  };
}

class KeyCounts {
  readonly #keys = new Map<string, { rows: number; readonly values: Set<string> }>();

  add({ fields }: StoredRow): void {
    for (const key of Object.keys(fields)) {
      const value = fields[key];
      const text = value === undefined || !isPromotable(key) ? undefined : columnText(value);
      if (text === undefined) continue;
      const seen = this.#keys.get(key) ?? { rows: 0, values: new Set<string>() };
      seen.rows += 1;
      if (seen.values.size < MOST_DISTINCT) seen.values.add(text);
      this.#keys.set(key, seen);
    }
  }

  all(): KeyStatistic[] {
    return [...this.#keys].map(([key, { rows, values }]) => ({ key, rows, distinct: values.size }));
  }
}
