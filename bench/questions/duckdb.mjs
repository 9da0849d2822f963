// Plain DuckDB, as a person would use it: on the file of NDJSON, and on one file of Parquet made of that. In this process,
// on all cores, opened once.
import { statSync } from 'node:fs';
import { DuckDBInstance, version } from '@duckdb/node-api';
import { eventOf, rowsOf } from './answers.mjs';
import { lineAt } from './line-at.mjs';

/** Gives {version, parquetBytes, engines, close}: one engine for each of the two. Writes the Parquet file. */
export async function openDuckDb(corpus, parquet) {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`CREATE VIEW ndjson AS ${readNdjson(corpus)}`);
  await connection.run(`COPY (FROM ndjson) TO ${literal(parquet)} (FORMAT parquet, COMPRESSION zstd)`);
  await connection.run(`CREATE VIEW parquet AS FROM read_parquet(${literal(parquet)})`);
  const engineOn = (view, name) => ({
    name,
    can: ({ sql }) => sql !== undefined,
    async ask({ kind, sql, time }) {
      const began = performance.now();
      const result = await connection.runAndReadAll(sql(view));
      const rows = result.getRowsJS();
      return { ms: performance.now() - began, answer: answerOf(kind, rows, result.columnNames(), time) };
    },
  });
  return {
    version: `DuckDB ${version()}`,
    parquetBytes: statSync(parquet).size,
    engines: [engineOn('parquet', 'DuckDB, Parquet'), engineOn('ndjson', 'DuckDB, NDJSON')],
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** Every field of the first event as text, the time as a time too. */
function readNdjson({ file, fields }) {
  const names = Object.keys(JSON.parse(lineAt(file, 0)));
  const columns = names.map((name) => `${literal(name)}: 'VARCHAR'`).join(', ');
  return `SELECT *, ${fields.time}::TIMESTAMP_NS AS ts FROM read_ndjson(${literal(file)}, columns = {${columns}})`;
}

function answerOf(kind, rows, names, time) {
  if (kind === 'count') return Number(rows[0][0]);
  if (kind !== 'events') return rowsOf(rows);
  return rows.map((row) => eventOf(Object.fromEntries(names.map((name, at) => [name, row[at]])), time));
}

function literal(text) {
  return `'${text.replaceAll("'", "''")}'`;
}
