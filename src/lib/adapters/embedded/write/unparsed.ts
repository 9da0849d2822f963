import { parseLogFileName, scanFrames } from '../../../buffer/log-file.ts';
import { countUnparsed } from '../../../parse/unparsed.ts';

/** How many events that could not be parsed the frames of a log file hold, from `fromSeq` on. */
export function countUnparsedInLog(log: Buffer, file: string, fromSeq: number): number {
  const life = parseLogFileName(file)?.life ?? '';
  let count = 0;
  for (const { header, context, payload } of scanFrames(log, life).frames) {
    if (header.seq < fromSeq) continue;
    const bytes = log.subarray(payload, payload + header.len);
    count += countUnparsed({ bytes, context, ...(header.join === undefined ? {} : { joins: header.join }) });
  }
  return count;
}
