import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIGINT, DuckDBInstance } from '@duckdb/node-api';
import { crcOf } from '../../../../../src/lib/buffer/crc.ts';
import type { HourCount, PromotedColumn, SegmentEntry } from '../../../../../src/lib/adapters/embedded/layout.ts';
import { storedRow, type StoredRow } from '../../../../../src/lib/adapters/embedded/scan/stored-row.ts';
import { Duck } from '../../../../../src/lib/adapters/embedded/segment/duckdb.ts';
import { filtersOf, tokensOf } from '../../../../../src/lib/adapters/embedded/segment/filters.ts';
import { encodeIndex } from '../../../../../src/lib/adapters/embedded/segment/idx.ts';
import { readLayout } from '../../../../../src/lib/adapters/embedded/segment/parquet-layout.ts';
import { ROW_FLAGS } from '../../../../../src/lib/query/sql-columns.ts';
import { LEVELS } from '../../../../../src/lib/record/level.ts';
import type { EventContext } from '../../../../../src/lib/record/record.ts';
import { HOUR_NS } from '../../../../../src/lib/record/time.ts';

export interface BuiltEvent {
  readonly bytes: Buffer;
  readonly context: EventContext;
  /** The id it came with. */
  readonly id?: string;
}

export interface SegmentPlan {
  readonly tenantDir: string;
  readonly name: string;
  readonly keys: readonly string[];
  readonly events: readonly BuiltEvent[];
  /** Milliseconds since 1970. */
  readonly received: number;
  readonly seq: number;
  /** A multiple of 2,048. */
  readonly groupRows?: number;
}

const DAY = '2022.08.22';
const WRITER = '0123456789ab';

/** A row, and the time that was taken out of the beginning of its message. */
export interface PunchedRow extends StoredRow {
  readonly messageTime?: string;
}

/** Makes a segment of format 2 the simple way, row by row, with everything in it that readers must know. */
export async function buildSegment(plan: SegmentPlan): Promise<SegmentEntry> {
  const { tenantDir, name, keys, events, received, seq, groupRows = 2048 } = plan;
  const rows = events.map(({ bytes, context }) =>
    punched(storedRow(bytes, context, BigInt(received) * 1_000_000n, keys)),
  );
  const columns = keys.map((key, at): PromotedColumn => {
    const values = rows.flatMap((row) => row.values[at + 4] ?? []);
    return { key, type: values.every((value) => /^(?:0|-?[1-9]\d{0,14})$/.test(value)) ? 'int' : 'text' };
  });
  const ids = events.some(({ id }) => id !== undefined);
  mkdirSync(join(tenantDir, DAY), { recursive: true });
  const parquet = join(tenantDir, DAY, `${name}.parquet`);
  await writeRows(parquet, rows, events, columns, ids, groupRows);
  const bytes = readFileSync(parquet);
  const duck = await Duck.open({ threads: 1, memory: 256, folder: tenantDir });
  const layout = await readLayout(duck, parquet, bytes);
  await duck.close();
  let from = 0;
  const groups = layout.groups.map((range) => {
    const own = rows.slice(from, from + range.rows);
    const contexts = events.slice(from, from + range.rows).map(({ context }) => JSON.stringify(context));
    from += range.rows;
    const times = BigInt64Array.from(own, ({ ts }) => ts).sort();
    const tokens = new Set([...own.map(({ texts }) => texts), ...contexts].flatMap(tokensOf));
    return { ...range, minTs: times[0] ?? 0n, maxTs: times.at(-1) ?? 0n, open: false, filters: filtersOf(tokens) };
  });
  const runs = [{ firstRow: 0, rows: rows.length, writer: WRITER, seq, line: 0, received }];
  const index = encodeIndex({ rows: rows.length, groups, footer: layout.footer, runs, keys: [] });
  writeFileSync(join(tenantDir, DAY, `${name}.idx`), index);
  const times = BigInt64Array.from(rows, ({ ts }) => ts).sort();
  return {
    day: DAY,
    name,
    rows: rows.length,
    rawBytes: events.reduce((sum, event) => sum + event.bytes.length + 1, 0),
    flags: rows.reduce((all, row) => all | row.flags, 0),
    opaque: opaqueColumns(rows, keys),
    marked: markedColumns(rows),
    hex: hexColumns(rows),
    ...(rows.some(namesTexts) ? {} : { namesTexts: false as const }),
    ...(rows.some(mayBeObject) ? {} : { objects: false as const }),
    minTs: String(times[0] ?? 0n),
    maxTs: String(times.at(-1) ?? 0n),
    minReceived: received,
    maxReceived: received,
    parquet: { bytes: bytes.length, crc: crcOf(bytes) },
    idx: { bytes: index.length, crc: crcOf(index) },
    ...(ids ? { ids: true as const } : {}),
    columns,
    counts: countsOf(rows),
    ranges: [],
  };
}

/** Numbers of the columns that have nothing of their key in a row where one of them does not tell all. */
export function opaqueColumns(rows: readonly StoredRow[], keys: readonly string[]): number[] {
  const opaque = rows.filter(({ flags }) => (flags & ROW_FLAGS.OPAQUE) !== 0);
  return Array.from(keys.keys()).filter((at) => opaque.some(({ values }) => values[at + 4] === undefined));
}

/** Columns whose values were taken out of messages. */
export function markedColumns(rows: readonly PunchedRow[]): number[] {
  const marks = rows
    .filter(({ flags }) => (flags & ROW_FLAGS.MARKS) !== 0)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the marks
    .flatMap(({ message = '' }) => message.match(/(?<=\u0006)[^]/g) ?? []);
  return [...new Set(marks)].map((mark) => mark.charCodeAt(0) - 0x20);
}

