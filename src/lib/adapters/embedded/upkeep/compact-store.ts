import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileFailure } from '../../../buffer/failure.ts';
import { type Fs, nodeFs } from '../../../buffer/fs.ts';
import { refuseRemoteVolume } from '../../../buffer/local-volume.ts';
import { freeFolders } from '../../../buffer/writer-folder.ts';
import { LogsError } from '../../../errors.ts';
import type { Damage } from '../../../store/store.ts';
import { CommitLog } from '../commits/commit-log.ts';
import { type Compacting, compactInBuilder, compactStep } from '../compact/compact-step.ts';
import { claimCompactor, type CompactorClaim, compactorProcess } from '../compact/compactor-claim.ts';
import { paceAfter } from '../compact/pace.ts';
import { type CompactionStep, MOST_BYTES, planCompaction } from '../compact/plan.ts';
import { COMPACTOR, type SegmentEntry, type StoreState } from '../layout.ts';
import { restSeals, sealLog } from '../seal/sealer.ts';
import { checkStore } from '../store-folder.ts';
import { adoptAll } from '../write/adopt.ts';
import { SealQueue } from '../write/seal-queue.ts';
import { sweep } from '../write/sweep.ts';
import { tenantsOf } from './tenants.ts';

/** What a store holds in segments; bytes of events as received, and of files. */
export interface SegmentTotals {
  readonly segments: number;
  readonly rawBytes: number;
  readonly diskBytes: number;
}

export interface CompactedTenant {
  readonly tenant: string;
  readonly before: SegmentTotals;
  /** With `dryRun` the same as before. */
  readonly after: SegmentTotals;
  /** Steps taken; with `dryRun` those that would be, as far as it can be told without taking the first ones. */
  readonly steps: readonly StepSummary[];
  /** Segments that cannot be read and stay as they are. */
  readonly damage: readonly Damage[];
}

export interface StepSummary {
  /** `YYYY.MM.DD`. */
  readonly day: string;
  /** Segments that are replaced. */
  readonly segments: number;
  readonly rawBytes: number;
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
    const totals = totalsOf(before);
    return { tenant, before: totals, after: totals, steps: steps.map(summaryOf), damage: [] };
  }
  await sealFree(fs, tenantDir, commitLog, options.tell);
  const claim = await claimOrWait(fs, tenantDir, commitLog, signal, (process) =>
    options.progress({ kind: 'waiting', tenant, process }),
  );
  const compacting: Compacting = { fs, tenantDir, commitLog, build: compactInBuilder, tell: options.tell };
  const steps: StepSummary[] = [];
  const damage = new Map<string, Damage>();
  let { pace } = claim;
  try {
    for (;;) {
      signal.throwIfAborted();
      const base = await commitLog.fold();
      const without = new Set(damage.keys());
      const plan = planCompaction(base.segments.values(), { want: 'all', most: MOST_BYTES, now: Date.now(), without });
      const [step] = plan;
      if (step === undefined) break;
      options.progress({ kind: 'step', tenant, step: summaryOf(step), left: plan.length });
      const began = performance.now();
      const { added, damaged } = await compactStep(compacting, base, step, claim, signal);
      for (const each of damaged) damage.set(each.where, each);
      if (added.length === 0) continue;
      steps.push(summaryOf(step));
      pace = paceAfter(pace, step.rawBytes, performance.now() - began);
    }
  } finally {
    await claim.release(pace);
  }
  await sweep(fs, tenantDir, commitLog, Date.now());
  const after = totalsOf(await commitLog.fold());
  return { tenant, before: totalsOf(before), after, steps, damage: [...damage.values()] };
}

/** Seals the log files of writers that are gone, those too that could be gone on with. */
async function sealFree(
  fs: Fs,
  tenantDir: string,
  commitLog: CommitLog,
  tell: (problem: LogsError) => void,
): Promise<void> {
  const seals = new SealQueue((log) => sealLog({ fs, tenantDir, commitLog, log, tell }), tell, restSeals);
  const free = (await freeFolders(fs, tenantDir, Date.now())).filter(({ writer }) => writer !== COMPACTOR);
  const adoption = { fs, tenantDir, commits: commitLog, seals, tell, now: Date.now, oldMs: 0 };
  await adoptAll(free, { ...adoption, until: () => Number.POSITIVE_INFINITY });
  await seals.idle();
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

function summaryOf({ day, segments, rawBytes }: CompactionStep): StepSummary {
  return { day, segments: segments.length, rawBytes };
}
