import { fileFailure } from '../../../buffer/failure.ts';
import { LogsError } from '../../../errors.ts';
import type { Damage } from '../../../store/store.ts';
import type { StoreState } from '../layout.ts';
import { compactStep, type Compacting } from './compact-step.ts';
import { claimCompactor } from './compactor-claim.ts';
import { bytesWithin, paceAfter, slowerPace } from './pace.ts';
import { type CompactionStep, planCompaction } from './plan.ts';

export interface BriefOptions extends Compacting {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Segments that turned out to be damaged, by `day/name`: grows, so that each is tried and told once. */
  readonly damaged: Set<string>;
}

/**
 * One step of compaction where one is due, as large as `budget` milliseconds allow by what earlier ones took; what is not
 * done by then is given up and leaves nothing. True when it has built something. Nothing is done while someone else
 * compacts. Never throws: what is wrong is told.
 */
export async function compactBriefly(options: BriefOptions, budget: number, signal: AbortSignal): Promise<boolean> {
  const { fs, tenantDir, commitLog, now, tell } = options;
  const time = AbortSignal.timeout(budget);
  const stop = AbortSignal.any([signal, time]);
  try {
    // Most often nothing is due whatever the pace, and a claim costs several writes.
    if ((await firstStep(options, Number.POSITIVE_INFINITY)).step === undefined) return false;
    const claim = await claimCompactor(fs, tenantDir, commitLog, now());
    if (claim === undefined) return false;
    let { pace } = claim;
    try {
      const { base, step } = await firstStep(options, bytesWithin(budget, pace));
      if (step === undefined) return false;
      const began = performance.now();
      try {
        const { added, damaged } = await compactStep(options, base, step, claim, stop);
        if (added.length > 0) pace = paceAfter(pace, step.rawBytes, performance.now() - began);
        for (const each of damaged) {
          options.damaged.add(each.where);
          tell(damagedSegment(each));
        }
        return added.length > 0;
      } catch (error) {
        if (!stop.aborted) throw error;
        if (time.aborted) pace = slowerPace(pace, step.rawBytes, budget);
        return false;
      }
    } finally {
      await claim.release(pace);
    }
  } catch (error) {
    tell(fileFailure(error, tenantDir, 'compact'));
    return false;
  }
}

async function firstStep(
  { commitLog, now, damaged }: BriefOptions,
  most: number,
): Promise<{ readonly base: StoreState; readonly step: CompactionStep | undefined }> {
  const base = await commitLog.fold();
  const [step] = planCompaction(base.segments.values(), { want: 'due', most, now: now(), without: damaged });
  return { base, step };
}

function damagedSegment({ where, what }: Damage): LogsError {
  return new LogsError('STORE_DAMAGED', `the segment ${where} is damaged and stays as it is: ${what}`, {
    hint: 'Put its files back from a backup; `logs store verify` checks all of them.',
  });
}
