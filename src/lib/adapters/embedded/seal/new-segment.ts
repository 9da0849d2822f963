import { closeSync } from 'node:fs';
import { MESSAGE_TIME } from '../../../query/sql-columns.ts';
import type { HourCount, KeyStatistic, PromotedColumn } from '../layout.ts';
import { PlainColumn } from '../scan/plain-column.ts';
import type { ScannedColumn, ScannedGroup } from '../scan/scanned-group.ts';
import { KeyStatistics } from '../segment/choose-columns.ts';
import type { NewGroup } from '../segment/idx.ts';
import { ID, keyColumn } from '../segment/segment.ts';
import { HourCounts } from './hour-counts.ts';
import { openPlainFile } from './plain-files.ts';
import { PlainParquetWriter } from './plain-parquet.ts';
import { RowRuns } from './row-runs.ts';
import { addDays, RowTraits } from './row-traits.ts';
import { eachWithFrame, type SourceBlock } from './source-block.ts';

/** A column of the plain file: how many values it has, and the bytes of those that are texts or bytes. */
export interface ColumnSum {
  readonly name: string;
  readonly type: ScannedColumn['type'];
  values: number;
  bytes: number;
}

/** Whether a segment has a column: it has none of times that messages begin with where no message does. */
export function hasColumn({ name, values }: ColumnSum): boolean {
  return name !== MESSAGE_TIME || values > 0;
}

/** The rows of one segment while they are scanned: its plain Parquet file, and what its index and its entry say. */
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
  readonly runs = new RowRuns();
  readonly traits: RowTraits;
  readonly #statistics = new KeyStatistics();
  readonly #counts = new HourCounts();
  readonly #integers: boolean[];
  rows = 0;
  rawBytes = 0;
  minTs = 0n;
  maxTs = 0n;

  constructor(day: number, path: string, keys: readonly string[], ids: boolean, mixed: boolean) {
    this.day = day;
    this.path = path;
    this.#keys = keys;
    this.#integers = keys.map(() => true);
    this.traits = new RowTraits(keys.length);
    this.ids = ids;
    this.#days = mixed ? new Set() : undefined;
  }

  /** Writes out a row group; its arrays need not stay. */
  add(group: ScannedGroup, block: SourceBlock): void {
    if (group.rows === 0) return;
    const columns = this.ids ? [...group.columns, this.#idsOf(group, block)] : group.columns;
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
    for (const [at, column] of columns.entries()) this.#addSum(at, column);
    for (const at of this.#keys.keys())
      if (columns.some(({ name, integers }) => name === keyColumn(at) && !integers)) this.#integers[at] = false;
    this.runs.add(group, block, this.rows);
    this.traits.add(group);
    if (this.#days !== undefined) addDays(this.#days, columns);
    this.#statistics.add(group.keys);
    this.#counts.add(group.counts);
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
    return this.#counts.all();
  }

  #idsOf({ events }: ScannedGroup, block: SourceBlock): ScannedColumn {
    eachWithFrame({ block, events }, (event, frame, inFrame) => {
      this.#idColumn.text(frame.idOf(inFrame, block.lines[event] ?? 0));
    });
    return this.#idColumn.take();
  }

  #addSum(at: number, { name, type, count, bytes }: ScannedColumn): void {
    const sum = (this.sums[at] ??= { name, type, values: 0, bytes: 0 });
    sum.values += count;
    if (type === 'text' || type === 'bytes') sum.bytes += bytes;
  }
}

function open(path: string): { fd: number; parquet: PlainParquetWriter } {
  const file = openPlainFile(path);
  return { fd: file.fd, parquet: new PlainParquetWriter(file) };
}
