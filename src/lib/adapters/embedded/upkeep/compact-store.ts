import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileFailure } from '../../../buffer/failure.ts';
import { type Fs, nodeFs } from '../../../buffer/fs.ts';
import { refuseRemoteVolume } from '../../../buffer/local-volume.ts';
import { type ErrorCode, LogsError } from '../../../errors.ts';
import type { Damage } from '../../../store/store.ts';
import { CommitLog } from '../commits/commit-log.ts';
import { type CompactedStep, type Compacting, compactInBuilder, compactStep } from '../compact/compact-step.ts';
import { claimCompactor, type CompactorClaim, compactorProcess } from '../compact/compactor-claim.ts';
import { paceAfter } from '../compact/pace.ts';
import { type CompactionStep, MOST_BYTES, planCompaction } from '../compact/plan.ts';
import type { SegmentEntry, StoreState } from '../layout.ts';
import { checkStore } from '../store-folder.ts';
import { removeSuperseded, sweep } from '../write/sweep.ts';
import { freeLogs, isNoSpace, sealFree } from './seal-free.ts';
import { tenantsOf } from './tenants.ts';

/** What a store holds in segments; bytes of events as received, and of files. */
export interface SegmentTotals {
  readonly segments: number;
  readonly rawBytes: number;
  readonly diskBytes: number;
}

/** Log files of writers that are gone; bytes of files. */
export interface LogTotals {
  readonly logs: number;
  readonly bytes: number;
}

export interface CompactedTenant {
  readonly tenant: string;
  readonly before: SegmentTotals;
  /** Absent with `dryRun`. */
  readonly after?: SegmentTotals;
  /** Log files that became segments; with `dryRun` those that would. */
  readonly sealed: LogTotals;
  /** Steps taken; with `dryRun` those that would be, as far as it can be told without taking the first ones. */
  readonly steps: readonly StepSummary[];
  /** Segments that cannot be read and stay as they are. */
  readonly damage: readonly Damage[];
  /**
   * Why log files could not be sealed, or segments not merged: their events are as safe, and found, as before. And what
   * of log files was damaged (STORE_DAMAGED), and where the copy is.
   */
  readonly problems: readonly CompactProblem[];
}

export interface CompactProblem {
  readonly code: ErrorCode;
  readonly message: string;
  /** What to do next. */
  readonly hint?: string;
}

export interface StepSummary {
  /** The first of their days, `YYYY.MM.DD`, and how many these are. */
  readonly day: string;
  readonly days: number;
  /** Segments that are replaced. */
  readonly segments: number;
  readonly rawBytes: number;
  /** By one a day; else by one. */
  readonly split: boolean;
}

export interface CompactOptions {
  /** Absent: all. */
  readonly tenant?: string;
  /** Change nothing: only say what would be done. */
  readonly dryRun: boolean;
  /** Hears of each step before it is taken, and of what is waited for. */
  readonly progress: (at: CompactProgress) => void;
  /** Hears of what goes wrong beside: a log file that cannot be sealed. */
  readonly tell: (problem: LogsError) => void;
}

export type CompactProgress =
  | { readonly kind: 'step'; readonly tenant: string; readonly step: StepSummary; readonly left: number }
  | { readonly kind: 'waiting'; readonly tenant: string; readonly process: number | undefined };

const WAIT_MS = 200;

/**
 * All the upkeep there is to do, now: log files that nobody writes to are sealed, small segments merged, those of several
 * days split, what nobody needs any more is deleted. Throws NOT_FOUND for a store or tenant that is not there,
 * STORE_DAMAGED where commits are, the signal's reason; what was committed by then stays.
 */
export async function compactStore(
  dir: string,
  options: CompactOptions,
  signal: AbortSignal,
): Promise<CompactedTenant[]> {
  const folder = resolve(dir);
  await checkStore(nodeFs, folder);
  if (!options.dryRun) await refuseRemoteVolume(nodeFs, folder);
  const done: CompactedTenant[] = [];
  for (const tenant of await tenantsOf(nodeFs, folder, options.tenant)) {
    signal.throwIfAborted();
    const tenantDir = join(folder, tenant);
    try {
      done.push(await compactTenant(nodeFs, tenantDir, tenant, options, signal));
    } catch (error) {
      signal.throwIfAborted();
      throw fileFailure(error, tenantDir, 'compact');
    }
  }
  return done;
}

