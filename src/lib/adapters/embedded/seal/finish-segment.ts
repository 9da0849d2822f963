import { join } from 'node:path';
import { crcOf } from '../../../buffer/crc.ts';
import { removeIfThere, writeNewFile } from '../../../buffer/durable.ts';
import type { Fs } from '../../../buffer/fs.ts';
import { type PromotedColumn, STORED_ROLES } from '../layout.ts';
import { isOutOfMemory } from '../segment/duckdb.ts';
import { encodeIndex, type NewGroup } from '../segment/idx.ts';
import { readLayout } from '../segment/parquet-layout.ts';
import { copySql, dayName, idxPath, parquetPath } from '../segment/segment.ts';
import { VECTOR_ROWS } from './day-pass.ts';
import type { NewEntry, SegmentPlan } from './make-segments.ts';
import { hasColumn, type NewSegment } from './new-segment.ts';
import { sparePlainFile } from './plain-files.ts';
import { compareFiles } from './read-back.ts';

/**
 * Turns a plain file into a segment's two files, on the disk under their final names, and reads them back. The names of
 * all files that it makes are added to `made` before.
 */
export async function finishSegment(plan: SegmentPlan, segment: NewSegment, made: string[]): Promise<NewEntry> {
  const { fs, duck, tenantDir, name } = plan;
  const place = { day: dayName(segment.day), name };
  // Whoever made the folder may not have synced its name yet.
  await fs.syncFolder(tenantDir);
  const parquet = parquetPath(tenantDir, place);
  const idx = idxPath(tenantDir, place);
  const temporary = `${parquet}.tmp`;
  made.push(temporary, parquet, `${idx}.tmp`, idx);
  const columns = segment.columns();
  await copy(plan, segment, columns, temporary);
  const bytes = await fs.readFile(temporary);
  const { groups, footer } = await readLayout(duck, temporary, bytes);
  const { rows, runs, traits } = segment;
  const index = encodeIndex({
    rows,
    groups: withFilters(groups, segment),
    footer,
    runs: runs.all,
    keys: segment.keyStatistics(),
  });
  await writeNewFile(fs, `${idx}.tmp`, index);
  await syncFile(fs, temporary);
  await fs.rename(temporary, parquet);
  await fs.rename(`${idx}.tmp`, idx);
  await fs.syncFolder(join(tenantDir, place.day));
  await compareFiles(duck, fs, { parquet, idx, index, plain: segment.path, columns, segment });
  sparePlainFile(segment.path);
  const counts = segment.counts();
  const days = segment.days();
  return {
    ...place,
    ...(days === undefined ? {} : { days: days.map(dayName) }),
    rows,
    rawBytes: segment.rawBytes,
    minTs: String(segment.minTs),
    maxTs: String(segment.maxTs),
    minReceived: runs.minReceived,
    maxReceived: runs.maxReceived,
    parquet: { bytes: bytes.length, crc: crcOf(bytes) },
    idx: { bytes: index.length, crc: crcOf(index) },
    ...(segment.ids ? { ids: true as const } : {}),
    columns,
    flags: traits.flags,
    ...listed('opaque', traits.opaque),
    ...listed('marked', traits.marked),
    ...listed('hex', traits.hex()),
    ...(traits.namesTexts ? {} : { namesTexts: false as const }),
    ...(traits.objects ? {} : { objects: false as const }),
    roles: rolesOf(segment),
    ...(counts === undefined ? {} : { counts }),
  };
}

function rolesOf({ sums }: NewSegment): NonNullable<NewEntry['roles']> {
  const rows = STORED_ROLES.map((role) => [role, sums.find(({ name }) => name === role)?.values ?? 0] as const);
  return Object.fromEntries(rows.filter(([, values]) => values > 0));
}

function listed<Name extends 'opaque' | 'marked' | 'hex'>(
  name: Name,
  numbers: ReadonlySet<number>,
): Partial<Record<Name, number[]>> {
  if (numbers.size === 0) return {};
  return { [name]: [...numbers].sort((a, b) => a - b) } as Record<Name, number[]>;
}

/** Has DuckDB write the segment; where it runs out of memory again with smaller row groups. */
async function copy(
  { fs, duck, level, tell, signal }: SegmentPlan,
  { path, groups, sums }: NewSegment,
  columns: readonly PromotedColumn[],
  target: string,
): Promise<void> {
  // DuckDB ends a group behind a vector, and takes none over the end of a group that it reads.
  let rows = Math.min(...groups.slice(0, Math.max(1, groups.length - 1)).map((group) => group.rows));
  for (; ; rows = smaller(rows)) {
    try {
      await duck.query(
        copySql(path, target, {
          groupRows: rows,
          level,
          columns,
          without: sums.filter((sum) => !hasColumn(sum)).map(({ name }) => name),
        }),
        [],
        signal,
      );
      return;
    } catch (error) {
      await removeIfThere(fs, target);
      if (!isOutOfMemory(error) || rows <= VECTOR_ROWS) throw error;
      tell(`a segment needs more memory than it may have with row groups of ${rows} rows; it gets smaller ones`);
    }
  }
}

/** At most half the rows, a whole part of them: so that each smaller group lies in one that has filters. */
function smaller(rows: number): number {
  const vectors = Math.ceil(rows / VECTOR_ROWS);
  let parts = 2;
  while (vectors % parts !== 0) parts += 1;
  return (vectors / parts) * VECTOR_ROWS;
}

/** The row groups of the file with the filters of the scanned group that each lies in; one that lies in several has none. */
function withFilters(
  found: Awaited<ReturnType<typeof readLayout>>['groups'],
  { groups, minTs, maxTs }: NewSegment,
): NewGroup[] {
  let at = 0;
  let end = groups[0]?.rows ?? 0;
  let first = 0;
  return found.map((range) => {
    for (let group = groups[at]; group !== undefined && first >= end; ) {
      group = groups[++at];
      end += group?.rows ?? 0;
    }
    const group = groups[at];
    first += range.rows;
    if (group === undefined || first > end) {
      return { ...range, minTs, maxTs, open: true, filters: { tokens: NO_FILTER, trigrams: NO_FILTER } };
    }
    return { ...range, minTs: group.minTs, maxTs: group.maxTs, open: group.open, filters: group.filters };
  });
}

const NO_FILTER = new Uint8Array(0);

async function syncFile(fs: Fs, path: string): Promise<void> {
  const file = await fs.open(path, 'update');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}
