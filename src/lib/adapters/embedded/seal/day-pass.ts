import { setImmediate } from 'node:timers/promises';
import { LogsError } from '../../../errors.ts';
import { DAY_NS } from '../../../record/time.ts';
import { ReferenceScanner } from '../scan/reference-scanner.ts';
import type { GroupRequest, OtherDay, ScannedGroup } from '../scan/scanned-group.ts';
import { storedRow } from '../scan/stored-row.ts';
import { chooseColumns } from '../segment/choose-columns.ts';
import type { NewSegment } from './new-segment.ts';
import { scannerFor } from './shared-scanner.ts';
import { bytesOf, eachWithFrame, joined, type Selection, type SourceBlock } from './source-block.ts';

/** DuckDB keeps row groups as they are where they have whole vectors of so many rows. */
export const VECTOR_ROWS = 2048;
const MOST_VECTORS = 60;
/** With 8 MB `logs ship` of 228 MB took 480 MB of memory instead of 433, and what it wrote was 2 % smaller. */
const GROUP_BYTES = 6e6;
/** Rows of the first group that show which keys are worth columns. */
const SHOWING_ROWS = 2 * VECTOR_ROWS;
/** Above it a group ends before its rows are a whole vector: long lines must not take DuckDB more memory than it has. */
const MOST_GROUP_BYTES = 24e6;

/** Events that a pass found to be of another day. */
export interface OtherEvents {
  readonly day: number;
  readonly block: SourceBlock;
  readonly runs: OtherDay[];
}

export interface PassOptions {
  /** Days since 1970; null: all days; undefined: that of the first event. */
  readonly day: number | null | undefined;
  /** Keys that get columns; undefined: those that the first events show. */
  readonly columns: readonly string[] | undefined;
  /** Bytes of events in a row group, about. */
  readonly groupBytes: number | undefined;
  /** Rows of one, whole vectors; where absent, as many as have those bytes by the first events. */
  readonly groupRows: number | undefined;
  /** Makes the segment once it is known for which day and with which keys. */
  readonly segment: (day: number, columns: readonly string[]) => NewSegment;
  readonly tell: (problem: string) => void;
  readonly signal: AbortSignal | undefined;
}

/** One pass over events: those of one day become row groups of a segment, the others are listed. */
export class DayPass {
  readonly #options: PassOptions;
  #day: number | null | undefined;
  #columns: readonly string[] | undefined;
  #groupRows = 0;
  #segment: NewSegment | undefined;
  #pending: Selection | undefined;
  readonly #others = new Map<SourceBlock, Map<number, OtherEvents>>();
  /** Events that could not be parsed, by `seq`. */
  readonly unparsed = new Map<number, number>();

  constructor(options: PassOptions) {
    this.#options = options;
    this.#day = options.day;
    this.#columns = options.columns;
    this.#groupRows = options.groupRows ?? 0;
  }

  get columns(): readonly string[] | undefined {
    return this.#columns;
  }

