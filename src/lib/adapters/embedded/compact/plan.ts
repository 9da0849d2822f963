import { DAY_NS } from '../../../record/time.ts';
import type { SegmentEntry } from '../layout.ts';
import { dayName, LEAST_BYTES } from '../segment/segment.ts';

/** A segment of so many bytes of events is large enough: it is not merged any more. */
export const ENOUGH_BYTES = 256 * 2 ** 20;
/** The most that is merged into one. */
export const MOST_BYTES = 2 ** 30;

/**
 * How many times larger than the largest of them several have to be together, for a merge to be worth rewriting them.
 * Every byte so gets into a segment that much larger, and is rewritten no more often than that takes it to be enough:
 * twice from a log file's 24 MiB while its day goes on, where four of about the same size are merged; two are after it.
 */
const GROWTH = { busy: 3.5, quiet: 1.75, all: 1.25 } as const;
/** Each has its own file open, and some of its rows in memory. */
const MOST_SEGMENTS = 64;
/** A day that nothing came in for so long is quiet. */
const QUIET_MS = 60 * 60_000;
/** A day that is over for so long is cold. */
const COLD_MS = 60 * 60_000;
const DAY_MS = 86_400_000;

/** Characters of `YYYY.MM.DD` that days of a period have in common: a day, a month, a year, all there are. */
const PERIODS = [10, 7, 4, 0] as const;

/** Segments to build anew, as one or as one a day. */
export interface CompactionStep {
  /** The first of the segments' days, `YYYY.MM.DD`, and how many they are. */
  readonly day: string;
  readonly days: number;
  readonly segments: readonly SegmentEntry[];
  /** Bytes of their events. */
  readonly rawBytes: number;
  /** Its last day is over: what is built now will be read for long, and smaller is worth more time. */
  readonly cold: boolean;
  /** Its days get segments of their own. */
  readonly split: boolean;
}

export interface PlanOptions {
  /** `all`: whatever makes noticeably fewer segments. `due`: only what has to be done anyhow, and once is enough. */
  readonly want: 'all' | 'due';
  /** Bytes of events that one step may have. */
  readonly most: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** `day/name` of segments to leave as they are. */
  readonly without?: ReadonlySet<string>;
}

/**
 * What to do about the segments of a store, smallest steps first. Small ones of a day are merged towards 256 MiB to 1 GiB
 * of events, those of days that have little with others of their month, year, or all. One that holds several days with
 * more than a little each is split. A large one is never rewritten to take in little.
 */
export function planCompaction(segments: Iterable<SegmentEntry>, options: PlanOptions): CompactionStep[] {
  const steps: CompactionStep[] = [];
  const rest = new Map<SegmentEntry, number>();
  for (const segment of segments) {
    if (options.without?.has(`${segment.day}/${segment.name}`) === true) continue;
    const step = stepOf([segment], options.now);
    if (!step.split) rest.set(segment, periodOf(segment));
    else if (segment.rawBytes <= options.most) steps.push(step);
  }
  for (const [level, length] of PERIODS.entries()) {
    for (const [period, found] of grouped(rest, level, length)) {
      const little = found.reduce((sum, { rawBytes }) => sum + rawBytes, 0) < LEAST_BYTES;
      if (little && length > 0 && isOver(period, options.now)) {
        for (const segment of found) rest.set(segment, level + 1);
        continue;
      }
      let left = found
        .filter(({ rawBytes }) => rawBytes < ENOUGH_BYTES)
        .sort((a, b) => a.rawBytes - b.rawBytes || (a.name < b.name ? -1 : 1));
      const growth = growthOf(left, options);
      for (let count = 1; count > 0; left = left.slice(count)) {
        count = worthMerging(left, growth, options.most);
        if (count > 0) steps.push(stepOf(left.slice(0, count), options.now));
      }
    }
  }
  return steps.sort((a, b) => a.rawBytes - b.rawBytes || (a.day < b.day ? -1 : 1));
}

/** The shortest period that has all days of a segment, as an index of PERIODS. */
function periodOf({ day, days, minTs, maxTs }: SegmentEntry): number {
  if (days === undefined) return 0;
  const names = [day, dayOf(minTs), dayOf(maxTs)];
  const at = PERIODS.findIndex((length) => new Set(names.map((name) => name.slice(0, length))).size === 1);
  return Math.max(1, at);
}

function grouped(rest: ReadonlyMap<SegmentEntry, number>, level: number, length: number): Map<string, SegmentEntry[]> {
  const periods = new Map<string, SegmentEntry[]>();
  for (const [segment, of] of rest) {
    if (of !== level) continue;
    const period = segment.day.slice(0, length);
    const others = periods.get(period);
    if (others === undefined) periods.set(period, [segment]);
    else others.push(segment);
  }
  return periods;
}

/** A day is over an hour after its end; of months and years that go on, what is over may leave. */
function isOver(period: string, now: number): boolean {
  return period.length < 10 || now - endOf(period) > COLD_MS;
}

function endOf(day: string): number {
  return Date.parse(day.replaceAll('.', '-')) + DAY_MS;
}

function dayOf(ts: string): string {
  const nanos = BigInt(ts);
  const day = nanos / DAY_NS;
  return dayName(Number(nanos < 0n && nanos % DAY_NS !== 0n ? day - 1n : day));
}

function growthOf(segments: readonly SegmentEntry[], { want, now }: PlanOptions): number {
  if (want === 'all') return GROWTH.all;
  const newest = segments.reduce((most, { maxReceived }) => Math.max(most, maxReceived), 0);
  return now - newest > QUIET_MS ? GROWTH.quiet : GROWTH.busy;
}

/** How many of the smallest to merge; 0 where it is not worth it. */
function worthMerging(rising: readonly SegmentEntry[], growth: number, most: number): number {
  let sum = 0;
  let count = 0;
  for (const [at, { rawBytes }] of rising.entries()) {
    sum += rawBytes;
    if (sum > Math.min(most, MOST_BYTES) || at === MOST_SEGMENTS) break;
    if (at > 0 && sum >= growth * rawBytes) count = at + 1;
  }
  return count;
}

function stepOf(segments: readonly SegmentEntry[], now: number): CompactionStep {
  const rawBytes = segments.reduce((sum, segment) => sum + segment.rawBytes, 0);
  const days = [...new Set(segments.flatMap((segment) => segment.days ?? [segment.day]))].sort();
  const cold = now - endOf(days.at(-1) ?? '') > COLD_MS;
  const split = days.length > 1 && rawBytes >= days.length * LEAST_BYTES;
  return { day: days[0] ?? '', days: days.length, segments, rawBytes, cold, split };
}
