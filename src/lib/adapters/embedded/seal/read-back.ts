import type { Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import type { PromotedColumn } from '../layout.ts';
import type { Duck } from '../segment/duckdb.ts';
import { keyColumn } from '../segment/segment.ts';
import { sqlText } from '../segment/sql-literals.ts';
import { type ColumnSum, hasColumn, type NewSegment } from './new-segment.ts';

interface Written {
  readonly parquet: string;
  readonly idx: string;
  readonly index: Buffer;
  /** The rows as they were handed to DuckDB. */
  readonly plain: string;
  readonly columns: readonly PromotedColumn[];
  readonly segment: Pick<NewSegment, 'rows' | 'sums'>;
}

/** More than a column has bytes: a sum of lengths, each with as much more, tells how many values there are as well. */
const ONE_VALUE = 2n ** 40n;

/**
 * Reads a segment's final files and compares them with what was handed to DuckDB, whose rows have given back the bytes
 * of their events: every value of every row, and of each column how many values and bytes the scanner wrote, so that no
 * column of the plain file was taken for another. Throws INTERNAL at the first difference: the log then stays, and
 * nothing is lost.
 */
export async function compareFiles(duck: Duck, fs: Fs, files: Written): Promise<void> {
  const { parquet, idx, index, plain, columns, segment } = files;
  if (!index.equals(await fs.readFile(idx))) throw differs(parquet, 'its index');
  const integers = new Set(columns.flatMap(({ type }, at) => (type === 'int' ? [keyColumn(at)] : [])));
  const unequal: string[] = [];
  const sums: string[] = [];
  const written = segment.sums.filter(hasColumn);
  for (const { name, type } of written) {
    const text = integers.has(name) ? `CAST(b.${name} AS VARCHAR)` : `b.${name}`;
    unequal.push(`a.${name} IS DISTINCT FROM ${text}`);
    sums.push(sumSql(type, text));
  }
  const [chunk] = await duck.query(
    `SELECT count(*), count(*) FILTER (${unequal.join(' OR ')}), ${sums.join(', ')}
       FROM read_parquet(${sqlText(plain)}) a POSITIONAL JOIN read_parquet(${sqlText(parquet)}) b`,
    [],
  );
  const value = (at: number): string => String(chunk?.getColumnVector(at).getItem(0));
  if (value(0) !== String(segment.rows)) throw differs(parquet, 'the number of rows');
  if (value(1) !== '0') throw differs(parquet, 'a row');
  for (const [at, sum] of written.entries()) {
    if (value(at + 2) !== String(numberOf(sum))) throw differs(parquet, `column ${sum.name}`);
  }
}

/** SQL of how many values a column has and, of texts and bytes, how long they are together: as `numberOf`. */
function sumSql(type: ColumnSum['type'], column: string): string {
  if (!hasBytes(type)) return `count(${column})`;
  return `coalesce(sum(${ONE_VALUE} + ${type === 'text' ? 'strlen' : 'octet_length'}(${column})), 0)`;
}

function numberOf({ type, values, bytes }: ColumnSum): bigint {
  return hasBytes(type) ? BigInt(values) * ONE_VALUE + BigInt(bytes) : BigInt(values);
}

function hasBytes(type: ColumnSum['type']): boolean {
  return type === 'text' || type === 'bytes';
}

function differs(parquet: string, what: string): LogsError {
  return new LogsError('INTERNAL', `${parquet}: ${what} read back otherwise than the log has it`, {
    hint: 'Nothing is lost: the log file stays and is read. Please report this.',
  });
}
