import { type Fs, nodeFs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { segmentKey } from '../commits/commit-state.ts';
import type { KeyStatistic, SealedRange, SegmentEntry } from '../layout.ts';
import { type OpenSegment, openSegment, readWhole } from '../read/segment-reader.ts';
import { borrowDuck, returnDuck } from '../seal/builder-duck.ts';
import { makeSegments } from '../seal/make-segments.ts';
import { allOf, type Selection } from '../seal/source-block.ts';
import { chooseColumns, KeyStatistics } from '../segment/choose-columns.ts';
import { parquetPath } from '../segment/segment.ts';
import type { CompactRequest, CompactResult } from './compact-request.ts';
import { mergedRows } from './merged-rows.ts';

/** Bytes of events in a row group: read less often one by one than those of today, and smaller the larger they are. */
const GROUP_BYTES = 20e6;
/** Levels of zstd: of days that are over, and of those that go on. */
const COLD = 9;
const WARM = 6;

/**
 * Builds segments anew as one, or one a day: their events are rebuilt to the bytes received, merged in the order of log
 * ids, made rows of again, read back and compared. Nothing of it counts until a commit names it; after an error, or an
 * abort, no file of it is left. Where an input is damaged nothing is built.
 */
export async function compactSegments(
  request: CompactRequest,
  signal: AbortSignal,
  fs: Fs = nodeFs,
): Promise<CompactResult> {
  const { tenantDir, inputs, name, cold } = request;
  const problems: string[] = [];
  const duck = await borrowDuck(tenantDir);
  try {
    const { whole, damaged } = await openAll(fs, tenantDir, inputs, signal);
    if (damaged.length > 0) return { added: [], damaged, problems };
    const plan = {
      fs,
      duck,
      tenantDir,
      name,
      columns: columnsOf(whole, request.asked),
      ids: inputs.some(({ ids }) => ids === true),
      level: cold ? COLD : WARM,
      groupBytes: GROUP_BYTES,
      tell: (problem: string): void => void problems.push(problem),
      signal,
    };
    const { entries } = await makeSegments(plan, selections());
    const ranges = carriedRanges(inputs);
    return { added: entries.map((entry) => ({ ...entry, ranges })), damaged, problems };

    async function* selections(): AsyncGenerator<Selection> {
      for await (const block of mergedRows(duck, whole, signal)) yield allOf(block);
    }
  } finally {
    returnDuck(tenantDir);
  }
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

/** The keys that get columns: those that queries ask for, then those that the inputs' own statistics speak for. */
function columnsOf(inputs: readonly OpenSegment[], asked: readonly string[]): readonly string[] {
  const statistics = new KeyStatistics();
  let rows = 0;
  for (const { index } of inputs) {
    statistics.add(index.keys);
    rows += index.rows;
  }
  const keys = statistics.all();
  return chooseColumns(
    keys.map((key) => (asked.includes(key.key) ? wanted(key, rows) : key)),
    rows,
  );
}

/** As if every row had it, with few values: what is chosen first. */
function wanted({ key }: KeyStatistic, rows: number): KeyStatistic {
  return { key, rows, distinct: 1 };
}

/** The ranges of log files that the rows come from, each with what tells its rows from those of the others. */
function carriedRanges(inputs: readonly SegmentEntry[]): SealedRange[] {
  return inputs.flatMap(({ ranges, minReceived, maxReceived }) =>
    ranges.map((range) => ({ ...range, received: range.received ?? ([minReceived, maxReceived] as const) })),
  );
}