  /** What was of other days, in no order. */
  get others(): OtherEvents[] {
    return [...this.#others.values()].flatMap((days) => [...days.values()]);
  }

  async add(selection: Selection): Promise<void> {
    await this.#scan(this.#pending === undefined ? selection : joined([this.#pending, selection]), false);
  }

  /** The segment with all its rows, its plain file whole; undefined where no event was of the day. */
  async finish(): Promise<NewSegment | undefined> {
    if (this.#pending !== undefined) await this.#scan(this.#pending, true);
    this.#segment?.finish();
    return this.#segment;
  }

  async #scan({ block, events }: Selection, last: boolean): Promise<void> {
    this.#pending = undefined;
    if (events.length === 0) return;
    if (this.#groupRows === 0) {
      const eventBytes = bytesOf({ block, events }) / events.length + 1;
      this.#groupRows = rowsOfGroup(eventBytes, this.#options.groupBytes ?? GROUP_BYTES);
    }
    if (this.#day === undefined) this.#day = dayOf(block, events[0] ?? 0);
    let from = 0;
    while (from < events.length) {
      this.#options.signal?.throwIfAborted();
      const rows = rowsWithin(block, events, from, this.#groupRows);
      if (!last && events.length - from < rows) break;
      const group = this.#group(block, { events, from, day: this.#day, rows });
      this.#list(block, group);
      if (!last && group.rows < rows) {
        this.#pending = { block, events: Uint32Array.from(group.events) };
        return;
      }
      this.#keep(block, group);
      from = group.next;
      // What others wait for from DuckDB and the disk has come meanwhile, and their next statement is to be asked.
      await setImmediate();
    }
    if (from < events.length) this.#pending = { block, events: events.subarray(from) };
  }

  #group(block: SourceBlock, request: GroupRequest): ScannedGroup {
    if (this.#columns === undefined) {
      const seen = scannerFor([]).scan(block, { ...request, rows: Math.min(request.rows, SHOWING_ROWS) });
      this.#columns = chooseColumns(seen.keys, seen.rows);
    }
    const scanner = scannerFor(this.#columns);
    const group = scanner.scan(block, request);
    const row = scanner.firstDifference(block);
    if (row === -1) return group;
    eachWithFrame({ block, events: group.events.slice(row, row + 1) }, (event, { seq }) => {
      const place = `line ${block.lines[event] ?? 0} of frame ${seq}`;
      this.#options.tell(
        `the scanner would not have given back ${place} as it came; its row group was made without it`,
      );
    });
    const slow = new ReferenceScanner({ columns: this.#columns });
    const safe = slow.scan(block, request);
    if (slow.firstDifference(block) === -1) return safe;
    throw new LogsError('INTERNAL', 'an event could not be given back as it came', {
      hint: 'Nothing is lost: the log file stays and is read. Please report this.',
    });
  }

  #list(block: SourceBlock, group: ScannedGroup): void {
    for (const run of group.others) this.#othersOf(block, run.day).runs.push(run);
  }

  #othersOf(block: SourceBlock, day: number): OtherEvents {
    const days = this.#others.get(block) ?? new Map<number, OtherEvents>();
    this.#others.set(block, days);
    const list = days.get(day) ?? { day, block, runs: [] };
    days.set(day, list);
    return list;
  }

  #keep(block: SourceBlock, group: ScannedGroup): void {
    if (group.rows === 0) return;
    this.#segment ??= this.#options.segment(this.#day ?? Number(group.minTs / DAY_NS), this.#columns ?? []);
    this.#segment.add(group, block);
    eachWithFrame({ block, events: Uint32Array.from(group.unparsed) }, (_, { seq }) => {
      this.unparsed.set(seq, (this.unparsed.get(seq) ?? 0) + 1);
    });
  }
}

/** Rows of a row group of about so many bytes, for events of so many each. */
export function rowsOfGroup(eventBytes: number, groupBytes: number): number {
  const vectors = Math.floor(groupBytes / eventBytes / VECTOR_ROWS);
  return Math.min(Math.max(vectors, 1), MOST_VECTORS) * VECTOR_ROWS;
}

/** How many events from one on have no more bytes than a group may have, up to `most`; at least one. */
function rowsWithin({ starts, ends }: SourceBlock, events: Uint32Array, from: number, most: number): number {
  const last = Math.min(from + most, events.length) - 1;
  const span = (ends[events[last] ?? 0] ?? 0) - (starts[events[from] ?? 0] ?? 0);
  // Events lie in the block in their order: together they have no more bytes than from the first to the last.
  if (span <= MOST_GROUP_BYTES) return most;
  let size = 0;
  for (let at = from; at <= last; at++) {
    const event = events[at] ?? 0;
    size += (ends[event] ?? 0) - (starts[event] ?? 0) + 1;
    if (size > MOST_GROUP_BYTES) return Math.max(1, at - from);
  }
  return most;
}

function dayOf(block: SourceBlock, event: number): number {
  let day = 0;
  eachWithFrame({ block, events: Uint32Array.of(event) }, (_, { context, receivedAt }) => {
    const { buffer, byteOffset } = block.bytes;
    const start = block.starts[event] ?? 0;
    const raw = Buffer.from(buffer, byteOffset + start, (block.ends[event] ?? start) - start);
    day = Number(storedRow(raw, context, receivedAt, []).ts / DAY_NS);
  });
  return day;
}
