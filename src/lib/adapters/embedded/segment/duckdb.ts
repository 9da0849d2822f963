import type { DuckDBConnection, DuckDBDataChunk, DuckDBMaterializedResult } from '@duckdb/node-api';
import { Database, type DatabaseOptions } from './database.ts';
import { type SqlParam, withLiterals } from './sql-literals.ts';

type SqlTypes = Pick<typeof import('./duckdb-api.ts'), 'BIGINT' | 'DOUBLE' | 'VARCHAR'>;

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

/** Between two looks at how much the footers take. */
const LOOK_MS = 1000;

/** A chunk alone is there already; to fetch it, and to learn that it was the last, is twice a way to another thread. */
async function chunksOf(result: DuckDBMaterializedResult): Promise<readonly DuckDBDataChunk[]> {
  return result.chunkCount === 1 ? [result.getChunk(0)] : result.fetchAllChunks();
}

/**
 * Statements on the Parquet files of one folder, in a DuckDB that sees nothing else. It is the one owner of its
 * connections: `close` interrupts what runs, waits for it, and only then lets go, because a query in flight survives
 * every way of ending a thread or process and then aborts it.
 *
 * Where it keeps footers (segments never change, and every statement reads theirs: a fourth of the time of counting a
 * column), the database is exchanged for a new one when they take too much: DuckDB gives up none before all of its memory
 * is used, not even those of files that are gone.
 */
export class Duck {
  /** MiB. */
  readonly memory: number;
  readonly #options: DatabaseOptions;
  readonly #types: SqlTypes;
  readonly #running = new Map<DuckDBConnection, Promise<unknown>>();
  #database: Database;
  #closed = false;
  /** By `Date.now()`: `performance` would have to be loaded. */
  #lastLook = Date.now();
  #look: Promise<void> | undefined;

  private constructor(database: Database, types: SqlTypes, options: DatabaseOptions) {
    this.memory = options.memory;
    this.#database = database;
    this.#options = options;
    this.#types = types;
  }

  static async open(options: DatabaseOptions): Promise<Duck> {
    const { BIGINT, DOUBLE, VARCHAR } = await import('./duckdb-api.ts');
    return new Duck(await Database.open(options), { BIGINT, DOUBLE, VARCHAR }, options);
  }

  /**
   * All chunks of a statement's result: callers bound it by their LIMIT. An abort interrupts it; the signal's reason
   * is thrown once DuckDB has stopped. Errors of a disk that is full and the like have the code of `node:fs`, those of
   * memory one line.
   */
  async query(sql: string, params: readonly SqlParam[], signal?: AbortSignal): Promise<readonly DuckDBDataChunk[]> {
    signal?.throwIfAborted();
    if (this.#closed) throw new Error('the database is closed');
    const database = this.#database;
    const connection = await database.take();
    const interrupt = (): void => connection.interrupt();
    signal?.addEventListener('abort', interrupt);
    let isWell = false;
    try {
      if (this.#closed) throw new Error('the database is closed');
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
      database.giveBack(connection, isWell);
      this.#lookNow();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const connection of this.#running.keys()) connection.interrupt();
    await Promise.allSettled(this.#running.values());
    await this.#look;
    this.#database.retire();
  }

  /** Looks at what the footers take, when that was not done for a while, beside what is asked next. */
  #lookNow(): void {
    if (this.#options.footers === undefined || this.#closed || this.#look !== undefined) return;
    // A clock that was set back is no reason to wait.
    if (Math.abs(Date.now() - this.#lastLook) < LOOK_MS) return;
    // One that cannot be opened anew is used on: footers go, too, when memory is short.
    this.#look = this.#exchangeIfFull()
      .catch(() => undefined)
      .finally(() => {
        this.#look = undefined;
        this.#lastLook = Date.now();
      });
  }

  async #exchangeIfFull(): Promise<void> {
    const before = this.#database;
    if (!(await before.isFull())) return;
    this.#database = await Database.open(this.#options);
    before.retire();
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
