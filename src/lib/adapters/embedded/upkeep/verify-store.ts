import { join, resolve } from 'node:path';
import { crcOf } from '../../../buffer/crc.ts';
import { listIfThere } from '../../../buffer/durable.ts';
import { type Fs, nodeFs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { COLUMNS } from '../../../query/sql-columns.ts';
import { COMMITS_REMEDY } from '../commits/checkpoint.ts';
import { damagedCommits } from '../commits/commit-files.ts';
import { CommitLog } from '../commits/commit-log.ts';
import { Duck } from '../segment/duckdb.ts';
import type { SegmentEntry } from '../layout.ts';
import { eachLiveEvent, readLiveLogs, unsealed } from '../read/live-logs.ts';
import { QUARANTINE } from '../../../buffer/recover.ts';
import { eachRow } from '../read/row-records.ts';
import { openAnew, type OpenSegment, readWhole } from '../read/segment-reader.ts';
import { checkStore } from '../store-folder.ts';
import { listTenants } from './store-stats.ts';
import { unnamedFiles } from './unnamed-files.ts';

export interface VerifyReport {
  /** Events read and found whole. */
  readonly events: number;
  /** Segments read and found whole. */
  readonly segments: number;
  /** Log files read; what of them is damaged is listed. */
  readonly logs: number;
  readonly damage: readonly { readonly where: string; readonly what: string }[];
  /** Copies of bytes that recovery cut off or found damaged. */
  readonly quarantine: readonly { readonly path: string; readonly bytes: number }[];
  /** Files of segments that no commit names: left by a seal that failed, no part of the store. */
  readonly unnamed: readonly { readonly path: string; readonly bytes: number }[];
}

const SLICE = 4096;

/**
 * Reads everything a store holds: checksums of every file and of its parts, every row, every frame of the log files.
 * Damage is listed, not thrown. Throws NOT_FOUND and STORE_VERSION as opening does, and the signal's reason.
 */
export async function verifyStore(dir: string, signal: AbortSignal): Promise<VerifyReport> {
  const folder = resolve(dir);
  await checkStore(nodeFs, folder);
  const report = {
    events: 0,
    segments: 0,
    logs: 0,
    damage: [] as { where: string; what: string }[],
    quarantine: [] as { path: string; bytes: number }[],
    unnamed: [] as { path: string; bytes: number }[],
  };
  for (const tenant of await listTenants(nodeFs, folder)) {
    const tenantDir = join(folder, tenant);
    await listQuarantine(nodeFs, tenantDir, report.quarantine);
    report.unnamed.push(...(await unnamedFiles(nodeFs, tenantDir)));
    await verifyTenant(nodeFs, tenantDir, report, signal);
  }
  return report;
}

type Growing = {
  events: number;
  segments: number;
  logs: number;
  readonly damage: { where: string; what: string }[];
};

async function verifyTenant(fs: Fs, tenantDir: string, report: Growing, signal: AbortSignal): Promise<void> {
  const copies = await readLiveLogs(fs, tenantDir);
  const { state, damage } = await new CommitLog(fs, tenantDir).foldReadable();
  const needed = damage.map(({ where, what }) => ({ where, what: `${what}. ${COMMITS_REMEDY}` }));
  const all = [...(await damagedCommits(fs, join(tenantDir, 'commits'))), ...needed];
  report.damage.push(...new Map(all.map((each) => [each.where, each])).values());
  for (const log of unsealed(copies, state)) {
    signal.throwIfAborted();
    report.logs++;
    eachLiveEvent(log, () => {
      report.events++;
    });
    for (const { offset, what } of log.damage)
      report.damage.push({ where: log.entry.path, what: `byte ${offset}: ${what}` });
  }
  if (state.segments.size === 0) return;
  const duck = await Duck.open({ threads: 2, memory: 512, folder: tenantDir });
  try {
    for (const entry of state.segments.values()) {
      signal.throwIfAborted();
      try {
        await verifySegment(fs, tenantDir, duck, entry, signal);
        report.segments++;
        report.events += entry.rows;
      } catch (error) {
        signal.throwIfAborted();
        const what = error instanceof Error ? error.message : String(error);
        report.damage.push({ where: `${entry.day}/${entry.name}`, what });
      }
    }
  } finally {
    await duck.close();
  }
}

async function verifySegment(
  fs: Fs,
  tenantDir: string,
  duck: Duck,
  entry: SegmentEntry,
  signal: AbortSignal,
): Promise<void> {
  const segment = await openAnew(fs, tenantDir, entry);
  const bytes = await readWhole(fs, segment.path, entry.parquet, entry);
  for (const { offset, length, crc } of [...segment.index.groups, segment.index.footer]) {
    if (crcOf(bytes.subarray(offset, offset + length)) !== crc) {
      throw new LogsError('STORE_DAMAGED', `${segment.path}: bytes ${offset} to ${offset + length} are not as indexed`);
    }
  }
  await verifyRows(duck, segment, signal);
}

async function verifyRows(duck: Duck, segment: OpenSegment, signal: AbortSignal): Promise<void> {
  let next = 0;
  const all = [{ segment, groups: segment.index.groups.map((_, at) => at) }];
  for (let from = 0; from < segment.entry.rows; from += SLICE) {
    const slice = `file_row_number BETWEEN ${from} AND ${from + SLICE - 1} ORDER BY file_row_number`;
    await eachRow(duck, all, slice, [], signal, (row, record, ts) => {
      if (row !== next) throw new LogsError('STORE_DAMAGED', `${segment.path}: row ${next} is missing`);
      if (record.ts !== ts) {
        throw new LogsError('STORE_DAMAGED', `${segment.path}: ${COLUMNS.ts} of row ${row} is not that of its event`);
      }
      next++;
    });
  }
  if (next !== segment.entry.rows) throw new LogsError('STORE_DAMAGED', `${segment.path}: row ${next} is missing`);
}

async function listQuarantine(fs: Fs, tenantDir: string, found: { path: string; bytes: number }[]): Promise<void> {
  for (const name of (await listIfThere(fs, join(tenantDir, QUARANTINE))).sort()) {
    const path = join(tenantDir, QUARANTINE, name);
    const info = await fs.stat(path);
    if (info !== undefined) found.push({ path, bytes: info.size });
  }
}
