import { errorCode, type Fs } from '../../../buffer/fs.ts';
import { scanFrames } from '../../../buffer/log-file.ts';
import { countsMessages, type SourceMark } from '../../../record/batch.ts';
import type { CommitLog } from './commit-log.ts';
import { listLogs } from '../../../buffer/log-folder.ts';

/**
 * How far each source is in the store: the positions of the commits, and above them what frames of log files cover
 * without a gap. The log files are read before the commits: what is sealed in between is then in both.
 */
export async function readMarks(fs: Fs, tenantDir: string, commits: CommitLog): Promise<Map<string, SourceMark>> {
  const ranges = new Map<string, { from: number; to: number; hash: string | undefined }[]>();
  for (const log of await listLogs(fs, tenantDir)) {
    let bytes: Buffer;
    try {
      bytes = await fs.readFile(log.path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') continue;
      throw error;
    }
    for (const { header } of scanFrames(bytes, log.life).frames) {
      const { src, from, pos, hash } = header;
      if (src === undefined || from === undefined || pos === undefined) continue;
      const known = ranges.get(src);
      if (known === undefined) ranges.set(src, [{ from, to: pos, hash }]);
      else known.push({ from, to: pos, hash });
    }
  }
  const state = await commits.fold();
  const marks = new Map<string, SourceMark>(state.positions);
  for (const [id, covered] of ranges) {
    const before = state.positions.get(id);
    let position = before?.position ?? 0;
    let hash = before?.hash;
    for (const range of covered.sort((a, b) => a.from - b.from || a.to - b.to)) {
      if (range.from > position && !countsMessages(id)) break;
      if (range.to > position) {
        position = range.to;
        hash = undefined;
      }
      if (range.to === position) hash = range.hash ?? hash;
    }
    marks.set(id, { id, position, ...(hash === undefined ? {} : { hash }) });
  }
  return marks;
}
