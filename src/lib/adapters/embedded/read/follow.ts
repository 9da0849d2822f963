import { setTimeout as sleep } from 'node:timers/promises';
import type { Fs } from '../../../buffer/fs.ts';
import type { Predicate } from '../../../query/predicate.ts';
import type { LogRecord } from '../../../record/record.ts';
import type { Damage } from '../../../store/store.ts';
import type { CommitLog } from '../commits/commit-log.ts';
import { logKey, segmentKey } from '../commits/commit-state.ts';
import type { Duck } from '../segment/duckdb.ts';
import type { RowRun, SealedRange, SegmentEntry, StoreState } from '../layout.ts';
import {
  eachLiveEvent,
  type LiveLog,
  type LogPlace,
  liveRecord,
  placeBehind,
  placeId,
  readLiveLog,
  readLogBehind,
  unsealed,
} from './live-logs.ts';
import { groupsWith, rowsWithin } from './groups.ts';
import { lessAtOnce } from './less-at-once.ts';
import { inTurn } from './memory-turns.ts';
import { recordsOf } from './row-records.ts';
import { adjoining, type GroupRows } from './rows-sql.ts';
import { checkGroups, type OpenSegment, openSegment, placeIdOf } from './segment-reader.ts';
import { damageOf, SegmentGone } from './segment-gone.ts';
import { type LogFileEntry, listLogs } from '../../../buffer/log-folder.ts';

const POLL_MS = 120;
/** Events are held so long, that those of other writers received before them can come first. */
const HOLD_MS = 250;
/** Rows of a segment read at once. */
const CHUNK = 2048;

export interface Followed {
  readonly fs: Fs;
  readonly tenantDir: string;
  readonly commits: CommitLog;
  readonly duck: () => Promise<Duck>;
  /** Hears that memory was short. */
  readonly tell: (text: string) => void;
  readonly matches: Predicate;
  /** Hears once of each part of what arrives that cannot be read; the rest is given. */
  readonly damaged: (damage: Damage) => void;
}

/** A record and its place in the log files, which says when this store received it. */
interface Arrived {
  readonly record: LogRecord;
  readonly place: string;
}

/**
 * Follows what arrives: the frames of log files behind the positions of the call, and where a log was sealed before its
 * frames were seen, its rows. A frame's place (log file, `seq`) says whether it was given already, so that every event
 * comes exactly once. Ordered by place within what is released together: per writer as received.
 */
class Follower {
  readonly #store: Followed;
  /** Highest `seq` seen of each log file. */
  readonly #seen = new Map<string, number>();
  readonly #sizes = new Map<string, number>();
  /** Where what was read of each log file ends: it is read on from there, not again from its start. */
  readonly #places = new Map<string, LogPlace>();
  /** Damaged places that need not be told any more: what was there before is none of what arrives. */
  readonly #known = new Set<string>();
  #folded = 0;
  #pending: { readonly arrived: Arrived; readonly at: number }[] = [];

  constructor(store: Followed) {
    this.#store = store;
  }

  /**
   * Takes what is in the store now as seen. A log of now is in the list, or was committed before the fold; one that is
   * in neither began later, and all of it arrives. What a log holds is what its copy holds: frames appended and sealed
   * behind the copy arrive too.
   */
  async start(): Promise<void> {
    const { fs, tenantDir, commits } = this.#store;
    const entries = await listLogs(fs, tenantDir);
    const { state: before, damage } = await commits.foldReadable();
    for (const each of damage) this.#known.add(placeOf(each));
    const gone: LogFileEntry[] = [];
    for (const entry of entries) {
      const log = await readLiveLog(fs, entry);
      if (log === undefined) gone.push(entry);
      else {
        this.#saw(logKey(entry), log.frames.at(-1)?.header.seq ?? 0);
        this.#read(log, 0);
        for (const each of damageIn(log)) this.#known.add(placeOf(each));
      }
    }
    this.#sawConsumed(before);
    if (gone.length > 0) {
      const { consumed } = (await commits.foldReadable()).state;
      for (const entry of gone) {
        for (const range of consumed.get(logKey(entry)) ?? []) this.#saw(logKey(entry), range.to);
      }
    }
    this.#folded = before.number;
  }

