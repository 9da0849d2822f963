import { join, resolve } from 'node:path';
import { nodeFs } from '../../../buffer/fs.ts';
import type { Level } from '../../../record/level.ts';
import type { ReadReport } from '../../../store/store.ts';
import { aggregateStore } from '../read/aggregate-store.ts';
import { foldAgain, noteDamage } from '../read/segment-gone.ts';
import { WantedKeys } from '../read/wanted-keys.ts';
import { CommitLog } from '../commits/commit-log.ts';
import { eachLiveEvent, liveRecord, readLiveLogs, unsealed } from '../read/live-logs.ts';
import { checkStore } from '../store-folder.ts';
import { Duck } from '../segment/duckdb.ts';
import { tenantsOf } from './tenants.ts';

/** What a store holds. Times are nanoseconds since 1970; absent where there is no event. */
export interface StoreStats {
  readonly tenants: readonly TenantStats[];
}

export interface TenantStats {
  readonly tenant: string;
  readonly events: number;
  readonly segments: number;
  /** Different UTC days that have segments. */
  readonly days: number;
  /** Bytes of the events as received, LF counted. */
  readonly rawBytes: number;
  /** Bytes of segments and their indices; log files apart. */
  readonly diskBytes: number;
  /** Raw bytes in segments per byte on disk; absent without segments. */
  readonly ratio?: number;
  /** Bytes of log files whose events are in no segment yet. */
  readonly unsealedBytes: number;
  readonly oldest?: bigint;
  readonly newest?: bigint;
  readonly levels: { readonly [L in Level]?: number };
  /** Parts that could not be read. */
  readonly damage: ReadReport['damage'];
}

/** Of all tenants, or the one named. Throws NOT_FOUND where there is no store, or no such tenant in it. */
export async function storeStats(dir: string, options: { readonly tenant?: string } = {}): Promise<StoreStats> {
  const folder = resolve(dir);
  await checkStore(nodeFs, folder);
  const tenants: TenantStats[] = [];
  for (const tenant of await tenantsOf(nodeFs, folder, options.tenant))
    tenants.push(await tenantStats(join(folder, tenant), tenant));
  return { tenants };
}

async function tenantStats(tenantDir: string, tenant: string): Promise<TenantStats> {
  const report: ReadReport = { scanned: 0, damage: [] };
  const commits = new CommitLog(nodeFs, tenantDir);
  const lost = new Set<string>();
  for (;;) {
    try {
      return await statsOf(tenantDir, tenant, { commits, lost, report });
    } catch (error) {
      await foldAgain(error, commits, lost, report);
    }
  }
}

/** Throws SegmentGone when a file is not there of a segment that is not known as lost. */
async function statsOf(
  tenantDir: string,
  tenant: string,
  { commits, lost, report }: { commits: CommitLog; lost: ReadonlySet<string>; report: ReadReport },
): Promise<TenantStats> {
  const copies = await readLiveLogs(nodeFs, tenantDir);
  const { state, damage } = await commits.foldReadable();
  for (const each of damage) noteDamage(report, each);
  const logs = unsealed(copies, state);
  let events = 0;
  let rawBytes = 0;
  let unsealedBytes = 0;
  let oldest: bigint | undefined;
  let newest: bigint | undefined;
  const saw = (from: bigint, to: bigint): void => {
    if (oldest === undefined || from < oldest) oldest = from;
    if (newest === undefined || to > newest) newest = to;
  };
  for (const log of logs) {
    for (const { offset, what } of log.damage)
      noteDamage(report, { where: log.entry.path, what: `byte ${offset}: ${what}` });
    if (log.frames.length > 0) unsealedBytes += log.bytes.length;
    eachLiveEvent(log, (event) => {
      events++;
      rawBytes += event.end - event.start + 1;
      const { ts } = liveRecord(event);
      saw(ts, ts);
    });
  }
  let sealedRaw = 0;
  let diskBytes = 0;
  const segments = [...state.segments.values()];
  for (const entry of segments) {
    events += entry.rows;
    sealedRaw += entry.rawBytes;
    diskBytes += entry.parquet.bytes + entry.idx.bytes;
    saw(BigInt(entry.minTs), BigInt(entry.maxTs));
  }
  const there = new Map([...state.segments].filter(([key]) => !lost.has(key)));
  return {
    tenant,
    events,
    segments: segments.length,
    days: new Set(segments.map(({ day }) => day)).size,
    rawBytes: rawBytes + sealedRaw,
    diskBytes,
    ...(diskBytes === 0 ? {} : { ratio: sealedRaw / diskBytes }),
    unsealedBytes,
    ...(oldest === undefined ? {} : { oldest }),
    ...(newest === undefined ? {} : { newest }),
    levels: await countLevels(tenantDir, { logs, state: { ...state, segments: there } }, report),
    damage: report.damage,
  };
}

async function countLevels(
  tenantDir: string,
  snapshot: Parameters<typeof aggregateStore>[1],
  report: ReadReport,
): Promise<TenantStats['levels']> {
  let duck: Promise<Duck> | undefined;
  const open = (): Promise<Duck> => {
    duck ??= Duck.open({ threads: 2, memory: 512, folder: tenantDir });
    return duck;
  };
  try {
    const table = await aggregateStore(
      { fs: nodeFs, tenantDir, duck: open, report, signal: new AbortController().signal },
      snapshot,
      {
        filter: { kind: 'all' },
        range: {},
        clock: { now: BigInt(Date.now()) * 1_000_000n, zone: 'UTC' },
        functions: [{ kind: 'count' }],
        by: [{ kind: 'field', field: 'level' }],
      },
      new WantedKeys(),
    );
    return Object.fromEntries(table.rows.map(([level, count]) => [String(level), Number(count)]));
  } finally {
    await (await duck)?.close();
  }
}
