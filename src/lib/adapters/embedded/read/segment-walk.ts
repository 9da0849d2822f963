import type { LogRecord } from '../../../record/record.ts';
import type { SegmentTable } from '../../../query/key-columns.ts';
import type { Needs } from '../../../query/needs.ts';
import type { Predicate } from '../../../query/predicate.ts';
import type { Sql } from '../../../query/sql.ts';
import type { TimeRange } from '../../../store/store.ts';
import type { SegmentEntry } from '../layout.ts';
import type { CountedMatches, HourlyMost } from './counted.ts';
import { candidateRecords } from './candidate-records.ts';
import { type Candidate, candidatePage, compareCandidates, type Order } from './candidates.ts';
import { groupsOf, notePassed, rowsWithout } from './groups.ts';
import { openAhead, type ReadPlace, readParts } from './read-parts.ts';
import { haveRecordColumns } from './row-records.ts';
import { firstAtOnce, rowsAtOnce } from './rows-at-once.ts';
import { entryOf, type GroupRows } from './rows-sql.ts';
import { sameStatement } from './same-statement.ts';
import { SegmentTables } from './segment-tables.ts';
import { damageOf, noteDamage } from './segment-gone.ts';
import { openSegment, type OpenSegment } from './segment-reader.ts';

/** What one search asks of segments. */
export interface Asked {
  readonly range: TimeRange;
  readonly order: Order;
  /** Infinity for all. */
  readonly limit: number;
  readonly needs: Needs;
  readonly counted: CountedMatches;
  readonly may: (table: SegmentTable) => Sql;
  readonly matches: Predicate;
}

/** Events read at once: few at first, so that the first are there soon. */
const LEAST_CHUNK = 256;
const MOST_CHUNK = 2048;
/** Rows numbered at once, at the most: some 100 bytes each. */
const MOST_PAGE = 16_384;
/** Row groups looked through by one statement. */
const MOST_WAVE = 32;
/**
 * Where few groups are left by what the filter needs, each has few rows: they are read together. The first are read with
 * their events at once, which may be all that is wanted.
 */
const SELECTIVE_WAVE = 8;
const MOST_WHOLE = 2;

/** Row groups of which candidates are still to come: those from `bound` to `end`, in the order asked for. */
interface Pending {
  readonly bound: bigint;
  readonly end: bigint;
  readonly parts: readonly GroupRows[];
  /** About so many candidates, rather more. */
  readonly most: number;
  /** Candidates up to this time were given. */
  readonly behind?: bigint;
}

/**
 * The records of segments that match, in order. Row groups are walked by their times: first the numbers of rows that may
 * match, of as many groups as are needed; and when no group left can hold one that comes before them, their events.
 */
export class SegmentWalk {
  readonly #place: ReadPlace;
  readonly #asked: Asked;
  readonly #sign: 1 | -1;
  readonly #isSelective: boolean;
  readonly #tables: SegmentTables;
  readonly #statementOf: (entry: SegmentEntry) => string;
  /** Not opened yet, the next one last. */
  readonly #segments: SegmentEntry[];
  /** In no order. */
  #pending: Pending[] = [];
  /** Found, the next one last. */
  #pool: Candidate[] = [];
  /** Those that come next, in order. */
  #due: Candidate[] = [];
  #wave: number;
  #chunk = LEAST_CHUNK;
  #given = 0;
  /** How many candidates to take for one that is wanted: more and more while they do not match. */
  #spare = 1;

  constructor(place: ReadPlace, segments: readonly SegmentEntry[], asked: Asked) {
    this.#place = place;
    this.#asked = asked;
    this.#sign = asked.order === 'oldest' ? 1 : -1;
    this.#tables = new SegmentTables(segments);
    this.#statementOf = sameStatement(this.#tables, asked.may);
    this.#isSelective = asked.needs.kind !== 'any';
    this.#wave = this.#isSelective ? MOST_WHOLE : 1;
    this.#segments = [...segments].sort((a, b) => this.#compare(boundOf(b, asked.order), boundOf(a, asked.order)));
  }

