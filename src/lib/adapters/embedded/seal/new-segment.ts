import { closeSync } from 'node:fs';
import { TEXT_NAMES } from '../../../query/key-columns.ts';
import { COLUMNS, ROW_FLAGS } from '../../../query/sql-columns.ts';
import { DAY_NS } from '../../../record/time.ts';
import type { HourCount, KeyStatistic, PromotedColumn, RowRun } from '../layout.ts';
import { PlainColumn } from '../scan/plain-column.ts';
import type { ScannedColumn, ScannedGroup } from '../scan/scanned-group.ts';
import { KeyStatistics } from '../segment/choose-columns.ts';
import type { NewGroup } from '../segment/idx.ts';
import { ID, keyColumn } from '../segment/segment.ts';
import { openPlainFile } from './plain-files.ts';
import { PlainParquetWriter } from './plain-parquet.ts';
import { eachFrame, type SourceBlock, type SourceFrame } from './source-block.ts';

/** More pairs of service, level and hour than an entry of a commit may list. */
const MOST_COUNTS = 1000;

/** A column of the plain file: how many values it has, and the bytes of those that are texts or bytes. */
export interface ColumnSum {
  readonly name: string;
  readonly type: ScannedColumn['type'];
  values: number;
  bytes: number;
}

/** The rows of one segment while they are scanned: its plain Parquet file, runs and statistics. */
export class NewSegment {
  /** Days since 1970: of its folder. */
  readonly day: number;
  /** Of the plain file. */
  readonly path: string;
  readonly ids: boolean;
  readonly #keys: readonly string[];
  /** Days of rows, from 1970; kept where there may be several. */
  readonly #days: Set<number> | undefined;
  #file: { readonly fd: number; readonly parquet: PlainParquetWriter } | undefined;
  readonly #idColumn = new PlainColumn(ID, 'text');
  /** Row groups of the plain file. */
  readonly groups: Omit<NewGroup, 'offset' | 'length' | 'crc'>[] = [];
  readonly sums: ColumnSum[] = [];
  readonly runs: { -readonly [Member in keyof RowRun]: RowRun[Member] }[] = [];
  readonly #statistics = new KeyStatistics();
  readonly #integers: boolean[];
  #counts: Map<string, HourCount> | undefined = new Map();
  /** Flags that some row has. */
  flags = 0;
  /** Columns whose values were taken out of messages, numbered as their marks have them. */
  readonly marked = new Set<number>();
  /** Numbers of the promoted columns that do not tell all of some row. */
  readonly opaque = new Set<number>();
  /** Whether a line, or a value taken out of one, holds the name of a text field beside the message. */
  namesTexts = false;
  rows = 0;
  rawBytes = 0;
  minTs = 0n;
  maxTs = 0n;
  minReceived = Number.MAX_SAFE_INTEGER;
  maxReceived = 0;

  constructor(day: number, path: string, keys: readonly string[], ids: boolean, mixed: boolean) {
    this.day = day;
    this.path = path;
    this.#keys = keys;
    this.#integers = keys.map(() => true);
    this.ids = ids;
    this.#days = mixed ? new Set() : undefined;
  }

