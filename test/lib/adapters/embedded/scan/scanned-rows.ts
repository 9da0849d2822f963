import type { ScannedColumn, ScannedGroup } from '../../../../../src/lib/adapters/embedded/scan/scanned-group.ts';
import { Scanner } from '../../../../../src/lib/adapters/embedded/scan/scanner.ts';
import { mayHoldRun, mayHoldToken, tokensOf } from '../../../../../src/lib/adapters/embedded/segment/filters.ts';
import { MARKED_ROLES } from '../../../../../src/lib/adapters/embedded/segment/marks.ts';
import { rebuildLine, rebuildMessage } from '../../../../../src/lib/adapters/embedded/segment/rebuild.ts';
import { parseEvent } from '../../../../../src/lib/parse/parse-event.ts';
import { MESSAGE_TIME_NUMBER } from '../../../../../src/lib/query/key-columns.ts';
import { MESSAGE_TIME, ROW_FLAGS } from '../../../../../src/lib/query/sql-columns.ts';
import { LEVELS } from '../../../../../src/lib/record/level.ts';
import { type EventContext, type Fields, type LogRecord, RawNumber } from '../../../../../src/lib/record/record.ts';

/** The flags that say something of the line itself, as they were before rows had marks. */
const LINE_FLAGS = 63;

export const RECEIVED = 1_790_000_000_000_000_000n;

export interface Checked {
  readonly rows: number;
  readonly slow: number;
  /** `rest` of each row; undefined where it has none. */
  readonly rests: readonly (string | undefined)[];
  readonly messages: readonly (string | undefined)[];
  readonly open: boolean;
  readonly group: ScannedGroup;
}

export interface Setting {
  readonly context?: EventContext;
  readonly columns?: readonly string[];
  readonly receivedAt?: bigint;
}

/**
 * Scans lines as one row group and throws where a row says anything else than `parseEvent` says of its line, does not
 * give the line's bytes back, or has a word that the filter does not know.
 */
