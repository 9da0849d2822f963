import { isAscii, isUtf8 } from 'node:buffer';
import { closeSync } from 'node:fs';
import { ROW_FLAGS } from '../../../query/sql-columns.ts';
import { LEVELS } from '../../../record/level.ts';
import type { EventContext, LogRecord } from '../../../record/record.ts';
import { HOUR_NS } from '../../../record/time.ts';
import type { HourCount, RowRun } from '../layout.ts';
import { closePlainFile, openPlainFile } from './plain-files.ts';
import { PlainParquetWriter } from './plain-parquet.ts';
import { GROUP_ROWS, newColumns } from '../segment/segment.ts';

/** A row group is written out when it holds so many bytes, however few rows: big events must not fill the memory. */
const GROUP_BYTES = 4 * 1024 * 1024;
const MOST_COUNTS = 1000;
const BACKSLASH = 0x5c;

/** Where the bytes of an event stand in its log file, and what the frame around it says. */
export interface EventPlace {
  readonly start: number;
  readonly end: number;
  readonly seq: number;
  readonly line: number;
  readonly received: number;
  readonly context: EventContext;
  /** Where the segment has ids. */
  readonly id: string | undefined;
}

/** The context as it is stored: one text per object, for it stays the same over many frames. */
const contextTexts = new WeakMap<EventContext, string>();

function contextText(context: EventContext): string {
  let text = contextTexts.get(context);
  if (text === undefined) {
    text = JSON.stringify(context);
    contextTexts.set(context, text);
  }
  return text;
}

/** Columns of segments that are done, with their grown buffers: new ones cost the builder a tenth of its time. */
const spareColumns: ReturnType<typeof newColumns>[] = [];
const MOST_SPARE = 2;

/** The rows of one segment while a log file is read: columns for DuckDB, runs, statistics, and what to read back. */
export class DayRows {
  readonly day: number;
  readonly path: string;
  readonly #columns = spareColumns.pop() ?? newColumns();
  readonly #writer: string;
  readonly ids: boolean;
  #file: { readonly fd: number; readonly parquet: PlainParquetWriter } | undefined;
  #groupRows = 0;
  readonly runs: { -readonly [Member in keyof RowRun]: RowRun[Member] }[] = [];
  /** The stored context of each run. */
  readonly runContexts: string[] = [];
  rows = 0;
  rawBytes = 0;
  minTs = 0n;
  maxTs = 0n;
  minReceived = Number.MAX_SAFE_INTEGER;
  maxReceived = 0;
  starts = new Uint32Array(1024);
  ends = new Uint32Array(1024);
  times = new BigInt64Array(1024);
  readonly #counts = new Map<string | undefined, Map<number, number>>();
  #pairs = 0;

  constructor(day: number, path: string, writer: string, ids: boolean) {
    this.day = day;
    this.path = path;
    this.#writer = writer;
    this.ids = ids;
  }

  add(record: LogRecord, raw: Buffer, place: EventPlace): void {
    const context = contextText(place.context);
    this.#addRun(place, context);
    this.#remember(place.start, place.end, record.ts);
    this.#count(record);
    const columns = this.#columns;
    const ascii = isAscii(raw);
    columns.ts.int64(record.ts);
    columns.flags.int32(flagsOf(record, raw, ascii, place.context));
    columns.level.int32(LEVELS[record.level]);
    columns.service.text(record.service);
    columns.host.text(record.host);
    columns.message.text(record.message);
    if (ascii || isUtf8(raw)) {
      columns.line.bytes(raw);
      columns.lineBytes.null();
    } else {
      columns.line.null();
      columns.lineBytes.bytes(raw);
    }
    columns.context.text(context);
    if (this.ids) columns.id.text(place.id);
    this.rawBytes += raw.length + 1;
    this.#groupRows++;
    if (
      this.#groupRows >= GROUP_ROWS ||
      columns.line.used + columns.message.used + columns.lineBytes.used >= GROUP_BYTES
    ) {
      this.#flush();
    }
  }

