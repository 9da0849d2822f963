import { join, resolve } from 'node:path';
import { crcOf } from '../../../buffer/crc.ts';
import { listIfThere } from '../../../buffer/durable.ts';
import { type Fs, nodeFs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { COLUMNS } from '../../../query/sql-columns.ts';
import { COMMITS_REMEDY } from '../commits/checkpoint.ts';
import { damagedCommits } from '../commits/commit-files.ts';
import { CommitLog } from '../commits/commit-log.ts';
import { Duck, isOutOfMemory } from '../segment/duckdb.ts';
import { segmentKey } from '../commits/commit-state.ts';
import type { SegmentEntry, StoreState } from '../layout.ts';
import { eachLiveEvent, type LiveLog, readLiveLogs, unsealed } from '../read/live-logs.ts';
import { QUARANTINE } from '../../../buffer/recover.ts';
import { eachRow } from '../read/row-records.ts';
import { openAnew, type OpenSegment, readWhole } from '../read/segment-reader.ts';
import { damageOf, SegmentGone } from '../read/segment-gone.ts';
import { checkStore } from '../store-folder.ts';
import type { Damage } from '../../../store/store.ts';
import { tenantsOf } from './tenants.ts';
import { unnamedFiles } from './unnamed-files.ts';

export interface VerifyReport {
  /** Events read and found whole. */
  readonly events: number;
  /** Segments read and found whole. */
  readonly segments: number;
  /** Log files read; what of them is damaged is listed. */
  readonly logs: number;
  readonly damage: readonly Damage[];
  /** Copies of bytes that recovery cut off or found damaged. */
  readonly quarantine: readonly { readonly path: string; readonly bytes: number }[];
  /** Files of segments that no commit names: left by a process that did not come to its end, no part of the store. */
  readonly unnamed: readonly { readonly path: string; readonly bytes: number }[];
}

/** MiB for DuckDB. */
const MEMORY = 512;
/** Of a segment, read at once. */
const MOST_ROWS = 4096;
const MOST_BYTES = 16 * 2 ** 20;

/**
 * Reads everything a store holds, or one tenant of it: checksums of every file and of its parts, every row, every frame
 * of the log files. Damage is listed, not thrown. Throws NOT_FOUND and STORE_VERSION as opening does, NOT_FOUND for a
 * tenant that is not there, and the signal's reason.
 */
export async function verifyStore(
  dir: string,
  signal: AbortSignal,
  options: { readonly tenant?: string } = {},
): Promise<VerifyReport> {
  const folder = resolve(dir);
  await checkStore(nodeFs, folder);
  const total = { events: 0, segments: 0, logs: 0 };
  const damage: Damage[] = [];
  const quarantine: VerifyReport['quarantine'][number][] = [];
  const unnamed: VerifyReport['unnamed'][number][] = [];
  for (const tenant of await tenantsOf(nodeFs, folder, options.tenant)) {
    const tenantDir = join(folder, tenant);
    await listQuarantine(nodeFs, tenantDir, quarantine);
    const found = await verifyTenant(nodeFs, tenantDir, signal);
    total.events += found.events;
    total.segments += found.segments;
    total.logs += found.logs;
    const { left, lost } = await unnamedFiles(nodeFs, tenantDir, new Set(found.damage.map(({ where }) => where)));
    damage.push(...found.damage, ...lost);
    unnamed.push(...left);
  }
  return { ...total, damage, quarantine, unnamed };
}

type Verified = Pick<VerifyReport, 'events' | 'segments' | 'logs' | 'damage'>;

async function verifyTenant(fs: Fs, tenantDir: string, signal: AbortSignal): Promise<Verified> {
  const commitLog = new CommitLog(fs, tenantDir);
  const checked = new Map<string, Damage | undefined>();
  let duck: Duck | undefined;
  try {
    for (;;) {
      const copies = await readLiveLogs(fs, tenantDir);
      const { state, damage } = await commitLog.foldReadable();
      if (state.segments.size > 0) duck ??= await Duck.open({ threads: 2, memory: MEMORY, folder: tenantDir });
      if (duck === undefined || (await checkSegments({ fs, tenantDir, duck, commitLog }, state, checked, signal))) {
        const harmed = [...(await damagedCommits(fs, join(tenantDir, 'commits'))), ...damage.map(withRemedy)];
        const logs = unsealed(copies, state);
        const inLogs = checkLogs(logs, signal);
        const segments = [...state.segments.values()];
        const whole = segments.filter((entry) => checked.get(segmentKey(entry)) === undefined);
        return {
          events: inLogs.events + whole.reduce((sum, { rows }) => sum + rows, 0),
          segments: whole.length,
          logs: logs.length,
          damage: [
            ...new Map(harmed.map((each) => [each.where, each])).values(),
            ...inLogs.damage,
            ...segments.flatMap((entry) => checked.get(segmentKey(entry)) ?? []),
          ],
        };
      }
    }
  } finally {
    await duck?.close();
  }
}

function withRemedy({ where, what }: Damage): Damage {
  return { where, what: `${what}. ${COMMITS_REMEDY}` };
}

function checkLogs(logs: readonly LiveLog[], signal: AbortSignal): { events: number; damage: Damage[] } {
  const damage: Damage[] = [];
  let events = 0;
  for (const log of logs) {
    signal.throwIfAborted();
    eachLiveEvent(log, () => {
      events++;
    });
    for (const { offset, what } of log.damage) damage.push({ where: log.entry.path, what: `byte ${offset}: ${what}` });
  }
  return { events, damage };
}

interface Place {
  readonly fs: Fs;
  readonly tenantDir: string;
  readonly duck: Duck;
  readonly commitLog: CommitLog;
}

/** Adds what is found of segments that were not checked yet. False when one was compacted away meanwhile: fold again. */
async function checkSegments(
  place: Place,
  state: StoreState,
  checked: Map<string, Damage | undefined>,
  signal: AbortSignal,
): Promise<boolean> {
  const { fs, tenantDir, duck, commitLog } = place;
  for (const [key, entry] of state.segments) {
    signal.throwIfAborted();
    if (checked.has(key)) continue;
    try {
      await verifySegment(fs, tenantDir, duck, entry, signal);
      checked.set(key, undefined);
    } catch (error) {
      signal.throwIfAborted();
      const found = await damageOf(error, fs, tenantDir, entry).catch((failure: unknown) => failure);
      if (isOutOfMemory(found)) throw tooLarge(key, error);
      if (found instanceof SegmentGone && !(await commitLog.foldReadable()).state.segments.has(key)) return false;
      checked.set(key, { where: key, what: error instanceof Error ? error.message : String(error) });
    }
  }
  return true;
}

/** Said of a segment whose bytes are right, a row of which cannot be looked at all the same. */
function tooLarge(segment: string, cause: unknown): LogsError {
  return new LogsError(
    'NOT_READABLE',
    `${segment}: a row needs more than the ${MEMORY} MiB of memory that it may have`,
    {
      hint: 'The bytes of this segment are as they were written; those after it were not looked at.',
      cause,
    },
  );
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
  const { entry, index, path } = segment;
  const all = [{ segment, groups: index.groups.map((_, at) => at) }];
  let slice = Math.ceil(Math.min(MOST_ROWS, MOST_BYTES / (entry.rawBytes / entry.rows)));
  for (let next = 0; next < entry.rows; ) {
    const end = Math.min(next + slice, entry.rows);
    const rows = `file_row_number BETWEEN ${next} AND ${end - 1} ORDER BY file_row_number`;
    try {
      await eachRow(duck, all, rows, [], signal, (row, record, ts) => {
        if (row !== next) throw new LogsError('STORE_DAMAGED', `${path}: row ${next} is missing`);
        if (record.ts !== ts) {
          throw new LogsError('STORE_DAMAGED', `${path}: ${COLUMNS.ts} of row ${row} is not that of its event`);
        }
        next++;
      });
    } catch (error) {
      // Some lines are much longer than the others.
      if (!isOutOfMemory(error) || slice === 1) throw error;
      slice = Math.ceil(slice / 2);
      continue;
    }
    if (next !== end) throw new LogsError('STORE_DAMAGED', `${path}: row ${next} is missing`);
  }
}

async function listQuarantine(fs: Fs, tenantDir: string, found: { path: string; bytes: number }[]): Promise<void> {
  for (const name of (await listIfThere(fs, join(tenantDir, QUARANTINE))).sort()) {
    const path = join(tenantDir, QUARANTINE, name);
    const info = await fs.stat(path);
    if (info !== undefined) found.push({ path, bytes: info.size });
  }
}
