import type { Filter, GroupKey, QueryClock, StatFunction } from '../query/ast.ts';
import type { AggregateTable } from '../query/table.ts';
import type { EventBatch, SourceMark } from '../record/batch.ts';
import type { LogRecord } from '../record/record.ts';

export type { EventBatch, SourceMark } from '../record/batch.ts';

export type { AggregateTable } from '../query/table.ts';

/** Nanoseconds since 1970; `from` belongs to the range, `to` does not. Absent: open. */
export interface TimeRange {
  readonly from?: bigint;
  readonly to?: bigint;
}

export interface SearchPlan {
  readonly filter: Filter;
  readonly range: TimeRange;
  readonly clock: QueryClock;
  /** By (ts, log_id), ascending for `oldest`, descending for `newest`. */
  readonly order: 'oldest' | 'newest';
  /** At most so many records, the first in `order`. Absent: all. */
  readonly limit?: number;
}

export interface AggregatePlan {
  readonly filter: Filter;
  readonly range: TimeRange;
  readonly clock: QueryClock;
  readonly functions: readonly StatFunction[];
  readonly by: readonly GroupKey[];
}

/** Something that cannot be read, and so is in no answer. */
export interface Damage {
  readonly where: string;
  readonly what: string;
}

/** What a read found out beside its records; filled while it runs, final when it has ended. */
export interface ReadReport {
  /** Events looked at, whether they matched or not; pruned ones are not counted. */
  scanned: number;
  /** Events that are there and were not looked at, as none of them could match or others had counted them. Absent: none known. */
  passed?: number;
  /** Damage met: what was left out of the answer. Not empty means a partial answer, exit 2. */
  readonly damage: Damage[];
}

/** What is known of the newest events without reading them. */
export interface Glimpse {
  /** The time of the newest event; undefined where there is none. */
  readonly newest: bigint | undefined;
  /** All events there are, and not just the newest, are spoken of below. */
  readonly all: boolean;
  /** Of the fields asked for, those that events among them have, and not seldom. */
  readonly present: ReadonlySet<string>;
  /** Of the fields asked for, those that none of them has. Of a field in neither only the events can tell. */
  readonly absent: ReadonlySet<string>;
  /** Names of fields that they have. */
  readonly names: ReadonlySet<string>;
  /** Those are all names; else those of nested fields, and some others, are not among them. */
  readonly allNames: boolean;
}

/** Where logs are kept and asked for. Every implementation passes `test/contracts/store.ts`. */
export interface LogStore {
  /** MUST give each matching event exactly once, in the order asked for, whatever writers and sealers do meanwhile. */
  search(plan: SearchPlan, report: ReadReport, signal: AbortSignal): AsyncIterable<readonly LogRecord[]>;
  /** MUST count each matching event exactly once; the same numbers as aggregating what `search` gives. */
  aggregate(plan: AggregatePlan, report: ReadReport, signal: AbortSignal): Promise<AggregateTable>;
  /**
   * MUST give each event that arrives after the call exactly once, within a second; ends only by `signal`. What cannot be
   * read of it MUST be told to `damaged`, once, and the rest given.
   */
  follow(
    plan: { readonly filter: Filter; readonly clock: QueryClock },
    damaged: (damage: Damage) => void,
    signal: AbortSignal,
  ): AsyncIterable<readonly LogRecord[]>;
  /** Where it costs less than reading: about fields of the `recent` newest events. MUST NOT call one absent that has values. */
  glimpse?(fields: readonly string[], recent: number, signal: AbortSignal): Promise<Glimpse>;
}

export interface LogWriter {
  /**
   * Resolves when every byte of the batch survives a power cut. Rejects when it may not; then nothing of it is
   * acknowledged, and every later batch of the same source MUST be rejected too, those that waited behind it included:
   * a source has no gaps. Whoever opens a writer anew goes on from `marks`.
   */
  append(batch: EventBatch): Promise<void>;
  /** Events appended that were kept whole because they could not be parsed; known once `close` has resolved. */
  readonly unparsed: number;
  /** How far sources were taken in, by whatever process: read again only what is above. */
  marks(): Promise<ReadonlyMap<string, SourceMark>>;
  /** Waits for what was appended, seals what is due, releases the claim. */
  close(): Promise<void>;
}
