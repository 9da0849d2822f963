import { join } from 'node:path';
import { listIfThere } from '../../../buffer/durable.ts';
import type { Fs } from '../../../buffer/fs.ts';
import { type FoldedState, segmentKey } from '../commits/commit-state.ts';

const DAY = /^\d{4}\.\d{2}\.\d{2}$/;
const FILE = /^(([0-9a-f]{12})-(\d+)-\d+)\.(.+)$/;

/** A file of a segment, whole or in the making, told by its name. */
export interface SegmentFile {
  readonly path: string;
  readonly day: string;
  /** The segment's. */
  readonly name: string;
  readonly writer: string;
  readonly claim: number;
  /** Of the final name. */
  readonly whole: boolean;
}

/** All files of segments in a tenant's folder, by day and name. */
export async function listSegmentFiles(fs: Fs, tenantDir: string): Promise<SegmentFile[]> {
  const found: SegmentFile[] = [];
  for (const day of (await listIfThere(fs, tenantDir)).filter((name) => DAY.test(name)).sort()) {
    for (const file of (await listIfThere(fs, join(tenantDir, day))).sort()) {
      const [, name, writer, claim, kind] = FILE.exec(file) ?? [];
      if (name === undefined || writer === undefined) continue;
      const whole = kind === 'parquet' || kind === 'idx';
      found.push({ path: join(tenantDir, day, file), day, name, writer, claim: Number(claim), whole });
    }
  }
  return found;
}

/** Whether the file is one of a segment that some commit added, one removed meanwhile included. */
export function isNamed(file: SegmentFile, state: FoldedState): boolean {
  const key = segmentKey(file);
  return file.whole && (state.segments.has(key) || state.removedAt.has(key));
}
