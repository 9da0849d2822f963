import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBMaterializedResult } from '@duckdb/node-api';

type SqlTypes = Pick<typeof import('./duckdb-api.ts'), 'BIGINT' | 'DOUBLE' | 'VARCHAR'>;

export type SqlParam = string | bigint | number;

export interface DuckOptions {
  readonly threads: number;
  /** MiB. What needs more fails with an error that `isOutOfMemory` knows. */
  readonly memory: number;
  /** The only folder that statements may read and write. */
  readonly folder: string;
}

/** A text as an SQL literal: for file names, which cannot be bound as parameters everywhere. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && /out of memory/i.test(error.message);
}

/** What the system says of a file that cannot be written, and its code: DuckDB's errors have only the words. */
const SYSTEM: readonly (readonly [words: RegExp, code: string])[] = [
  [/No space left on device/, 'ENOSPC'],
  [/Disk quota exceeded/, 'EDQUOT'],
  [/File too large/, 'EFBIG'],
  [/Too many open files/, 'EMFILE'],
];

function withCode(error: unknown): unknown {
  if (!(error instanceof Error) || !/\bIO Error\b/.test(error.message)) return error;
  const code = SYSTEM.find(([words]) => words.test(error.message))?.[1];
  return code === undefined ? error : Object.assign(error, { code });
}

/**
 * An in-memory DuckDB that sees one folder and nothing else, its settings locked. It is the one owner of its
 * connections: `close` interrupts what runs, waits for it, and only then lets go, because a query in flight survives
 * every way of ending a thread or process and then aborts it.
 */
export class Duck {
  readonly #instance: DuckDBInstance;
  readonly #types: SqlTypes;
  readonly #running = new Map<DuckDBConnection, Promise<unknown>>();
  #closed = false;

  private constructor(instance: DuckDBInstance, types: SqlTypes) {
    this.#instance = instance;
    this.#types = types;
  }

  static async open({ threads, memory, folder }: DuckOptions): Promise<Duck> {
    const { BIGINT, DOUBLE, DuckDBInstance, VARCHAR } = await import('./duckdb-api.ts');
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(threads),
      memory_limit: `${memory}MiB`,
      temp_directory: '',
      enable_external_file_cache: 'false',
    });
    const connection = await instance.connect();
    // In one statement: each would be a way to another thread and back. The folder has to be named before the rest is
    // shut. Footers are kept: segments never change, and every statement reads them.
    await connection.run(
      `SET parquet_metadata_cache = true;
       SET allowed_directories = [${sqlText(folder.endsWith('/') ? folder : `${folder}/`)}];
       SET enable_external_access = false;
       SET lock_configuration = true`,
    );
    connection.closeSync();
    return new Duck(instance, { BIGINT, DOUBLE, VARCHAR });
  }

  /**
   * All chunks of a statement's result: callers bound it by their LIMIT. An abort interrupts it; the signal's reason
   * is thrown once DuckDB has stopped. Errors of a disk that is full and the like have the code of `node:fs`.
   */
  async query(sql: string, params: readonly SqlParam[], signal?: AbortSignal): Promise<readonly DuckDBDataChunk[]> {
    signal?.throwIfAborted();
    if (this.#closed) throw new Error('the database is closed');
    const connection = await this.#instance.connect();
    const interrupt = (): void => connection.interrupt();
    signal?.addEventListener('abort', interrupt);
    try {
      const running = this.#run(connection, sql, params).then((result) => result.fetchAllChunks());
      this.#running.set(connection, running);
      if (signal?.aborted === true) interrupt();
      return await running;
    } catch (error) {
      signal?.throwIfAborted();
      throw withCode(error);
    } finally {
      signal?.removeEventListener('abort', interrupt);
      this.#running.delete(connection);
      connection.closeSync();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const connection of this.#running.keys()) connection.interrupt();
    await Promise.allSettled(this.#running.values());
    this.#instance.closeSync();
  }

  /** Without parameters in one step; with them it is prepared and bound first. */
  #run(connection: DuckDBConnection, sql: string, params: readonly SqlParam[]): Promise<DuckDBMaterializedResult> {
    if (params.length === 0) return connection.run(sql);
    const types = params.map((param) => this.#typeOf(param));
    return connection.run(sql, [...params], types);
  }

  #typeOf(param: SqlParam): SqlTypes[keyof SqlTypes] {
    if (typeof param === 'bigint') return this.#types.BIGINT;
    return typeof param === 'string' ? this.#types.VARCHAR : this.#types.DOUBLE;
  }
}