  async poll(signal: AbortSignal): Promise<void> {
    const { fs, tenantDir, commits } = this.#store;
    const fresh: Arrived[] = [];
    const copies = [];
    for (const entry of await listLogs(fs, tenantDir)) {
      if (this.#sizes.get(logKey(entry)) === entry.bytes) continue;
      const place = this.#places.get(logKey(entry));
      const more = place === undefined ? undefined : await readLogBehind(fs, entry, place);
      const log = more ?? (await readLiveLog(fs, entry));
      if (log !== undefined) copies.push({ log, from: more === undefined ? 0 : (place?.offset ?? 0) });
    }
    const { state, damage } = await commits.foldReadable();
    this.#tell(damage);
    for (const { log, from } of copies) this.#read(log, from);
    for (const log of unsealed(
      copies.map((copy) => copy.log),
      state,
    )) {
      const key = logKey(log.entry);
      const seen = this.#seen.get(key) ?? 0;
      const frames = log.frames.filter(({ header }) => header.seq > seen);
      eachLiveEvent({ ...log, frames }, (event) => {
        const record = liveRecord(event);
        if (this.#store.matches(record)) fresh.push({ record, place: placeId(event) });
      });
      this.#saw(key, frames.at(-1)?.header.seq ?? 0);
      this.#tell(damageIn(log));
    }
    if (state.number > this.#folded) {
      await this.#readSealed(state, fresh, signal);
      this.#folded = state.number;
    }
    const at = Date.now();
    for (const arrived of fresh) this.#pending.push({ arrived, at });
  }

  /** What has been held long enough. */
  release(): LogRecord[] {
    const until = Date.now() - HOLD_MS;
    const due = this.#pending.filter(({ at }) => at <= until).map(({ arrived }) => arrived);
    if (due.length > 0) this.#pending = this.#pending.filter(({ at }) => at > until);
    return due.sort((a, b) => (a.place < b.place ? -1 : 1)).map(({ record }) => record);
  }

  /** Notes how far a log file was read; the bytes given are those from `from` on. */
  #read(log: LiveLog, from: number): void {
    const key = logKey(log.entry);
    this.#sizes.set(key, from + log.bytes.length);
    const place = placeBehind(log, from);
    if (place === undefined) this.#places.delete(key);
    else this.#places.set(key, place);
  }

  #saw(key: string, seq: number): void {
    this.#seen.set(key, Math.max(this.#seen.get(key) ?? 0, seq));
  }

