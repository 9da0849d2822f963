import { eachEvent } from '../../../record/events.ts';
import { parseLogFileName, scanFrames } from '../../../buffer/log-file.ts';
import { parseEvent } from '../../../parse/parse-event.ts';
import type { LogRecord } from '../../../record/record.ts';

/** Whether an event was kept whole because it could not be parsed. */
export function isUnparsed(record: LogRecord): boolean {
  return Object.hasOwn(record.fields, '_parse_error');
}

/** How many such events the frames of a log file hold, from `fromSeq` on. */
export function countUnparsed(log: Buffer, file: string, fromSeq: number): number {
  const life = parseLogFileName(file)?.life ?? '';
  let count = 0;
  for (const { header, context, payload } of scanFrames(log, life).frames) {
    if (header.seq < fromSeq) continue;
    const bytes = log.subarray(payload, payload + header.len);
    const receivedAt = BigInt(header.t) * 1_000_000n;
    eachEvent(bytes, header.join, (start, end) => {
      if (isUnparsed(parseEvent(bytes.subarray(start, end), context, receivedAt, ''))) count++;
    });
  }
  return count;
}
