/*
 * The names of DuckDB's client that are used at run time. A file of its own so that `await import` of it finds them in
 * the bundle as well: imported itself, a CommonJS package shows nothing but `default` there. From the files that have
 * them, for the package's own index loads all 180.
 */
export { DuckDBInstance } from '@duckdb/node-api/lib/DuckDBInstance.js';
export { BIGINT, DOUBLE, VARCHAR } from '@duckdb/node-api/lib/DuckDBType.js';
