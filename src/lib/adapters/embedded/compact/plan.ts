import { DAY_NS } from '../../../record/time.ts';
import type { SegmentEntry } from '../layout.ts';
import { dayName } from '../segment/segment.ts';

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

/** Segments to build anew as one, or as one a day. */
export interface CompactionStep {
  /** `YYYY.MM.DD`: of the segments. */
  readonly day: string;
  readonly segments: readonly SegmentEntry[];
  /** Bytes of their events. */
  readonly rawBytes: number;
  /** Its day is over: what is built now will be read for long, and smaller is worth more time. */
  readonly cold: boolean;
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
 * of events; one that holds several days is split. A large one is never rewritten to take in little.
 */
export function planCompaction(segments: Iterable<SegmentEntry>, options: PlanOptions): CompactionStep[] {
  const days = new Map<string, SegmentEntry[]>();
  const steps: CompactionStep[] = [];
  for (const segment of segments) {
    if (options.without?.has(`${segment.day}/${segment.name}`) === true) continue;
    if (isMixed(segment)) {
      if (segment.rawBytes <= options.most) steps.push(stepOf([segment], options.now));
      continue;
    }
    if (segment.rawBytes >= ENOUGH_BYTES) continue;
    const others = days.get(segment.day);
    if (others === undefined) days.set(segment.day, [segment]);
    else others.push(segment);
  }
  for (const ofDay of days.values()) {
    let rest = ofDay.sort((a, b) => a.rawBytes - b.rawBytes || (a.name < b.name ? -1 : 1));
    for (;;) {
      const count = worthMerging(rest, growthOf(ofDay, options), options.most);
      if (count === 0) break;
      steps.push(stepOf(rest.slice(0, count), options.now));
      rest = rest.slice(count);
    }
  }
  return steps.sort((a, b) => a.rawBytes - b.rawBytes || (a.day < b.day ? -1 : 1));
}

/** Whether it has rows of other days than its name says: made of a log file of very many days. */
function isMixed({ day, minTs, maxTs }: SegmentEntry): boolean {
  const from = dayOf(minTs);
  return from !== dayOf(maxTs) || from !== day;
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
  const day = segments[0]?.day ?? '';
  const rawBytes = segments.reduce((sum, segment) => sum + segment.rawBytes, 0);
  const end = Date.parse(day.replaceAll('.', '-')) + DAY_MS;
  return { day, segments, rawBytes, cold: now - end > COLD_MS };
}