  #sawConsumed({ consumed }: StoreState): void {
    for (const [key, ranges] of consumed) for (const range of ranges) this.#saw(key, range.to);
  }

  #tell(damage: readonly Damage[]): void {
    for (const each of damage) {
      if (this.#known.has(placeOf(each))) continue;
      this.#known.add(placeOf(each));
      this.#store.damaged(each);
    }
  }

  async #readSealed(state: StoreState, fresh: Arrived[], signal: AbortSignal): Promise<void> {
    const missed = new Map<string, number>();
    for (const [key, ranges] of state.consumed) {
      const seen = this.#seen.get(key) ?? 0;
      if (ranges.some((range) => range.to > seen)) missed.set(key, seen);
    }
    if (missed.size === 0) return;
    const found: Arrived[] = [];
    for (const entry of state.segments.values()) {
      const ranges = entry.ranges.filter((range) => range.to > (missed.get(logKey(range)) ?? range.to));
      if (ranges.length === 0) continue;
      try {
        const seen = (range: SealedRange): number => missed.get(logKey(range)) ?? 0;
        for (const arrived of await this.#readRows(entry, ranges, seen, signal)) found.push(arrived);
      } catch (error) {
        const newer = error instanceof SegmentGone ? (await this.#store.commits.foldReadable()).state : state;
        // Compacted away meanwhile, and for long: the rows are in another.
        if (!newer.segments.has(segmentKey(entry))) return this.#readSealed(newer, fresh, signal);
        this.#tell([await this.#damageOf(error, entry)]);
      }
    }
    for (const arrived of found) fresh.push(arrived);
    this.#sawConsumed(state);
  }

  async #damageOf(error: unknown, entry: SegmentEntry): Promise<Damage> {
    if (error instanceof SegmentGone) return { where: error.segment, what: error.message };
    return damageOf(error, this.#store.fs, this.#store.tenantDir, entry);
  }

  /** What matches of the rows of some ranges that were not seen before. */
  async #readRows(
    entry: SegmentEntry,
    ranges: readonly SealedRange[],
    seen: (range: SealedRange) => number,
    signal: AbortSignal,
  ): Promise<Arrived[]> {
    const { fs, tenantDir, duck, tell } = this.#store;
    const segment = await openSegment(fs, tenantDir, entry);
    const fresh: number[] = [];
    for (const run of segment.index.runs) {
      const range = ranges.find((each) => holds(each, run));
      if (range === undefined || run.seq <= seen(range)) continue;
      for (let row = run.firstRow; row < run.firstRow + run.rows; row++) fresh.push(row);
    }
    const found: Arrived[] = [];
    for (const whole of await this.#wholeParts(segment, fresh)) {
      const rows = rowsWithin(whole, fresh);
      for (let from = 0; from < rows.length; from += CHUNK) {
        const slice = rows.slice(from, from + CHUNK);
        const parts = [{ segment, groups: groupsWith(segment, slice) }];
        const pieces = lessAtOnce({ duck, signal, tell }, parts, async ([part = whole], alone) => {
          const own = await duck();
          return inTurn(own, alone, () => recordsOf(own, part, rowsWithin(part, slice), signal));
        });
        for await (const records of pieces) {
          for (const [row, record] of records)
            if (this.#store.matches(record)) found.push({ record, place: placeIdOf(segment.index, row) });
        }
      }
    }
    return found;
  }

  /** The row groups of some rows that can be read; of the others it tells why not. */
  async #wholeParts(segment: OpenSegment, rows: readonly number[]): Promise<GroupRows[]> {
    const { whole, damage } = await checkGroups(this.#store.fs, segment, groupsWith(segment, rows));
    this.#tell(damage);
    return adjoining({ segment, groups: whole });
  }
}

/** Whether the rows of a run come from a range: files of one writer differ in their receive times. */
function holds({ writer, from, to, received }: SealedRange, run: RowRun): boolean {
  if (run.writer !== writer || run.seq < from || run.seq > to) return false;
  return received === undefined || (run.received >= received[0] && run.received <= received[1]);
}

function damageIn({ entry, damage }: LiveLog): Damage[] {
  return damage.map(({ offset, what }) => ({ where: entry.path, what: `byte ${offset}: ${what}` }));
}

function placeOf({ where, what }: Damage): string {
  return `${where} ${what}`;
}

/** Each matching event that arrives after the call, exactly once, within a second. Ends only by `signal`. */
export function followStore(store: Followed, signal: AbortSignal): AsyncIterable<readonly LogRecord[]> {
  const follower = new Follower(store);
  // The positions are those of the call, not of the first `next`.
  const started = follower.start();
  started.catch(() => undefined);
  return records();

  async function* records(): AsyncGenerator<readonly LogRecord[]> {
    await started;
    while (!signal.aborted) {
      try {
        await follower.poll(signal);
      } catch (error) {
        if (signal.aborted) return;
        throw error;
      }
      const due = follower.release();
      if (due.length > 0) yield due;
      else await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
