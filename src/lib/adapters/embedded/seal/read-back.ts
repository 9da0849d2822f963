import type { Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import type { PromotedColumn } from '../layout.ts';
import type { Duck } from '../segment/duckdb.ts';
import { keyColumn } from '../segment/segment.ts';
import { sqlText } from '../segment/sql-literals.ts';
import { hasColumn, type NewSegment } from './new-segment.ts';

interface Written {
  readonly parquet: string;
  readonly idx: string;
  readonly index: Buffer;
  /** The rows as they were handed to DuckDB. */
  readonly plain: string;
  readonly columns: readonly PromotedColumn[];
  readonly segment: Pick<NewSegment, 'rows' | 'sums'>;
}

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
    const length = type === 'text' ? `strlen(${text})` : type === 'bytes' ? `octet_length(${text})` : '0';
    sums.push(`concat(count(b.${name}), ' ', coalesce(sum(${length}), 0))`);
  }
  const [chunk] = await duck.query(
    `SELECT count(*), count(*) FILTER (${unequal.join(' OR ')}), ${sums.join(', ')}
       FROM read_parquet(${sqlText(plain)}) a POSITIONAL JOIN read_parquet(${sqlText(parquet)}) b`,
    [],
  );
  const value = (at: number): string => String(chunk?.getColumnVector(at).getItem(0));
  if (value(0) !== String(segment.rows)) throw differs(parquet, 'the number of rows');
  if (value(1) !== '0') throw differs(parquet, 'a row');
  for (const [at, { name, values, bytes }] of written.entries()) {
    if (value(at + 2) !== `${values} ${bytes}`) throw differs(parquet, `column ${name}`);
  }
}

function differs(parquet: string, what: string): LogsError {
  return new LogsError('INTERNAL', `${parquet}: ${what} read back otherwise than the log has it`, {
    hint: 'Nothing is lost: the log file stays and is read. Please report this.',
  });
}
