import type { Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import type { Damage } from '../../../store/store.ts';
import { commitSegments } from '../commits/commit-segments.ts';
import { CommitConflict, type CommitLog } from '../commits/commit-log.ts';
import { segmentKey } from '../commits/commit-state.ts';
import type { SegmentEntry, StoreState } from '../layout.ts';
import { readWantedKeys } from '../read/wanted-keys.ts';
import { compactInWorker, tidyBuilder } from '../seal/builder-pool.ts';
import { nextSegmentName } from '../segment/segment-name.ts';
import type { CompactRequest, CompactResult } from './compact-request.ts';
import type { CompactionStep } from './plan.ts';

/** What compaction works with. */
export interface Compacting {
  readonly fs: Fs;
  readonly tenantDir: string;
  readonly commitLog: CommitLog;
  /** Builds segments anew. After an abort it rejects, and no file of it is left. */
  readonly build: (request: CompactRequest, signal: AbortSignal) => Promise<CompactResult>;
  /** Hears of what went wrong and was put right. */
  readonly tell: (problem: LogsError) => void;
}

export interface CompactedStep {
  /** Empty where nothing came of it: an input is damaged, or someone else has removed one. */
  readonly added: readonly SegmentEntry[];
  readonly damaged: readonly Damage[];
}

/** Builds segments anew in a worker thread, which is left idle with nothing kept on the disk. */
export async function compactInBuilder(request: CompactRequest, signal: AbortSignal): Promise<CompactResult> {
  try {
    return await compactInWorker(request, signal);
  } finally {
    await tidyBuilder();
  }
}

/**
 * Builds the segments of a step anew, reads them back, and commits them in the place of the old ones, all at once.
 * Whatever fails before the commit leaves the store as it is, and of the new segments nothing. The files of the old ones
 * are deleted ten minutes later, by a sweep. Throws the signal's reason, NO_SPACE and the like.
 */
export async function compactStep(
  compacting: Compacting,
  base: StoreState,
  step: CompactionStep,
  maker: { readonly writer: string; readonly claim: number },
  signal: AbortSignal,
): Promise<CompactedStep> {
  const { tenantDir, build, tell } = compacting;
  const name = nextSegmentName(maker);
  const asked = (await readWantedKeys(compacting.fs, tenantDir)).map(({ key }) => key);
  const request = { tenantDir, name, inputs: step.segments, cold: step.cold, split: step.split, asked };
  let built: CompactResult;
  try {
    built = await build(request, signal);
  } catch (error) {
    signal.throwIfAborted();
    // Someone else has built them anew, so long ago that their files are gone.
    if (await someAreReplaced(compacting, step)) return { added: [], damaged: [] };
    throw error;
  }
  const { added, damaged, problems } = built;
  for (const problem of problems) tell(new LogsError('INTERNAL', `segments of ${step.day}: ${problem}`));
  if (damaged.length > 0) {
    if (await someAreReplaced(compacting, step)) return { added: [], damaged: [] };
    return { added: [], damaged: damaged.map(({ segment, what }) => ({ where: segment, what })) };
  }
  const removed = step.segments.map(segmentKey);
  try {
    await commitSegments(compacting, base, { added, removed, consumed: [], positions: [] });
  } catch (error) {
    if (!(error instanceof CommitConflict)) throw error;
    return { added: [], damaged: [] };
  }
  return { added, damaged: [] };
}

async function someAreReplaced({ commitLog }: Compacting, step: CompactionStep): Promise<boolean> {
  const { segments } = await commitLog.fold();
  return step.segments.some((segment) => !segments.has(segmentKey(segment)));
}
