import type { Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import type { Damage, ReadReport } from '../../../store/store.ts';
import type { CommitLog } from '../commits/commit-log.ts';
import { segmentKey } from '../commits/commit-state.ts';
import type { SegmentEntry } from '../layout.ts';
import { parquetPath } from '../segment/segment.ts';

/**
 * A file of a segment is not there. Either a commit has removed the segment and its ten minutes are over, so that a new
 * fold names others with the same rows; or it is lost: then the fold still names it.
 */
export class SegmentGone extends LogsError {
  /** `day/name`. */
  readonly segment: string;

  constructor(path: string, segment: Pick<SegmentEntry, 'day' | 'name'>, cause?: unknown) {
    super('STORE_DAMAGED', `${path} is missing`, { cause });
    this.segment = segmentKey(segment);
  }
}

/** What an error in reading a segment says is damaged. Throws SegmentGone where a file of it is not there, and any other error on. */
export async function damageOf(error: unknown, fs: Fs, tenantDir: string, entry: SegmentEntry): Promise<Damage> {
  if (error instanceof SegmentGone) throw error;
  if (error instanceof LogsError && error.code === 'STORE_DAMAGED') {
    return { where: segmentKey(entry), what: error.message };
  }
  // DuckDB opens the file anew for every statement, and has no code for one that went in between.
  const path = parquetPath(tenantDir, entry);
  if (error instanceof Error && /\bIO Error\b/.test(error.message) && (await fs.stat(path)) === undefined)
    throw new SegmentGone(path, entry, error);
  throw error;
}

/** Whatever has to begin again meets the same damage again: it is told once. */
export function noteDamage({ damage }: ReadReport, found: Damage): void {
  if (!damage.some(({ where, what }) => where === found.where && what === found.what)) damage.push(found);
}

/**
 * After a file of a segment was not there: a compaction may have put others in its place, which the next snapshot has.
 * Notes it as lost, and tells, where the commits still name it. Throws any other error on.
 */
export async function foldAgain(
  error: unknown,
  commits: CommitLog,
  lost: Set<string>,
  report: ReadReport,
): Promise<void> {
  if (!(error instanceof SegmentGone)) throw error;
  const { state } = await commits.foldReadable();
  if (!state.segments.has(error.segment)) return;
  lost.add(error.segment);
  noteDamage(report, { where: error.segment, what: error.message });
}