  /** No record comes before this time, in the order asked for; undefined where there is none at all. */
  get bound(): bigint | undefined {
    const next = this.#segments.at(-1);
    return next === undefined ? undefined : boundOf(next, this.#asked.order);
  }

  /** The next records, at least one; empty at the end. */
  async next(): Promise<readonly LogRecord[]> {
    for (;;) {
      this.#place.signal.throwIfAborted();
      const left = this.#left();
      if (this.#due.length === 0)
        this.#due = await this.#ready(Math.min(this.#chunk, left), Math.min(this.#chunk, withSpare(left)));
      if (this.#due.length === 0) return [];
      const records = await candidateRecords(this.#place, this.#due.splice(0, firstAtOnce(this.#due)));
      this.#place.report.scanned += records.length;
      const matching = records.filter(this.#asked.matches);
      this.#given += matching.length;
      this.#chunk = Math.min(MOST_CHUNK, this.#chunk * 2);
      if (matching.length * 2 < records.length) this.#spare *= 4;
      if (matching.length > 0) return matching;
    }
  }

  /** Candidates that are likely to have as many matches as are still to be given. */
  #left(): number {
    return Math.max(1, this.#asked.limit - this.#given) * this.#spare;
  }

  #compare(a: bigint, b: bigint): number {
    return a === b ? 0 : a < b ? -this.#sign : this.#sign;
  }

  /** The next candidates in order, at least `least` of them where there are so many. */
  async #ready(least: number, most: number): Promise<Candidate[]> {
    for (;;) {
      await this.#openDue(most);
      const next = this.#nextPending();
      const count = this.#countBefore(next?.bound, most);
      if (next === undefined || count >= least) return this.#pool.splice(this.#pool.length - count, count).reverse();
      await this.#look(next);
    }
  }

  /** How many candidates, at most `most`, no row group left can come before or between. */
  #countBefore(bound: bigint | undefined, most: number): number {
    let count = 0;
    for (let at = this.#pool.length - 1; at >= 0 && count < most; at--) {
      const candidate = this.#pool[at];
      if (bound !== undefined && candidate !== undefined && this.#compare(candidate.ts, bound) >= 0) break;
      count++;
    }
    return count;
  }

  #nextPending(): Pending | undefined {
    return this.#pending.reduce<Pending | undefined>(
      (best, each) => (best === undefined || this.#compare(each.bound, best.bound) < 0 ? each : best),
      undefined,
    );
  }

  /**
   * Opens the segments that may hold something before all else that is pending, and more while what is pending is less
   * than one statement looks through, or cannot be as much as is wanted.
   */
  async #openDue(wanted: number): Promise<void> {
    const { order, needs, range, counted } = this.#asked;
    for (;;) {
      const entry = this.#segments.at(-1);
      if (entry === undefined) return;
      const next = this.#nextPending();
      const isDue = next === undefined || this.#compare(boundOf(entry, order), next.bound) <= 0;
      const isEnough = this.#pending.length >= this.#wave && this.#pool.length + mostOf(this.#pending) >= wanted;
      if (!isDue && isEnough) return;
      this.#segments.pop();
      const segment = await this.#open(entry);
      if (segment === undefined) continue;
      const most = counted.of(entry);
      const kept = groupsOf(segment, needs, range, most);
      notePassed(this.#place.report, rowsWithout(segment, kept));
      if (kept.length > 0) openAhead(this.#place);
      const share = shareOf(entry, most);
      for (const group of kept) {
        const { minTs, maxTs, rows } = segment.index.groups[group] ?? { minTs: 0n, maxTs: 0n, rows: 0 };
        const [bound, end] = order === 'oldest' ? [minTs, maxTs] : [maxTs, minTs];
        this.#pending.push({ bound, end, parts: [{ segment, groups: [group] }], most: rows * share });
      }
    }
  }

  async #open(entry: SegmentEntry): Promise<OpenSegment | undefined> {
    const { fs, tenantDir, report } = this.#place;
    try {
      return await openSegment(fs, tenantDir, entry);
    } catch (error) {
      noteDamage(report, await damageOf(error, fs, tenantDir, entry));
      return undefined;
    }
  }

  /** Finds the candidates of the next row groups, or more of those that have been looked into. */
  async #look(next: Pending): Promise<void> {
    const { range, order, may } = this.#asked;
    const left = this.#left();
    const taken = next.behind === undefined ? this.#nextGroups(next, Math.min(MOST_CHUNK, withSpare(left))) : [next];
    this.#pending = this.#pending.filter((each) => !taken.includes(each));
    const parts = next.behind === undefined ? joined(taken.flatMap((each) => each.parts)) : next.parts;
    const whole = this.#isSelective && canBeWhole(parts, withSpare(left));
    const page = whole ? withSpare(left) : Math.min(MOST_PAGE, Math.max(LEAST_CHUNK, left * 2));
    const pages = readParts(this.#place, parts, async (duck, some) => {
      const asked = {
        may: may(this.#tables.of(entryOf(some))),
        range,
        order,
        limit: page,
        behind: next.behind,
        whole,
      };
      return { some, found: await candidatePage(duck, some, asked, this.#place.signal) };
    });
    for await (const { some, found } of pages) {
      this.#pool.push(...found.candidates);
      if (found.upTo === undefined) continue;
      const bound = found.upTo - (order === 'oldest' ? -1n : 1n);
      // Damaged groups need not be looked at again.
      this.#pending.push({ bound, end: bound, parts: some, most: page, behind: found.upTo });
    }
    this.#pool.sort((a, b) => -this.#sign * compareCandidates(a, b));
  }

  /**
   * The next groups that one statement can look through: more than the last time, so many that `wanted` may be in them,
   * and all that begin before the last of those.
   */
  #nextGroups(next: Pending, wanted: number): Pending[] {
    const statement = this.#statementOn(next);
    const alike = this.#pending.filter((each) => each.behind === undefined && this.#statementOn(each) === statement);
    alike.sort((a, b) => this.#compare(a.bound, b.bound));
    const taken: Pending[] = [];
    let found = 0;
    let reach: bigint | undefined;
    for (const group of alike.slice(0, MOST_WAVE)) {
      const isBefore = reach === undefined || this.#compare(group.bound, reach) <= 0;
      if (taken.length >= this.#wave && !isBefore) break;
      taken.push(group);
      if (reach === undefined && found + group.most >= wanted) reach = within(group, (wanted - found) / group.most);
      found += group.most;
    }
    this.#wave = Math.min(MOST_WAVE, Math.max(this.#wave * 2, this.#isSelective ? SELECTIVE_WAVE : 1));
    return taken;
  }

  #statementOn({ parts: [first] }: Pending): string {
    return first === undefined ? '' : this.#statementOf(first.segment.entry);
  }
}

/** Whether so many rows of few groups can be read with their events: not more than are held at once. */
function canBeWhole(parts: readonly GroupRows[], rows: number): boolean {
  const groups = parts.reduce((sum, part) => sum + part.groups.length, 0);
  const most = Math.min(LEAST_CHUNK, ...parts.map(({ segment }) => rowsAtOnce(segment.entry)));
  return groups <= MOST_WHOLE && rows <= most && haveRecordColumns(parts);
}

/** A few more than are left to give: of candidates some do not match, and to come again for those costs as much. */
function withSpare(left: number): number {
  return left + Math.max(4, left >> 3);
}

/** Of the rows of a segment, those that match at most: as if they lay in it evenly. */
function shareOf({ rows }: SegmentEntry, most: HourlyMost | undefined): number {
  if (most === undefined) return 1;
  let matching = 0;
  for (const events of most.values()) matching += events;
  return matching / rows;
}

/** The time up to which a group has so much of what it has, as if that lay in it evenly. */
function within({ bound, end }: Pending, part: number): bigint {
  return bound + BigInt(Math.trunc(Number(end - bound) * part));
}

function mostOf(pending: readonly Pending[]): number {
  return pending.reduce((sum, { most }) => sum + most, 0);
}

function boundOf({ minTs, maxTs }: SegmentEntry, order: Order): bigint {
  return BigInt(order === 'oldest' ? minTs : maxTs);
}

/** Groups of one segment as one part. */
function joined(parts: readonly GroupRows[]): GroupRows[] {
  const groups = new Map<OpenSegment, number[]>();
  for (const part of parts) groups.set(part.segment, [...(groups.get(part.segment) ?? []), ...part.groups]);
  return Array.from(groups, ([segment, all]) => ({ segment, groups: all.sort((a, b) => a - b) }));
}
