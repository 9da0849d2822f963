import type { Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { segmentKey } from '../commits/commit-state.ts';
import type { RowRun, SegmentEntry, StoreState } from '../layout.ts';
import { decodeIndex } from '../segment/idx.ts';
import type { SegmentFile } from '../segment/segment-files.ts';
import type { LiveLog } from './live-logs.ts';
import { checkFiles, openSegment } from './segment-reader.ts';

/** What a store holds, to look for events in: the logs read before the fold, as for every answer. */
export interface Held {
  readonly fs: Fs;
  readonly tenantDir: string;
  readonly logs: readonly LiveLog[];
  readonly state: StoreState;
  /** Segments, by `day/name`, that are known not to be whole. */
  readonly damaged?: ReadonlySet<string>;
}

/**
 * Of segments that no commit names but that are whole, those (by `day/name`) with events that are in no log file and no
 * segment that a commit names: what a seal or a compaction leaves unfinished is always somewhere else, too, so that the
 * commit that named these is lost. They must not be deleted.
 */
export async function onlyCopies(unnamed: readonly SegmentFile[], held: Held): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  const whole = new Set(unnamed.filter((file) => file.whole && file.path.endsWith('.parquet')).map(segmentKey));
  for (const file of unnamed) {
    const key = segmentKey(file);
    if (!file.path.endsWith('.idx') || !file.whole || !whole.has(key)) continue;
    const runs = await runsIn(held.fs, file.path);
    if (runs === undefined || !(await isElsewhere(runs, held))) found.add(key);
  }
  return found;
}

/** Undefined where they cannot be read: whose events they are is not known. */
async function runsIn(fs: Fs, path: string): Promise<readonly RowRun[] | undefined> {
  try {
    return decodeIndex(await fs.readFile(path), path).runs;
  } catch (error) {
    if (error instanceof LogsError) return undefined;
    throw error;
  }
}

async function isElsewhere(runs: readonly RowRun[], { fs, tenantDir, logs, state, damaged }: Held): Promise<boolean> {
  const missing = new Lines(runs);
  for (const { entry, frames } of logs)
    for (const { header } of frames) missing.takeAll({ writer: entry.writer, seq: header.seq, received: header.t });
  for (const entry of state.segments.values()) {
    if (missing.isEmpty) break;
    if (damaged?.has(segmentKey(entry)) === true || !runs.some((run) => mayHold(entry, run))) continue;
    try {
      await checkFiles(fs, tenantDir, entry);
      for (const run of (await openSegment(fs, tenantDir, entry)).index.runs) missing.take(run);
    } catch (error) {
      if (!(error instanceof LogsError) || error.code !== 'STORE_DAMAGED') throw error;
    }
  }
  return missing.isEmpty;
}

function mayHold({ ranges, minReceived, maxReceived }: SegmentEntry, { writer, seq, received }: RowRun): boolean {
  if (received < minReceived || received > maxReceived) return false;
  return ranges.some((range) => range.writer === writer && seq >= range.from && seq <= range.to);
}

type Frame = Pick<RowRun, 'writer' | 'seq' | 'received'>;

/** Lines of frames that were not found yet. */
class Lines {
  readonly #left = new Map<string, readonly (readonly [from: number, to: number])[]>();

  constructor(runs: readonly RowRun[]) {
    for (const run of runs) {
      const key = frameKey(run);
      this.#left.set(key, [...(this.#left.get(key) ?? []), [run.line, run.line + run.rows]]);
    }
  }

  get isEmpty(): boolean {
    return this.#left.size === 0;
  }

  takeAll(frame: Frame): void {
    this.#left.delete(frameKey(frame));
  }

  take(run: RowRun): void {
    const key = frameKey(run);
    const to = run.line + run.rows;
    const left = (this.#left.get(key) ?? []).flatMap(([first, last]) =>
      [[first, Math.min(last, run.line)] as const, [Math.max(first, to), last] as const].filter(([a, b]) => a < b),
    );
    if (left.length === 0) this.#left.delete(key);
    else this.#left.set(key, left);
  }
}

function frameKey({ writer, seq, received }: Frame): string {
  return `${writer} ${seq} ${received}`;
}