const HEX = /^[0-9a-f-]+$/i;

/** Those of them whose values that were taken out are hexadecimal digits and `-` alone. */
export function hexColumns(rows: readonly StoredRow[]): number[] {
  return markedColumns(rows).filter((number) =>
    rows.every(
      ({ message = '', flags, values }) =>
        (flags & ROW_FLAGS.MARKS) === 0 ||
        !message.includes(`\u0006${String.fromCharCode(0x20 + number)}`) ||
        HEX.test(values[number] ?? ''),
    ),
  );
}

/** Whether a row's message may be an object of JSON, or is empty. */
export function mayBeObject({ message }: StoredRow): boolean {
  return message !== undefined && /^(?:$|[^!-\uffff]|\{)/.test(message);
}

const TIME =
  /^(\[?)((?:\d{4}([-/])\d\d\3\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?)(?![0-9A-Za-z_])/;

/**
 * The time that a message begins with, ids and long values repeated in it become marks, as builders may do; `which` of
 * those values.
 */
export function punched(row: StoredRow, which: 'all' | 'hex' = 'all'): PunchedRow {
  let { message } = row;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are the marks
  if (message === undefined || /[\u0001-\u0006]/.test(message)) return row;
  const [, , messageTime] = TIME.exec(message) ?? [];
  message = message.replace(TIME, '$1\u0006^');
  for (const [at, value] of row.values.entries()) {
    if (value === undefined || (which === 'hex' && !HEX.test(value))) continue;
    if (at < 2 || (at > 3 && Buffer.byteLength(value) < 8) || value === '') continue;
    const escaped = value.replace(
      /[^A-Za-z0-9]/gu,
      (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
    );
    const mark = `\u0006${String.fromCharCode(0x20 + at)}`;
    message = message.replace(new RegExp(`(?<![\\w\\u0006])(?<!\\u0006.)${escaped}(?!\\w)`, 'gu'), () => mark);
  }
  if (message === row.message) return row;
  const taken = messageTime === undefined ? {} : { messageTime };
  return { ...row, message, flags: row.flags | ROW_FLAGS.MARKS, ...taken };
}

/** Whether a row names a text field beside the message, but in the message itself. */
export function namesTexts({ rest, values }: StoredRow): boolean {
  return [rest, ...values].some((text) => text !== undefined && /error|stack|exception/.test(text));
}

async function writeRows(
  path: string,
  rows: readonly PunchedRow[],
  events: readonly BuiltEvent[],
  columns: readonly PromotedColumn[],
  ids: boolean,
  groupRows: number,
): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  await connection.run(tableSql('segment', columns, ids));
  const appender = await connection.createAppender('segment');
  for (const [n, row] of rows.entries()) {
    appendRow(appender, row, events[n] ?? { bytes: Buffer.alloc(0), context: {} }, columns);
    if (ids) {
      const id = events[n]?.id;
      if (id === undefined) appender.appendNull();
      else appender.appendVarchar(id);
    }
    appender.endRow();
  }
  appender.closeSync();
  await connection.run(
    `COPY segment TO '${path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${groupRows}, DICTIONARY_SIZE_LIMIT 1000)`,
  );
  connection.closeSync();
  instance.closeSync();
}

/** The table of a segment's rows. */
export function tableSql(name: string, columns: readonly PromotedColumn[], ids: boolean, first = ''): string {
  const keys = columns.map(({ type }, at) => `k${at} ${type === 'int' ? 'BIGINT' : 'VARCHAR'}, `).join('');
  return `CREATE TABLE ${name} (${first}ts BIGINT, tf INTEGER, level TINYINT, service VARCHAR, host VARCHAR, trace_id VARCHAR, span_id VARCHAR, ${keys}message VARCHAR, rest VARCHAR, line_b BLOB, ctx VARCHAR, mt VARCHAR${ids ? ', id VARCHAR' : ''})`;
}

type Appender = Awaited<ReturnType<Awaited<ReturnType<DuckDBInstance['connect']>>['createAppender']>>;

export function appendRow(
  appender: Appender,
  row: PunchedRow,
  event: Pick<BuiltEvent, 'bytes' | 'context'>,
  columns: readonly PromotedColumn[],
): void {
  const text = (value: string | undefined): void =>
    value === undefined ? appender.appendNull() : appender.appendVarchar(value);
  appender.appendBigInt(row.ts);
  appender.appendInteger(row.flags);
  appender.appendTinyInt(row.level);
  row.values.forEach((value, at) => {
    if (value !== undefined && columns[at - 4]?.type === 'int') appender.appendValue(BigInt(value), BIGINT);
    else text(value);
  });
  text(row.message);
  text(row.rest);
  if (row.rest === undefined) appender.appendBlob(event.bytes);
  else appender.appendNull();
  text(JSON.stringify(event.context));
  text(row.messageTime);
}

const LEVEL_NAMES = new Map<number, string>(Object.entries(LEVELS).map(([name, number]) => [number, name]));

function countsOf(rows: readonly StoredRow[]): HourCount[] {
  const counts = new Map<string, number>();
  for (const { values, level, ts } of rows) {
    const key = JSON.stringify([values[0] ?? null, LEVEL_NAMES.get(level), Number(ts / HOUR_NS)]);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Array.from(counts, ([key, n]) => [...JSON.parse(key), n] as unknown as HourCount);
}
