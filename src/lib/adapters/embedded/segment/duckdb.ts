import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance, DuckDBMaterializedResult } from '@duckdb/node-api';
import { type SqlParam, sqlText, withLiterals } from './sql-literals.ts';

type SqlTypes = Pick<typeof import('./duckdb-api.ts'), 'BIGINT' | 'DOUBLE' | 'VARCHAR'>;

export interface DuckOptions {
  readonly threads: number;
  /** MiB. What needs more fails with an error that `isOutOfMemory` knows. */
  readonly memory: number;
  /** The only folder that statements may read and write. */
  readonly folder: string;
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

/** The error as it is told on: with the code of the system's; without advice to set what nobody can set here. */
function toldOn(error: unknown): unknown {
  if (isOutOfMemory(error)) return new Error((error as Error).message.split('\n', 1)[0], { cause: error });
  if (!(error instanceof Error) || !/\bIO Error\b/.test(error.message)) return error;
  const code = SYSTEM.find(([words]) => words.test(error.message))?.[1];
  return code === undefined ? error : Object.assign(error, { code });
}

const MOST_IDLE = 2;

/** A chunk alone is there already; to fetch it, and to learn that it was the last, is twice a way to another thread. */
async function chunksOf(result: DuckDBMaterializedResult): Promise<readonly DuckDBDataChunk[]> {
  return result.chunkCount === 1 ? [result.getChunk(0)] : result.fetchAllChunks();
}

/**
 * An in-memory DuckDB that sees one folder and nothing else, its settings locked. It is the one owner of its
 * connections: `close` interrupts what runs, waits for it, and only then lets go, because a query in flight survives
 * every way of ending a thread or process and then aborts it.
 */
export class Duck {
  /** MiB. */
  readonly memory: number;
  readonly #instance: DuckDBInstance;
  readonly #types: SqlTypes;
  readonly #running = new Map<DuckDBConnection, Promise<unknown>>();
  /** Connections whose last statement ended well, for the next ones. */
  readonly #idle: DuckDBConnection[] = [];
  #closed = false;

  private constructor(instance: DuckDBInstance, types: SqlTypes, memory: number) {
    this.memory = memory;
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
    return new Duck(instance, { BIGINT, DOUBLE, VARCHAR }, memory);
  }

  /**
   * All chunks of a statement's result: callers bound it by their LIMIT. An abort interrupts it; the signal's reason
   * is thrown once DuckDB has stopped. Errors of a disk that is full and the like have the code of `node:fs`, those of
   * memory one line.
   */
  async query(sql: string, params: readonly SqlParam[], signal?: AbortSignal): Promise<readonly DuckDBDataChunk[]> {
    signal?.throwIfAborted();
    if (this.#closed) throw new Error('the database is closed');
    const connection = this.#idle.pop() ?? (await this.#instance.connect());
    const interrupt = (): void => connection.interrupt();
    signal?.addEventListener('abort', interrupt);
    let isWell = false;
    try {
      const running = this.#run(connection, sql, params).then(chunksOf);
      this.#running.set(connection, running);
      if (signal?.aborted === true) interrupt();
      const chunks = await running;
      isWell = true;
      return chunks;
    } catch (error) {
      signal?.throwIfAborted();
      throw toldOn(error);
    } finally {
      signal?.removeEventListener('abort', interrupt);
      this.#running.delete(connection);
      if (isWell && !this.#closed && this.#idle.length < MOST_IDLE) this.#idle.push(connection);
      else connection.closeSync();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const connection of this.#running.keys()) connection.interrupt();
    await Promise.allSettled(this.#running.values());
    for (const connection of this.#idle.splice(0)) connection.closeSync();
    this.#instance.closeSync();
  }

  /** In one step where there are no parameters left to prepare it for and to bind. */
  #run(connection: DuckDBConnection, sql: string, params: readonly SqlParam[]): Promise<DuckDBMaterializedResult> {
    const whole = withLiterals(sql, params);
    if (whole !== undefined) return connection.run(whole);
    const types = params.map((param) => this.#typeOf(param));
    return connection.run(sql, [...params], types);
  }

  #typeOf(param: SqlParam): SqlTypes[keyof SqlTypes] {
    if (typeof param === 'bigint') return this.#types.BIGINT;
    return typeof param === 'string' ? this.#types.VARCHAR : this.#types.DOUBLE;
  }
}
