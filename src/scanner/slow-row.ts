import { countRow } from './counts';
import {
  addRow,
  bytesColumn,
  column,
  Context,
  contextColumn,
  FIRST_PROMOTED,
  messageColumn,
  promoted,
  restColumn,
  rows,
  SERVICE_COLUMN,
  WHOLE,
} from './group';
import { reserve } from './memory';
import { lookAtMessage } from './message';
import { addContextTokens } from './row';
import { jsonTokens, textTokens } from './tokens';

/*
 * A row whose record the host has made.
 */

/** What the host says of it. Addresses are 0 where there is no text. */
@unmanaged
export class SlowRow {
  time: i64;
  level: i32;
  flags: u32;
  /** All that the record says, decoded, for the filter. */
  words: usize;
  wordsLength: usize;
  message: usize;
  messageLength: usize;
  /** The line with marks; 0 where it is the line itself, or that is not UTF-8. */
  rest: usize;
  restLength: usize;
}

const PAIR: usize = 8;

/** Where the host writes: a `SlowRow`, a pair of address and length for each role and promoted column, and texts. */
let area: usize = 0;
let areaSize: usize = 0;

export function startSlowRows(): void {
  area = 0;
  areaSize = 0;
}

/** An area of at least so many bytes. */
export function slowArea(bytes: usize): usize {
  if (bytes > areaSize) {
    areaSize = max(bytes, areaSize << 1);
    area = reserve(areaSize + 64);
  }
  return area;
}

export function putSlowRow(event: u32, start: usize, end: usize, context: Context): void {
  const from = changetype<SlowRow>(area);
  const row = rows;
  let service: usize = 0;
  let serviceLength: usize = 0;
  for (let number = 0; number < FIRST_PROMOTED + promoted; number++) {
    const pair = area + offsetof<SlowRow>() + <usize>number * PAIR;
    const text = <usize>load<u32>(pair);
    if (text === 0) continue;
    const length = <usize>load<u32>(pair, 4);
    const put = column(number).put(row, text, length);
    if (number === SERVICE_COLUMN) {
      service = put;
      serviceLength = length;
    }
  }
  if (from.message !== 0) {
    lookAtMessage(from.message, from.message + from.messageLength);
    messageColumn().put(row, from.message, from.messageLength);
  }
  if (from.rest !== 0) putRest(row, from.rest, from.restLength);
  else if ((from.flags & WHOLE) !== 0) putRest(row, start, end - start);
  else bytesColumn().put(row, start, end - start);
  contextColumn().put(row, context.json, context.jsonLength);
  textTokens(from.words, from.words + from.wordsLength);
  addContextTokens(context);
  countRow(service, serviceLength, from.level, from.time);
  addRow(event, start, end, from.time, from.level, from.flags);
}

/** A sure row with the same line, marks and all, has its tokens looked at no more. */
function putRest(row: u32, text: usize, length: usize): void {
  const rest = restColumn();
  rest.put(row, text, length);
  if (rest.isNew) jsonTokens(text, text + length);
}