async function compactTenant(
  fs: Fs,
  tenantDir: string,
  tenant: string,
  options: CompactOptions,
  signal: AbortSignal,
): Promise<CompactedTenant> {
  const commitLog = new CommitLog(fs, tenantDir);
  const before = await commitLog.fold();
  if (options.dryRun) {
    const steps = planCompaction(before.segments.values(), { want: 'all', most: MOST_BYTES, now: Date.now() });
    const sealed = await freeLogs(fs, tenantDir);
    return { tenant, before: totalsOf(before), sealed, steps: steps.map(summaryOf), damage: [], problems: [] };
  }
  const claim = await claimOrWait(fs, tenantDir, commitLog, signal, (process) =>
    options.progress({ kind: 'waiting', tenant, process }),
  );
  const steps: StepSummary[] = [];
  const damage = new Map<string, Damage>();
  const problems: LogsError[] = [];
  const tell = (problem: LogsError): void => {
    if (problem.code === 'STORE_DAMAGED') problems.push(problem);
    else options.tell(problem);
  };
  const compacting: Compacting = { fs, tenantDir, commitLog, build: compactInBuilder, tell };
  const sealed = { logs: 0, bytes: 0 };
  let { pace } = claim;
  try {
    await sweep(fs, tenantDir, commitLog, Date.now());
    const waiting = await freeLogs(fs, tenantDir);
    problems.push(...(await sealFree(compacting)));
    const left = await freeLogs(fs, tenantDir);
    sealed.logs = Math.max(0, waiting.logs - left.logs);
    sealed.bytes = Math.max(0, waiting.bytes - left.bytes);
    for (;;) {
      signal.throwIfAborted();
      const base = await commitLog.fold();
      const without = new Set(damage.keys());
      const plan = planCompaction(base.segments.values(), { want: 'all', most: MOST_BYTES, now: Date.now(), without });
      const [step] = plan;
      if (step === undefined) break;
      options.progress({ kind: 'step', tenant, step: summaryOf(step), left: plan.length });
      const began = performance.now();
      let done: CompactedStep;
      try {
        done = await compactStep(compacting, base, step, claim, signal);
      } catch (error) {
        signal.throwIfAborted();
        const failure = fileFailure(error, join(tenantDir, step.day), 'merge segments of');
        if (!isNoSpace(failure)) throw failure;
        // What was merged before is kept for readers of before; they find the new segments, too.
        if ((await removeSuperseded(fs, tenantDir, commitLog, Date.now())) > 0) continue;
        // The other steps are larger.
        problems.push(failure);
        break;
      }
      for (const each of done.damaged) damage.set(each.where, each);
      if (done.added.length === 0) continue;
      steps.push(summaryOf(step));
      pace = paceAfter(pace, step.rawBytes, performance.now() - began);
    }
  } finally {
    await claim.release(pace);
  }
  await sweep(fs, tenantDir, commitLog, Date.now());
  const after = totalsOf(await commitLog.fold());
  return {
    tenant,
    before: totalsOf(before),
    after,
    sealed,
    steps,
    damage: [...damage.values()],
    problems: problems.map(problemOf),
  };
}

function problemOf(error: LogsError): CompactProblem {
  const { code, message } = error;
  const room = 'Free some space on that file system, then compact again: nothing is lost.';
  const hint = isNoSpace(error) ? room : error.hint;
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

async function claimOrWait(
  fs: Fs,
  tenantDir: string,
  commitLog: CommitLog,
  signal: AbortSignal,
  waiting: (process: number | undefined) => void,
): Promise<CompactorClaim> {
  for (let told = false; ; told = true) {
    signal.throwIfAborted();
    const claim = await claimCompactor(fs, tenantDir, commitLog, Date.now());
    if (claim !== undefined) return claim;
    if ((await fs.stat(tenantDir)) === undefined)
      throw new LogsError('NOT_FOUND', `${tenantDir} is gone`, { hint: 'Somebody has dropped it.' });
    if (!told) waiting(await compactorProcess(fs, tenantDir));
    await sleep(WAIT_MS, undefined, { signal }).catch(() => undefined);
  }
}

function totalsOf({ segments }: StoreState): SegmentTotals {
  let rawBytes = 0;
  let diskBytes = 0;
  for (const segment of segments.values()) {
    rawBytes += segment.rawBytes;
    diskBytes += diskBytesOf(segment);
  }
  return { segments: segments.size, rawBytes, diskBytes };
}

function diskBytesOf({ parquet, idx }: SegmentEntry): number {
  return parquet.bytes + idx.bytes;
}

function summaryOf({ segments, day, days, rawBytes, split }: CompactionStep): StepSummary {
  return { day, days, segments: segments.length, rawBytes, split };
}
