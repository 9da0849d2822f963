import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { sqlText } from './sql-literals.ts';

export interface DatabaseOptions {
  readonly threads: number;
  /** MiB. What needs more fails with an error that `isOutOfMemory` knows. */
  readonly memory: number;
  /** The only folder that statements may read and write. */
  readonly folder: string;
  /**
   * MiB of footers of Parquet files that may stay in memory, for who reads the same files again and again; as DuckDB
   * counts them, which is a third of what they take. Absent: none stay.
   */
  readonly footers?: number;
}

const MOST_IDLE = 2;

/** An in-memory DuckDB that sees one folder and nothing else, its settings locked; and its connections, used again. */
export class Database {
  readonly #instance: DuckDBInstance;
  /** MiB. */
  readonly #mostFooters: number;
  /** Those whose last statement ended well. */
  readonly #idle: DuckDBConnection[] = [];
  #taken = 0;
  #isRetired = false;

  private constructor(instance: DuckDBInstance, mostFooters: number) {
    this.#instance = instance;
    this.#mostFooters = mostFooters;
  }

  static async open({ threads, memory, folder, footers = 0 }: DatabaseOptions): Promise<Database> {
    const { DuckDBInstance } = await import('./duckdb-api.ts');
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(threads),
      memory_limit: `${memory}MiB`,
      temp_directory: '',
      enable_external_file_cache: 'false',
    });
    const connection = await instance.connect();
    // In one statement: each would be a way to another thread and back. The folder has to be named before the rest is
    // shut. GLOBAL: without it, this connection alone would keep footers.
    await connection.run(
      `SET GLOBAL parquet_metadata_cache = ${footers > 0};
       SET allowed_directories = [${sqlText(folder.endsWith('/') ? folder : `${folder}/`)}];
       SET enable_external_access = false;
       SET lock_configuration = true`,
    );
    connection.closeSync();
    return new Database(instance, footers);
  }

  /** A connection, to be given back. */
  async take(): Promise<DuckDBConnection> {
    this.#taken++;
    try {
      return this.#idle.pop() ?? (await this.#instance.connect());
    } catch (error) {
      this.#returned();
      throw error;
    }
  }

  /** `isWell`: its last statement ended as it should. */
  giveBack(connection: DuckDBConnection, isWell: boolean): void {
    if (isWell && !this.#isRetired && this.#idle.length < MOST_IDLE) this.#idle.push(connection);
    else connection.closeSync();
    this.#returned();
  }

  /** Whether it keeps more footers than it may. */
  async isFull(): Promise<boolean> {
    const connection = await this.take();
    let isWell = false;
    try {
      const sql = "SELECT sum(memory_usage_bytes)::DOUBLE FROM duckdb_memory() WHERE tag = 'OBJECT_CACHE'";
      const rows = await (await connection.run(sql)).getRows();
      isWell = true;
      return Number(rows[0]?.[0] ?? 0) > this.#mostFooters * 1024 * 1024;
    } finally {
      this.giveBack(connection, isWell);
    }
  }

  /** Ends it when all connections are back; none is taken any more. */
  retire(): void {
    this.#isRetired = true;
    for (const connection of this.#idle.splice(0)) connection.closeSync();
    this.#endIfUnused();
  }

  #returned(): void {
    this.#taken--;
    this.#endIfUnused();
  }

  #endIfUnused(): void {
    if (this.#isRetired && this.#taken === 0) this.#instance.closeSync();
  }
}