export function checkRows(lines: readonly (string | Uint8Array)[], setting: Setting = {}): Checked {
  const { context = {}, columns = [], receivedAt = RECEIVED } = setting;
  const raws = lines.map((line) => Buffer.from(line as string));
  const bytes = Buffer.concat(raws.flatMap((raw) => [raw, Buffer.from('\n')]));
  const ends = new Uint32Array(raws.length);
  const starts = Uint32Array.from(raws, (raw, at) => {
    const start = at === 0 ? 0 : (ends[at - 1] ?? 0) + 1;
    ends[at] = start + raw.length;
    return start;
  });
  const block = { bytes, starts, ends, frames: [{ events: raws.length, context, receivedAt }] };
  const scanner = scannerFor(columns);
  const events = Uint32Array.from(raws.keys());
  const group = scanner.scan(block, { events, from: 0, day: null, rows: Math.max(raws.length, 1) });
  equal('rows', group.rows, raws.length, raws[0]);
  const different = scanner.firstDifference(block);
  equal('first difference', different, -1, raws[different]);
  const texts = new Map(group.columns.map((column) => [column.name, textsOf(column, group.rows)]));
  const marked = new Set<number>();
  const words = new Set<number>();
  const checked = raws.map((raw, row) => {
    const record = parseEvent(raw, context, receivedAt, '');
    const get = (name: string): string | undefined => texts.get(name)?.[row]?.toString('utf8');
    const number = (name: string): number => texts.get(name)?.[row]?.readInt32LE(0) ?? -1;
    const flags = number('tf');
    equal('ts', group.times[row], record.ts, raw);
    equal('ts column', texts.get('ts')?.[row]?.readBigInt64LE(0), record.ts, raw);
    equal('level', number('level'), LEVELS[record.level], raw);
    for (const role of MARKED_ROLES) equal(role, get(role), record[role], raw);
    equal('flags', flags & LINE_FLAGS, expectedFlags(record, raw, context), raw);
    equal('ctx', get('ctx'), JSON.stringify(context), raw);
    checkPromoted(record.fields, columns, flags, get, raw);
    const stored = {
      ts: record.ts,
      flags,
      message: get('message'),
      rest: get('rest') ?? '',
      column: (number: number) => get(markedName(number)),
    };
    equal('message', rebuildMessage(stored), record.message, raw);
    const lineBytes = texts.get('line_b')?.[row];
    const line = lineBytes ?? Buffer.from(rebuildLine(stored));
    equal('line', line.toString('latin1'), raw.toString('latin1'), raw);
    equal('line_b or rest', (lineBytes === undefined) !== (get('rest') === undefined), true, raw);
    checkFilter(group, record, raw);
    for (const mark of (flags & ROW_FLAGS.MARKS) === 0 ? [] : marksIn(get('message') ?? '')) {
      marked.add(mark);
      if (!/^[0-9a-f-]+$/i.test(stored.column(mark) ?? '')) words.add(mark);
    }
    return { rest: get('rest'), message: get('message'), record };
  });
  equal('marked columns', [...marked].sort((a, b) => a - b).join(), group.marked.join(), raws[0]);
  equal('marked columns with words', [...words].sort((a, b) => a - b).join(), group.words.join(), raws[0]);
  const objects = checked.some(
    ({ record }) => record.message !== undefined && /^(?:$|[^!-\uffff]|\{)/.test(record.message),
  );
  equal('messages that may be objects', group.objects, objects, raws[0]);
  checkCounts(
    group,
    checked.map(({ record }) => record),
  );
  return {
    rows: group.rows,
    slow: group.slow,
    rests: checked.map(({ rest }) => rest),
    messages: checked.map(({ message }) => message),
    open: group.open,
    group,
  };
}

/** The name of the column that marks with a number stand for. */
export function markedName(number: number): string {
  if (number === MESSAGE_TIME_NUMBER) return MESSAGE_TIME;
  return MARKED_ROLES[number] ?? `k${number - MARKED_ROLES.length}`;
}

/** The numbers of the columns that a message has marks of. */
function marksIn(message: string): number[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the marks
  return (message.match(/(?<=\u0006)[^]/g) ?? []).map((mark) => mark.charCodeAt(0) - 0x20);
}

const scanners = new Map<string, Scanner>();

/** Scanners are kept: each has memory of its own. */
function scannerFor(columns: readonly string[]): Scanner {
  const key = JSON.stringify(columns);
  const known = scanners.get(key);
  if (known !== undefined) return known;
  const [first] = scanners.values();
  const scanner = scanners.size < 8 || first === undefined ? new Scanner({ columns }) : first;
  if (scanner === first) {
    for (const [name, one] of scanners) if (one === first) scanners.delete(name);
    scanner.use({ columns });
  }
  scanners.set(key, scanner);
  return scanner;
}

function equal(what: string, got: unknown, expected: unknown, raw: Buffer | undefined): void {
  if (got === expected) return;
  throw new Error(`${what}: ${show(got)} instead of ${show(expected)} of ${show(raw?.toString('latin1'))}`);
}

function show(value: unknown): string {
  return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'undefined');
}

/** The values of a column, by row. */
export function textsOf(column: ScannedColumn, rows: number): (Buffer | undefined)[] {
  const { name, repeated } = column;
  const values = plainValues(column, column.values);
  const entries = plainValues(column, repeated?.values ?? []);
  equal(`different values of ${name}`, entries.length, repeated?.different ?? 0, undefined);
  const numbers = Buffer.from(repeated?.numbers ?? []);
  let numbered = 0;
  let plain = 0;
  const out = Array.from({ length: rows }, (_, row) => {
    if (((column.present[row >>> 3] ?? 0) & (1 << (row & 7))) === 0) return undefined;
    if (row >= (repeated?.rows ?? 0)) return values[plain++];
    return entries[numbers.readUInt16LE(2 * numbered++)];
  });
  equal(`values of ${name}`, plain, values.length, undefined);
  equal(`numbers of ${name}`, numbered * 2, numbers.length, undefined);
  equal(`count of ${name}`, column.count, numbered + plain, undefined);
  const bytes = out.reduce((sum, value) => sum + (value?.length ?? 0), 0);
  equal(`bytes of ${name}`, column.bytes, bytes, undefined);
  return out;
}