  /** Writes the rest of the plain Parquet file. */
  finish(): void {
    if (this.#groupRows > 0) this.#flush();
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    closePlainFile(file.fd, file.parquet.finish());
  }

  /** Lets go of a file that was not finished. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file.fd);
    this.#file = undefined;
  }

  /** Gives the columns back once the segment is done; no rows can be added then. */
  release(): void {
    if (spareColumns.length < MOST_SPARE) spareColumns.push(this.#columns);
  }

  /** Absent where there are more pairs than an entry of a commit may list. */
  counts(): HourCount[] | undefined {
    if (this.#pairs > MOST_COUNTS) return undefined;
    const names = new Map<number, string>(Object.entries(LEVELS).map(([name, number]) => [number, name]));
    return [...this.#counts].flatMap(([service, counts]) =>
      [...counts].map(
        ([key, n]): HourCount => [service ?? null, names.get(key % 32) ?? 'UNKNOWN', Math.floor(key / 32), n],
      ),
    );
  }

  #flush(): void {
    if (this.#file === undefined) {
      const fd = openPlainFile(this.path);
      const { id, ...columns } = this.#columns;
      const all = this.ids ? [...Object.values(columns), id] : Object.values(columns);
      this.#file = { fd, parquet: new PlainParquetWriter(fd, all) };
    }
    this.#file.parquet.writeGroup(this.#groupRows);
    this.#groupRows = 0;
  }

  #addRun(place: EventPlace, context: string): void {
    const last = this.runs.at(-1);
    if (last !== undefined && last.seq === place.seq && last.line + last.rows === place.line) {
      last.rows++;
      return;
    }
    this.runs.push({
      firstRow: this.rows,
      rows: 1,
      writer: this.#writer,
      seq: place.seq,
      line: place.line,
      received: place.received,
    });
    this.runContexts.push(context);
    this.minReceived = Math.min(this.minReceived, place.received);
    this.maxReceived = Math.max(this.maxReceived, place.received);
  }

  #remember(start: number, end: number, ts: bigint): void {
    if (this.rows === this.starts.length) {
      this.starts = grown(this.starts, new Uint32Array(this.rows * 2));
      this.ends = grown(this.ends, new Uint32Array(this.rows * 2));
      const times = new BigInt64Array(this.rows * 2);
      times.set(this.times);
      this.times = times;
    }
    this.starts[this.rows] = start;
    this.ends[this.rows] = end;
    this.times[this.rows] = ts;
    if (this.rows === 0 || ts < this.minTs) this.minTs = ts;
    if (this.rows === 0 || ts > this.maxTs) this.maxTs = ts;
    this.rows++;
  }

  #count(record: LogRecord): void {
    if (this.#pairs > MOST_COUNTS) return;
    const key = Number(record.ts / HOUR_NS) * 32 + LEVELS[record.level];
    let counts = this.#counts.get(record.service);
    if (counts === undefined) {
      counts = new Map();
      this.#counts.set(record.service, counts);
    }
    const before = counts.get(key);
    if (before === undefined) this.#pairs++;
    counts.set(key, (before ?? 0) + 1);
  }
}

function grown(from: Uint32Array, to: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  to.set(from);
  return to;
}

function flagsOf(record: LogRecord, raw: Buffer, ascii: boolean, context: EventContext): number {
  let flags = ascii ? 0 : ROW_FLAGS.NON_ASCII;
  if (raw.includes(BACKSLASH)) {
    flags |= ROW_FLAGS.BACKSLASH;
    if (raw.includes('\\u') || raw.includes('\\U')) flags |= ROW_FLAGS.UNICODE_ESCAPE;
  }
  if (context.fields !== undefined && Object.keys(context.fields).length > 0) flags |= ROW_FLAGS.CONTEXT_FIELDS;
  if (record.tsText === undefined) flags |= ROW_FLAGS.NO_TIME;
  if (record.format === 'json') flags |= ROW_FLAGS.JSON;
  return flags;
}
