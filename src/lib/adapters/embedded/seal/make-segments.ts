import { join } from 'node:path';
import { removeIfThere } from '../../../buffer/durable.ts';
import type { Fs } from '../../../buffer/fs.ts';
import type { SegmentEntry } from '../layout.ts';
import type { OtherDay } from '../scan/scanned-group.ts';
import type { Duck } from '../segment/duckdb.ts';
import { dayName, LEAST_BYTES } from '../segment/segment.ts';
import { DayPass, type OtherEvents } from './day-pass.ts';
import { finishSegment } from './finish-segment.ts';
import { NewSegment } from './new-segment.ts';
import { deleteSpareFiles } from './plain-files.ts';
import { joined, type Selection } from './source-block.ts';
import { compareTotals, type Totals, totalsOf } from './totals.ts';

/** What segments are made with. */
export interface SegmentPlan {
  readonly fs: Fs;
  /** May read and write the tenant's folder. */
  readonly duck: Duck;
  /** Absolute. */
  readonly tenantDir: string;
  /** Name for the segments, used once only: several days get the same one in their own folders. */
  readonly name: string;
  /** Keys that get columns; undefined: those that the first events show. */
  readonly columns: readonly string[] | undefined;
  /** What the events are together. */
  readonly totals: Totals;
  /** Whether the segments have a column with the log id of each row. */
  readonly ids: boolean;
  /** All events become one segment, whatever their days. */
  readonly together?: boolean;
  /** Bytes of events that a day has at the least to get a segment of its own where there are many; 1 MiB where absent. */
  readonly leastBytes?: number;
  /** Compression level of zstd. */
  readonly level: number;
  /** Bytes of events in a row group, about; 6 MB where absent. */
  readonly groupBytes?: number;
  /** Rows of a row group, whole vectors: events given so many at a time are then not copied once more. */
  readonly groupRows?: number;
  /** Hears of what went wrong and was put right. */
  readonly tell: (problem: string) => void;
  /** Called when nobody reads the events any more: what is left to do needs the plain files alone. */
  readonly scanned?: () => void;
  /** Gives up between two row groups; what DuckDB does is interrupted. */
  readonly signal?: AbortSignal | undefined;
}

export interface MadeSegments {
  readonly entries: readonly NewEntry[];
  /** `[seq, events]`: frames with events that were kept whole because they could not be parsed. */
  readonly unparsed: readonly (readonly [seq: number, events: number])[];
}

/** The ranges of log files that the rows come from are the caller's to say. */
export type NewEntry = Omit<SegmentEntry, 'ranges'>;

/** Days that DuckDB may be writing while the next is scanned: one is written while another is read back. */
const MOST_FINISHING = 2;
/** Days that get a segment of their own; the events of all further days share one, named after the first of them. */
const MOST_DAYS = 64;
/** Where there are more days, those with little share one, too: each segment takes its time, and ten kilobytes. */
const FEW_DAYS = 8;

/**
 * Makes segments of events: one a day, rows in the order given, on the disk under their final names, read back and
 * compared with the events' bytes. Nothing of it counts until a commit names it; after an error no file of it is left.
 * What has to wait for DuckDB leaves the thread to other builds.
 */
export async function makeSegments(
  plan: SegmentPlan,
  events: Iterable<Selection> | AsyncIterable<Selection>,
): Promise<MadeSegments> {
  const made: string[] = [];
  const begun: NewSegment[] = [];
  const entries: NewEntry[] = [];
  const unparsed = new Map<number, number>();
  const others: OtherEvents[] = [];
  let { columns } = plan;
  const finishing: Promise<NewEntry>[] = [];
  const finishOne = async (): Promise<void> => {
    const first = finishing.shift();
    if (first !== undefined) entries.push(await first);
  };

  const pass = async (day: number | null | undefined, from: typeof events): Promise<void> => {
    if (finishing.length === MOST_FINISHING) await finishOne();
    const run = new DayPass({
      day,
      columns,
      groupBytes: plan.groupBytes,
      groupRows: plan.groupRows,
      tell: plan.tell,
      signal: plan.signal,
      segment(of, keys) {
        const path = join(plan.tenantDir, dayName(of), `${plan.name}.plain.tmp`);
        const segment = new NewSegment(of, path, keys, plan.ids, day === null);
        made.push(path);
        begun.push(segment);
        return segment;
      },
    });
    for await (const selection of from) await run.add(selection);
    const segment = await run.finish();
    ({ columns } = run);
    others.push(...run.others);
    for (const [seq, count] of run.unparsed) unparsed.set(seq, (unparsed.get(seq) ?? 0) + count);
    if (segment === undefined) return;
    const finished = finishSegment(plan, segment, made);
    finished.catch(() => undefined);
    finishing.push(finished);
  };

  try {
    await pass(plan.together === true ? null : undefined, events);
    const sizes = bytesOfDays(others);
    const days = [...sizes.keys()];
    const large =
      days.length < FEW_DAYS ? days : days.filter((day) => (sizes.get(day) ?? 0) >= (plan.leastBytes ?? LEAST_BYTES));
    const own = large.slice(0, MOST_DAYS - 1);
    const mixed = new Set(days.filter((day) => !own.includes(day)));
    const found = others.splice(0);
    for (const day of own)
      await pass(
        day,
        selected(found, (of) => of === day),
      );
    if (mixed.size > 0)
      await pass(
        null,
        selected(found, (of) => mixed.has(of)),
      );
    plan.scanned?.();
    while (finishing.length > 0) await finishOne();
    compareTotals(totalsOf(entries), plan.totals);
  } catch (error) {
    await Promise.allSettled(finishing);
    for (const segment of begun) segment.close();
    for (const path of made) await removeIfThere(plan.fs, path);
    // The disk may be full.
    deleteSpareFiles();
    throw error;
  }
  return { entries, unparsed: [...unparsed] };
}

function bytesOfDays(others: readonly OtherEvents[]): Map<number, number> {
  const sizes = new Map<number, number>();
  for (const { day, block, runs } of others) {
    let bytes = sizes.get(day) ?? 0;
    for (const { event, events } of runs) bytes += (block.ends[event + events - 1] ?? 0) - (block.starts[event] ?? 0);
    sizes.set(day, bytes);
  }
  return sizes;
}

/** The events of some days, as they came, as one selection. */
function selected(others: readonly OtherEvents[], isWanted: (day: number) => boolean): Selection[] {
  const blocks = new Map<OtherEvents['block'], OtherDay[]>();
  for (const { day, block, runs } of others) {
    if (isWanted(day)) blocks.set(block, [...(blocks.get(block) ?? []), ...runs]);
  }
  const selections = [...blocks].map(([block, runs]) => ({ block, events: numbersIn(runs) }));
  return selections.length > 1 ? [joined(selections)] : selections;
}

/** The numbers of the events of runs, ascending. */
function numbersIn(runs: readonly OtherDay[]): Uint32Array {
  const numbers = new Uint32Array(runs.reduce((sum, { events }) => sum + events, 0));
  let at = 0;
  for (const { event, events } of runs) for (let of = event; of < event + events; of++) numbers[at++] = of;
  return numbers.sort();
}
