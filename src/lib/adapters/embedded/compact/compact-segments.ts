import { type Fs, nodeFs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { logKey, segmentKey } from '../commits/commit-state.ts';
import type { SealedRange, SegmentEntry } from '../layout.ts';
import { type OpenSegment, openSegment, readWhole } from '../read/segment-reader.ts';
import { borrowDuck, returnDuck } from '../seal/builder-duck.ts';
import { rowsOfGroup } from '../seal/day-pass.ts';
import { makeSegments } from '../seal/make-segments.ts';
import { allOf, type Selection } from '../seal/source-block.ts';
import { totalsOf } from '../seal/totals.ts';
import { chooseColumns, KeyStatistics } from '../segment/choose-columns.ts';
import { MOST_COLUMNS } from '../segment/marks.ts';
import { parquetPath } from '../segment/segment.ts';
import type { CompactRequest, CompactResult } from './compact-request.ts';
import { mergedRows } from './merged-rows.ts';

/** Bytes of events in a row group: read less often one by one than those of today, and smaller the larger they are. */
const GROUP_BYTES = 20e6;
/** Levels of zstd: of days that are over, and of those that go on. */
const COLD = 9;
const WARM = 6;

/**
 * Builds segments anew, as one or as one a day: their events are rebuilt to the bytes received, merged in the order of log
 * ids, made rows of again, read back and compared. Nothing of it counts until a commit names it; after an error, or an
 * abort, no file of it is left. Where an input is damaged nothing is built.
 */
export async function compactSegments(
  request: CompactRequest,
  signal: AbortSignal,
  fs: Fs = nodeFs,
): Promise<CompactResult> {
  const { tenantDir, inputs, name, cold, split } = request;
  const problems: string[] = [];
  const duck = await borrowDuck(tenantDir);
  try {
    const { whole, damaged } = await openAll(fs, tenantDir, inputs, signal);
    if (damaged.length > 0) return { added: [], damaged, problems };
    const groupRows = groupRowsOf(inputs);
    const plan = {
      fs,
      duck,
      tenantDir,
      name,
      columns: columnsOf(whole, request.asked),
      totals: totalsOf(inputs),
      ids: inputs.some(({ ids }) => ids === true),
      level: cold ? COLD : WARM,
      together: !split,
      groupRows,
      tell: (problem: string): void => void problems.push(problem),
      signal,
    };
    const { entries } = await makeSegments(plan, selections());
    const added = entries.map((entry) => ({ ...entry, ranges: carriedRanges(inputs, daysOf(entry)) }));
    return { added, damaged, problems };

    async function* selections(): AsyncGenerator<Selection> {
      for await (const block of mergedRows(duck, whole, groupRows, signal)) yield allOf(block);
    }
  } finally {
    returnDuck(tenantDir);
  }
}

function groupRowsOf(inputs: readonly SegmentEntry[]): number {
  const { rows, rawBytes } = totalsOf(inputs);
  return rowsOfGroup(rawBytes / rows, GROUP_BYTES);
}

/** Every byte of every input is checked before anything is made of it. */
async function openAll(
  fs: Fs,
  tenantDir: string,
  inputs: readonly SegmentEntry[],
  signal: AbortSignal,
): Promise<{ readonly whole: readonly OpenSegment[]; readonly damaged: CompactResult['damaged'] }> {
  const whole: OpenSegment[] = [];
  const damaged: { segment: string; what: string }[] = [];
  for (const entry of inputs) {
    signal.throwIfAborted();
    try {
      whole.push(await openSegment(fs, tenantDir, entry));
      await readWhole(fs, parquetPath(tenantDir, entry), entry.parquet, entry);
    } catch (error) {
      if (!(error instanceof LogsError) || error.code !== 'STORE_DAMAGED') throw error;
      damaged.push({ segment: segmentKey(entry), what: error.message });
    }
  }
  return { whole, damaged };
}

/** Of the keys that queries asked for, the last ones: some were only mistyped. */
const MOST_ASKED = 16;

/** The keys that get columns: those that queries ask for, then those that the inputs' own statistics speak for. */
function columnsOf(inputs: readonly OpenSegment[], asked: readonly string[]): readonly string[] {
  const statistics = new KeyStatistics();
  let rows = 0;
  for (const { index } of inputs) {
    statistics.add(index.keys);
    rows += index.rows;
  }
  // Statistics are of a sample: what few events have is not in them.
  const first = asked.slice(0, MOST_ASKED);
  return [...new Set([...first, ...chooseColumns(statistics.all(), rows)])].slice(0, MOST_COLUMNS);
}

/** The ranges of log files that the rows of some days come from, each once, with what tells its rows from those of others. */
function carriedRanges(inputs: readonly SegmentEntry[], days: readonly string[]): SealedRange[] {
  const ranges = new Map<string, SealedRange>();
  for (const input of inputs) {
    for (const range of input.ranges) {
      const here = (range.days ?? daysOf(input)).filter((day) => days.includes(day));
      if (here.length === 0) continue;
      const [from, to] = range.received ?? [input.minReceived, input.maxReceived];
      const key = `${logKey(range)} ${range.from} ${range.to}`;
      const before = ranges.get(key);
      const received = [
        Math.min(from, before?.received?.[0] ?? from),
        Math.max(to, before?.received?.[1] ?? to),
      ] as const;
      const of = days.filter((day) => here.includes(day) || before?.days?.includes(day));
      const { days: _, ...rest } = range;
      ranges.set(key, { ...rest, received, ...(days.length > 1 ? { days: of } : {}) });
    }
  }
  return [...ranges.values()];
}

function daysOf({ day, days = [day] }: Pick<SegmentEntry, 'day' | 'days'>): readonly string[] {
  return days;
}