  /** Writes out a row group; its arrays need not stay. */
  add(group: ScannedGroup, block: SourceBlock): void {
    if (group.rows === 0) return;
    this.#addRuns(group, block);
    const columns = this.ids ? [...group.columns, this.#idColumn.take()] : group.columns;
    this.#file ??= open(this.path);
    this.#file.parquet.writeGroup(group.rows, columns);
    const { rows, minTs, maxTs, open: isOpen, filters } = group;
    const { tokens, trigrams } = filters;
    this.groups.push({
      rows,
      minTs,
      maxTs,
      open: isOpen,
      filters: { tokens: Uint8Array.from(tokens), trigrams: Uint8Array.from(trigrams) },
    });
    this.#lookAtFlags(group);
    for (const [at, column] of columns.entries()) this.#addSum(at, column);
    for (const column of columns) {
      const at = this.#keys.findIndex((_, index) => column.name === keyColumn(index));
      if (at !== -1 && !column.integers) this.#integers[at] = false;
    }
    this.#look(columns);
    if (this.#days !== undefined) addDays(this.#days, columns);
    for (const number of group.marked) this.marked.add(number);
    this.#statistics.add(group.keys);
    this.#addCounts(group.counts);
    if (this.rows === 0 || minTs < this.minTs) this.minTs = minTs;
    if (this.rows === 0 || maxTs > this.maxTs) this.maxTs = maxTs;
    this.rows += rows;
    this.rawBytes += group.rawBytes;
  }

  /** Writes the rest of the plain file. */
  finish(): void {
    this.#file?.parquet.finish();
    this.close();
  }

  /** Lets go of a file that was not finished. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file.fd);
    this.#file = undefined;
  }

  /** The promoted keys, each with the type that all of its values have. */
  columns(): PromotedColumn[] {
    return this.#keys.map((key, at) => ({ key, type: this.#integers[at] === true ? 'int' : 'text' }));
  }

  /** The days of its rows, rising, where they are not the one day that its name says. */
  days(): number[] | undefined {
    const days = [...(this.#days ?? [])].sort((a, b) => a - b);
    return days.length === 0 || (days.length === 1 && days[0] === this.day) ? undefined : days;
  }

  keyStatistics(): KeyStatistic[] {
    return this.#statistics.all();
  }

  /** Absent where there are more pairs than an entry of a commit may list. */
  counts(): HourCount[] | undefined {
    return this.#counts === undefined ? undefined : [...this.#counts.values()];
  }

  #addRuns({ events }: ScannedGroup, block: SourceBlock): void {
    const { lines } = block;
    eachFrame({ block, events }, ({ from, to, frame, first }) => {
      if (this.ids) {
        for (let at = from; at < to; at++) {
          const event = events[at] ?? 0;
          this.#idColumn.text(frame.idOf(event - first, lines[event] ?? 0));
        }
      }
      for (let at = from; at < to; ) {
        const event = events[at] ?? 0;
        const line = lines[event] ?? 0;
        const last = events[to - 1] ?? 0;
        // Mostly every line of the frame is an event of the group.
        const isWhole = last - event === to - 1 - at && (lines[last] ?? 0) - line === last - event;
        const rows = isWhole ? to - at : 1;
        this.#addRun(this.rows + at, rows, frame, line);
        at += rows;
      }
    });
  }

  #addRun(firstRow: number, rows: number, { writer, seq, received }: SourceFrame, line: number): void {
    const last = this.runs.at(-1);
    if (last?.seq === seq && last.writer === writer && last.received === received && last.line + last.rows === line) {
      last.rows += rows;
      return;
    }
    this.runs.push({ firstRow, rows, writer, seq, line, received });
    this.minReceived = Math.min(this.minReceived, received);
    this.maxReceived = Math.max(this.maxReceived, received);
  }

  #look(columns: readonly ScannedColumn[]): void {
    for (const { name, type, repeated, values } of columns) {
      if (this.namesTexts) return;
      if (type !== 'text' || name === COLUMNS.message || name === COLUMNS.context) continue;
      const pieces = [...(repeated?.values ?? []), ...values];
      this.namesTexts = pieces.some((piece) => TEXT_NAMES.some((text) => bufferOf(piece).includes(text)));
    }
  }

  /** Where some row does not tell all of its keys: a value that a column cannot have is none in it. */
  #lookAtFlags({ columns, flags: all }: ScannedGroup): void {
    this.flags |= all;
    if ((all & ROW_FLAGS.OPAQUE) === 0) return;
    const keys = columns.filter(({ name }) => this.#keys.some((_, number) => name === keyColumn(number)));
    const flags = columns.find(({ name }) => name === COLUMNS.flags)?.values ?? [];
    let row = 0;
    for (const piece of flags) {
      for (const ofRow of numbersOf(piece)) {
        if ((ofRow & ROW_FLAGS.OPAQUE) !== 0)
          for (const [number, { present }] of keys.entries()) if (!isSet(present, row)) this.opaque.add(number);
        row += 1;
      }
    }
  }

  #addSum(at: number, { name, type, count, bytes }: ScannedColumn): void {
    const sum = (this.sums[at] ??= { name, type, values: 0, bytes: 0 });
    sum.values += count;
    if (type === 'text' || type === 'bytes') sum.bytes += bytes;
  }

  #addCounts(counts: ScannedGroup['counts']): void {
    if (counts === undefined) this.#counts = undefined;
    const sums = this.#counts;
    for (const [service, level, hour, n] of counts ?? []) {
      if (sums === undefined) return;
      const pair = JSON.stringify([service, level, hour]);
      sums.set(pair, [service, level, hour, n + (sums.get(pair)?.[3] ?? 0)]);
    }
    if (sums !== undefined && sums.size > MOST_COUNTS) this.#counts = undefined;
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The days of times, which are never repeated values. Those of neighbours are most often the same. */
function addDays(days: Set<number>, columns: readonly ScannedColumn[]): void {
  let from = 0n;
  let to = 0n;
  for (const piece of columns.find(({ name }) => name === COLUMNS.ts)?.values ?? []) {
    const { buffer, byteOffset, byteLength } = piece.byteOffset % 8 === 0 ? piece : Uint8Array.from(piece);
    for (const ts of new BigInt64Array(buffer, byteOffset, byteLength / 8)) {
      if (ts >= from && ts < to) continue;
      const day = ts >= 0n || ts % DAY_NS === 0n ? ts / DAY_NS : ts / DAY_NS - 1n;
      days.add(Number(day));
      from = day * DAY_NS;
      to = from + DAY_NS;
    }
  }
}

function open(path: string): { fd: number; parquet: PlainParquetWriter } {
  const file = openPlainFile(path);
  return { fd: file.fd, parquet: new PlainParquetWriter(file) };
}

function isSet(bits: Uint8Array, at: number): boolean {
  return (((bits[at >>> 3] ?? 0) >>> (at & 7)) & 1) === 1;
}

/** Of 32 bits, wherever they begin. */
function numbersOf(piece: Uint8Array): Int32Array {
  const { buffer, byteOffset, byteLength } = piece.byteOffset % 4 === 0 ? piece : Uint8Array.from(piece);
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}
