import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { crcOf } from '../../../buffer/crc.ts';
import { LogsError } from '../../../errors.ts';
import type { KeyStatistic, RowRun } from '../layout.ts';
import type { GroupFilters } from './filters.ts';

/** Bytes [offset, offset + length) of the Parquet file and their CRC-32. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
}

/** A row group of a segment: what is in it, and filters that say where to look. */
export interface IndexedGroup extends ByteRange {
  readonly rows: number;
  readonly minTs: bigint;
  readonly maxTs: bigint;
  /** CRC-32 of the filters' bytes: those of tokens, then those of trigrams. */
  readonly filterCrc: number;
  /** Always may hold what is looked for: its filters do not know all of its words. */
  readonly open: boolean;
  readonly filters: GroupFilters;
}

/** What a segment's `.idx` says. The byte ranges of groups and footer together cover the whole Parquet file. */
export interface SegmentIndex {
  readonly rows: number;
  /** Row groups in order. */
  readonly groups: readonly IndexedGroup[];
  readonly footer: ByteRange;
  /** In row order, without gaps. In a run each row's line is the one after that of the row before. */
  readonly runs: readonly RowRun[];
  /** Keys that could have columns, for the choice of those of the next segment. */
  readonly keys: readonly KeyStatistic[];
}

/** Behind `LIX2` and the deflated length. Column by column, numbers as differences to the one before: a tenth of the size. */
interface IndexHeader {
  readonly rows: number;
  readonly groups: readonly GroupHeader[];
  readonly footer: ByteRange;
  readonly writers: readonly string[];
  readonly writer: readonly number[];
  readonly count: readonly number[];
  readonly seq: readonly number[];
  readonly line: readonly number[];
  readonly received: readonly number[];
  readonly keys: readonly (readonly [key: string, rows: number, distinct: number])[];
}

interface GroupHeader extends ByteRange {
  readonly rows: number;
  /** Decimal nanoseconds. */
  readonly minTs: string;
  readonly maxTs: string;
  /** Offset behind the header, 64-bit words. */
  readonly tokens: readonly [offset: number, words: number];
  readonly trigrams: readonly [offset: number, words: number];
  readonly filterCrc: number;
  readonly open?: true;
}

const MAGIC = Buffer.from('LIX2', 'latin1');
const HEADER_AT = 8;

/**
 * `LIX2`, the length of the header as 32 bits little-endian, the header as raw deflate of JSON, the filters. The file's
 * checksum is in the commit that names the segment.
 */
export function encodeIndex(index: Omit<SegmentIndex, 'groups'> & { groups: readonly NewGroup[] }): Buffer {
  const writers = [...new Set(index.runs.map((run) => run.writer))];
  const numbers = new Map(writers.map((writer, at) => [writer, at]));
  const filters: Uint8Array[] = [];
  let offset = 0;
  const place = (bytes: Uint8Array): [number, number] => {
    filters.push(bytes);
    offset += bytes.length;
    return [offset - bytes.length, bytes.length / 8];
  };
  const header: IndexHeader = {
    rows: index.rows,
    groups: index.groups.map(
      ({ rows, offset: at, length, crc, minTs, maxTs, open, filters: { tokens, trigrams } }) => ({
        rows,
        offset: at,
        length,
        crc,
        minTs: String(minTs),
        maxTs: String(maxTs),
        tokens: place(tokens),
        trigrams: place(trigrams),
        filterCrc: crcOf(trigrams, crcOf(tokens)),
        ...(open ? { open: true as const } : {}),
      }),
    ),
    footer: index.footer,
    writers,
    writer: differences(index.runs.map((run) => numbers.get(run.writer) ?? 0)),
    count: index.runs.map((run) => run.rows),
    seq: differences(index.runs.map((run) => run.seq)),
    line: index.runs.map((run) => run.line),
    received: differences(index.runs.map((run) => run.received)),
    keys: index.keys.map(({ key, rows, distinct }) => [key, rows, distinct]),
  };
  const packed = deflateRawSync(Buffer.from(JSON.stringify(header)), { level: 6 });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(packed.length);
  return Buffer.concat([MAGIC, length, packed, ...filters]);
}

/** A group to be indexed; the checksum of its filters is computed. */
export type NewGroup = Omit<IndexedGroup, 'filterCrc'>;

/**
 * Throws STORE_DAMAGED for bytes that `encodeIndex` did not make, STORE_VERSION for those of another version. The
 * filters are views of the bytes.
 */
export function decodeIndex(bytes: Uint8Array, path: string): SegmentIndex {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = file.toString('latin1', 0, 4);
  if (/^LIX[^2]$/.test(magic)) {
    throw new LogsError('STORE_VERSION', `${path} has format ${magic.slice(3)}, this program knows 2`, {
      hint: 'Use the version of logs that wrote it, or a newer one.',
    });
  }
  let header: IndexHeader;
  let filtersAt: number;
  try {
    if (!file.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('no LIX2');
    filtersAt = HEADER_AT + file.readUInt32LE(MAGIC.length);
    header = JSON.parse(inflateRawSync(file.subarray(HEADER_AT, filtersAt)).toString('utf8')) as IndexHeader;
  } catch (cause) {
    throw new LogsError('STORE_DAMAGED', `${path} is not the index of a segment`, { cause });
  }
  const view = ([offset, words]: readonly [number, number]): Buffer =>
    file.subarray(filtersAt + offset, filtersAt + offset + words * 8);
  return {
    rows: header.rows,
    groups: header.groups.map(({ tokens, trigrams, minTs, maxTs, open, ...group }) => ({
      ...group,
      minTs: BigInt(minTs),
      maxTs: BigInt(maxTs),
      open: open === true,
      filters: { tokens: view(tokens), trigrams: view(trigrams) },
    })),
    footer: header.footer,
    runs: runsIn(header),
    keys: header.keys.map(([key, rows, distinct]) => ({ key, rows, distinct })),
  };
}

function runsIn(header: IndexHeader): RowRun[] {
  let firstRow = 0;
  let writer = 0;
  let seq = 0;
  let received = 0;
  return header.count.map((rows, at) => {
    writer += header.writer[at] ?? 0;
    seq += header.seq[at] ?? 0;
    received += header.received[at] ?? 0;
    const run = { firstRow, rows, writer: header.writers[writer] ?? '', seq, line: header.line[at] ?? 0, received };
    firstRow += rows;
    return run;
  });
}

function differences(values: readonly number[]): number[] {
  return values.map((value, at) => value - (at === 0 ? 0 : (values[at - 1] ?? 0)));
}

/** The run that holds a row; runs are in row order and leave none out. */
export function runOf(runs: readonly RowRun[], row: number): RowRun {
  let low = 0;
  let high = runs.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((runs[middle]?.firstRow ?? 0) <= row) low = middle;
    else high = middle - 1;
  }
  const run = runs[low];
  if (run === undefined || row >= run.firstRow + run.rows)
    throw new LogsError('STORE_DAMAGED', `no run holds row ${row}`);
  return run;
}