function plainValues({ type }: ScannedColumn, pieces: readonly Uint8Array[]): Buffer[] {
  const bytes = Buffer.concat(pieces);
  const width = { int64: 8, int32: 4, int8: 4, text: 0, bytes: 0 }[type];
  const values: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = width === 0 ? at + 4 : at;
    at = start + (width === 0 ? bytes.readUInt32LE(at) : width);
    values.push(bytes.subarray(start, at));
  }
  return values;
}

function expectedFlags(record: LogRecord, raw: Buffer, context: EventContext): number {
  const line = raw.toString('latin1');
  let flags = 0;
  if (raw.some((byte) => byte > 0x7f)) flags |= ROW_FLAGS.NON_ASCII;
  if (line.includes('\\')) flags |= ROW_FLAGS.BACKSLASH;
  if (/\\u/i.test(line)) flags |= ROW_FLAGS.UNICODE_ESCAPE;
  if (Object.keys(context.fields ?? {}).length > 0) flags |= ROW_FLAGS.CONTEXT_FIELDS;
  if (record.tsText === undefined) flags |= ROW_FLAGS.NO_TIME;
  if (record.format === 'json') flags |= ROW_FLAGS.JSON;
  return flags;
}

function checkPromoted(
  fields: Fields,
  columns: readonly string[],
  flags: number,
  get: (name: string) => string | undefined,
  raw: Buffer,
): void {
  columns.forEach((key, number) => {
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
    const text =
      typeof value === 'number' ? String(value) : value instanceof RawNumber ? value.text : (value as string);
    const column = get(`k${number}`);
    // A value that is there is right, whatever the flag says.
    if (column !== undefined || (flags & ROW_FLAGS.OPAQUE) === 0) equal(`column ${key}`, column, text, raw);
  });
}

function checkFilter(group: ScannedGroup, record: LogRecord, raw: Buffer): void {
  if (group.open) return;
  const { message, service, host, trace_id: trace, span_id: span, level } = record;
  const texts = [message, service, host, trace, span, level, ...leavesOf(record.fields)];
  for (const text of texts) {
    for (const token of tokensOf(text ?? '')) {
      equal(`filter of ${token}`, mayHoldToken(group.filters, token), true, raw);
      equal(`trigrams of ${token}`, mayHoldRun(group.filters, token), true, raw);
    }
  }
}

function leavesOf(value: unknown): string[] {
  if (value instanceof RawNumber) return [value.text];
  if (typeof value !== 'object' || value === null) return [String(value)];
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  return Object.entries(value).flatMap(([key, inside]) => [key, ...leavesOf(inside)]);
}

function checkCounts(group: ScannedGroup, records: readonly LogRecord[]): void {
  const expected = new Map<string, number>();
  for (const { service, level, ts } of records) {
    const key = JSON.stringify([service ?? null, level, Number(ts / 3_600_000_000_000n)]);
    expected.set(key, (expected.get(key) ?? 0) + 1);
  }
  if (expected.size > 1000) return;
  const counts = group.counts?.map(([service, level, hour, n]) => `${JSON.stringify([service, level, hour])} ${n}`);
  const wanted = Array.from(expected, ([key, n]) => `${key} ${n}`);
  equal('counts', JSON.stringify(counts?.sort(byText)), JSON.stringify(wanted.sort(byText)), undefined);
}

function byText(one: string, other: string): number {
  return one < other ? -1 : 1;
}
