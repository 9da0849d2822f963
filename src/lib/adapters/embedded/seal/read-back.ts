import type { DuckDBDataChunk } from '@duckdb/node-api';
import type { Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import type { PromotedColumn } from '../layout.ts';
import { type Duck, sqlText } from '../segment/duckdb.ts';
import { keyColumn } from '../segment/segment.ts';
import type { PlainGroup } from './new-segment.ts';

interface Written {
  readonly parquet: string;
  readonly idx: string;
  readonly index: Buffer;
  /** The rows as they were handed to DuckDB. */
  readonly plain: string;
  readonly columns: readonly PromotedColumn[];
  readonly segment: { readonly rows: number; readonly groups: readonly Pick<PlainGroup, 'rows' | 'sums'>[] };
}

/**
 * Reads a segment's final files and compares them with what was handed to DuckDB, whose rows have given back the bytes
 * of their events: every value of every row, and for each row group and column how many values and bytes the scanner
 * wrote. Throws INTERNAL at the first difference: the log then stays, and nothing is lost.
 */
export async function compareFiles(duck: Duck, fs: Fs, written: Written): Promise<void> {
  const { parquet, idx, index, plain, columns, segment } = written;
  if (!index.equals(await fs.readFile(idx))) throw differs(parquet, 'its index');
  const described = await duck.query(`DESCRIBE SELECT * FROM read_parquet(${sqlText(plain)})`, []);
  const names = described.flatMap((chunk) => texts(chunk, 0));
  const types = described.flatMap((chunk) => texts(chunk, 1));
  const integers = new Set(columns.flatMap(({ type }, at) => (type === 'int' ? [keyColumn(at)] : [])));
  await compareSums(duck, written, names, types, integers);
  const unequal = names.map((name) => `a.${name} IS DISTINCT FROM ${textOf(`b.${name}`, integers.has(name))}`);
  const [chunk] = await duck.query(
    `SELECT count(*), count(*) FILTER (${unequal.join(' OR ')})
       FROM read_parquet(${sqlText(plain)}) a POSITIONAL JOIN read_parquet(${sqlText(parquet)}) b`,
    [],
  );
  if (Number(chunk?.getColumnVector(0).getItem(0) ?? -1) !== segment.rows) throw differs(parquet, 'the number of rows');
  if (Number(chunk?.getColumnVector(1).getItem(0) ?? -1) !== 0) throw differs(parquet, 'a column');
}

/** What DuckDB read, against the counts of the scanner's own memory: no column of the plain file was taken for another. */
async function compareSums(
  duck: Duck,
  { parquet, segment }: Written,
  names: readonly string[],
  types: readonly string[],
  integers: ReadonlySet<string>,
): Promise<void> {
  let first = 0;
  const bounds = segment.groups.map(({ rows }) => (first += rows));
  const group = `CASE ${bounds.map((end, at) => `WHEN file_row_number < ${end} THEN ${at}`).join(' ')} END`;
  const sums = names.map((name, at) => {
    const text = textOf(name, integers.has(name));
    const isBytes = types[at] === 'VARCHAR' || types[at] === 'BLOB';
    const length = types[at] === 'BLOB' ? `octet_length(${text})` : `strlen(${text})`;
    return `count(${name}), ${isBytes ? `coalesce(sum(${length}), 0)` : '0'}`;
  });
  const chunks = await duck.query(
    `SELECT ${group} AS part, ${sums.map((sum) => `concat_ws(' ', ${sum})`).join(', ')}
       FROM read_parquet(${sqlText(parquet)}, file_row_number = true) GROUP BY part ORDER BY part`,
    [],
  );
  let part = 0;
  for (const chunk of chunks) {
    for (let row = 0; row < chunk.rowCount; row++, part++) {
      const expected = segment.groups[part]?.sums ?? [];
      for (const [at, name] of names.entries()) {
        const found = String(chunk.getColumnVector(at + 1).getItem(row));
        if (found !== `${expected[at]?.values} ${expected[at]?.bytes}`) throw differs(parquet, `column ${name}`);
      }
    }
  }
  if (part !== segment.groups.length) throw differs(parquet, 'the number of rows');
}

function textOf(column: string, isInteger: boolean): string {
  return isInteger ? `CAST(${column} AS VARCHAR)` : column;
}

function texts(chunk: DuckDBDataChunk, column: number): string[] {
  const vector = chunk.getColumnVector(column);
  return Array.from({ length: chunk.rowCount }, (_, row) => String(vector.getItem(row)));
}

function differs(parquet: string, what: string): LogsError {
  return new LogsError('INTERNAL', `${parquet}: ${what} read back otherwise than the log has it`, {
    hint: 'Nothing is lost: the log file stays and is read. Please report this.',
  });
}
