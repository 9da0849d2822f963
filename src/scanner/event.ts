import { isDigit } from './ascii';
import { ANY_SYSLOG, Context, CRI, DETECT, JSON_FORMAT, LOGFMT, OTHER, SYSLOG, SYSLOG_5424 } from './group';
import { skipBlanks } from './json-text';
import { LONGEST, readLine, readPairsLine } from './line';
import { looksLike5424 } from './syslog-5424';
import { formatOf, readText } from './text-line';
import { clearWrap, readWrap, UNSURE_WRAP } from './wrap';

/*
 * Finds out the format of an event and has it read.
 */

/** What has read an event: the host must; `line`; `text-line`. */
export const BY_HOST: u32 = 0;
export const AS_CLAIMS: u32 = 1;
export const AS_TEXT: u32 = 2;

/** Reads an event if the scanner is sure of it. `counts`: its keys are counted for the choice of columns. */
export function readEvent(at: usize, end: usize, context: Context, received: i64, counts: bool): u32 {
  let format = context.format;
  if (format === OTHER || end - at > LONGEST) return BY_HOST;
  const stop = load<u8>(end - 1) === 0x0d ? end - 1 : end;
  clearWrap();
  if (format === CRI || (format === DETECT && isDigit(load<u8>(at)))) {
    const inside = readWrap(at, stop, context.utc !== 0, received);
    if (inside === UNSURE_WRAP || (inside === 0 && format === CRI)) return BY_HOST;
    if (inside !== 0) {
      at = inside;
      format = DETECT;
    }
  }
  const detects = format === DETECT;
  if (detects) {
    if (at === stop) return BY_HOST;
    const first = skipBlanks(at, stop);
    format = first < stop && load<u8>(first) === 0x7b ? JSON_FORMAT : formatOf(at, stop);
  } else if (format === ANY_SYSLOG) format = looksLike5424(at, stop) ? SYSLOG_5424 : SYSLOG;
  if (format === JSON_FORMAT) return readLine(at, end, context, detects, received, counts) ? AS_CLAIMS : BY_HOST;
  if (format === LOGFMT) return readPairsLine(at, stop, context, received, counts) ? AS_CLAIMS : BY_HOST;
  return format !== OTHER && readText(at, stop, format, context, received) ? AS_TEXT : BY_HOST;
}
