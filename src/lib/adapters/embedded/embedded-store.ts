import { resolve } from 'node:path';
import { nodeFs } from '../../buffer/fs.ts';
import type { LogsError } from '../../errors.ts';
import { compilePredicate } from '../../query/predicate.ts';
import { filterNeeds } from '../../query/filter-needs.ts';
import { LineNeeds } from '../../query/line-needs.ts';
import { compileSql, type Sql } from '../../query/sql.ts';
import type { LogRecord } from '../../record/record.ts';
import type {
  AggregatePlan,
  AggregateTable,
  Damage,
  Glimpse,
  LogStore,
  LogWriter,
  ReadReport,
  SearchPlan,
} from '../../store/store.ts';
import { aggregateStore } from './read/aggregate-store.ts';
import { CountedMatches } from './read/counted.ts';
import { CommitLog } from './commits/commit-log.ts';
import type { Duck } from './segment/duckdb.ts';
import { followStore } from './read/follow.ts';
import type { StoreState } from './layout.ts';
import { type LiveLog, readLiveLogs, unsealed } from './read/live-logs.ts';
import type { ReadPlace } from './read/read-parts.ts';
import { mergeSources, type RecordSource } from './read/record-source.ts';
import { resumeSearch } from './read/resume-search.ts';
import { foldAgain, noteDamage } from './read/segment-gone.ts';
import { SegmentWalk } from './read/segment-walk.ts';
import { liveSource, overlaps } from './read/sources.ts';
import { WantedKeys } from './read/wanted-keys.ts';
import { checkStore, DEFAULT_TENANT, tenantFolder } from './store-folder.ts';

/** MiB for DuckDB while it reads: row numbers and times of a page, some row groups. */
const MEMORY = 512;
/** MiB for footers of segments, in that: those of some 900 with 6 row groups each. */
const FOOTERS = 32;

export interface EmbeddedStore extends LogStore {
  /** Interrupts what still runs, waits for it and lets go of the database. */
  close(): Promise<void>;
  /** A writer of this store's tenant, in this process; `tell` hears of what goes wrong beside its appends. */
  writer(tell: (problem: LogsError) => void): Promise<LogWriter>;
}

/**
 * Opens the store in a folder for reading. Throws NOT_FOUND where there is none, STORE_VERSION for one of a newer
 * format, USAGE for an impossible name of a tenant. `tell` hears once that an answer takes longer for want of memory.
 */
export async function openEmbeddedStore(
  dir: string,
  options: { readonly tenant?: string; readonly tell?: (text: string) => void } = {},
): Promise<EmbeddedStore> {
  const tenant = options.tenant ?? DEFAULT_TENANT;
  const tenantDir = tenantFolder(resolve(dir), tenant);
  await checkStore(nodeFs, resolve(dir));
  return new StoreReader(resolve(dir), tenant, tenantDir, options.tell);
}

/** Opens the store in a folder for writing, and makes it where there is none. Throws as `EmbeddedWriter.open` does. */
export async function openEmbeddedWriter(
  dir: string,
  options: { readonly tenant?: string; readonly tell: (problem: LogsError) => void },
): Promise<LogWriter> {
  const { tell, tenant = DEFAULT_TENANT } = options;
  const { EmbeddedWriter } = await import('./write/writer.ts');
  const { prepareSeal, restSeals, sealLog } = await import('./seal/sealer.ts');
  const { UpkeepWriter } = await import('./compact/upkeep-writer.ts');
  const folder = resolve(dir);
  const tenantDir = tenantFolder(folder, tenant);
  const commitLog = new CommitLog(nodeFs, tenantDir);
  const writer = await EmbeddedWriter.open({
    dir: folder,
    tenant,
    tell,
    seal: (log) =>
      sealLog({ fs: nodeFs, tenantDir, commitLog, log, turn: log.turn, hurried: log.hurried === true, tell }),
    prepareSeal: () => prepareSeal(tenantDir),
    restSeals,
  });
  const damaged = new Set<string>();
  return new UpkeepWriter(writer, async (budget, signal) => {
    const { compactBriefly } = await import('./compact/compact-briefly.ts');
    const { compactInBuilder: build } = await import('./compact/compact-step.ts');
    return compactBriefly({ fs: nodeFs, tenantDir, commitLog, now: Date.now, build, damaged, tell }, budget, signal);
  });
}

/** What a store holds at one moment: every acknowledged event is in exactly one of the two. */
export interface Snapshot {
  readonly logs: readonly LiveLog[];
  readonly state: StoreState;
}

class StoreReader implements EmbeddedStore {
  readonly #dir: string;
  readonly #tenant: string;
  readonly #tenantDir: string;
  readonly #commits: CommitLog;
  readonly #wanted = new WantedKeys();
  #duck: Promise<Duck> | undefined;
  #tell: ((text: string) => void) | undefined;

  constructor(dir: string, tenant: string, tenantDir: string, tell: ((text: string) => void) | undefined) {
    this.#tell = tell;
    this.#dir = dir;
    this.#tenant = tenant;
    this.#tenantDir = tenantDir;
    this.#commits = new CommitLog(nodeFs, tenantDir);
  }

  async *search(plan: SearchPlan, report: ReadReport, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
    const lost = new Set<string>();
    yield* resumeSearch(
      plan,
      (rest) => this.#searchOnce(rest, lost, report, signal),
      (error) => foldAgain(error, this.#commits, lost, report),
    );
  }

  async *#searchOnce(
    plan: SearchPlan,
    lost: ReadonlySet<string>,
    report: ReadReport,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogRecord[]> {
    const compiled = new Map<string, Sql>();
    const matches = compilePredicate(plan.filter, plan.clock);
    const { range, order, limit = Number.POSITIVE_INFINITY } = plan;
    const { logs, state } = await this.#snapshot(lost, report);
    const segments = [...state.segments.values()].filter((entry) => overlaps(entry, range));
    const walk = new SegmentWalk(this.#place(report, signal), segments, {
      range,
      order,
      limit,
      needs: filterNeeds(plan.filter, plan.clock),
      counted: new CountedMatches(plan.filter, plan.clock),
      may: (table) => {
        const key = JSON.stringify(table);
        const known = compiled.get(key) ?? compileSql(plan.filter, plan.clock, table).may;
        if (!compiled.has(key)) this.#wanted.note(plan, table.columns);
        compiled.set(key, known);
        return known;
      },
      matches,
    });
    const { bound } = walk;
    const sources: RecordSource[] = bound === undefined ? [] : [{ bound, next: () => walk.next() }];
    if (logs.some((log) => log.frames.length > 0)) {
      const needs = new LineNeeds(plan.filter, plan.clock);
      sources.push(liveSource(logs, { range, order, needs, matches, report, signal }));
    }
    yield* mergeSources(sources, order, limit);
  }

  async aggregate(plan: AggregatePlan, report: ReadReport, signal: AbortSignal): Promise<AggregateTable> {
    const place = this.#place(report, signal);
    const lost = new Set<string>();
    const { scanned } = report;
    for (;;) {
      try {
        return await aggregateStore(place, await this.#snapshot(lost, report), plan, this.#wanted);
      } catch (error) {
        await foldAgain(error, this.#commits, lost, report);
        report.scanned = scanned;
      }
    }
  }

  follow(
    plan: Parameters<LogStore['follow']>[0],
    damaged: (damage: Damage) => void,
    signal: AbortSignal,
  ): AsyncIterable<readonly LogRecord[]> {
    const matches = compilePredicate(plan.filter, plan.clock);
    const commits = new CommitLog(nodeFs, this.#tenantDir);
    const duck = (): Promise<Duck> => this.#database();
    return followStore(
      { fs: nodeFs, tenantDir: this.#tenantDir, commits, duck, tell: this.#tellOnce, matches, damaged },
      signal,
    );
  }

  async glimpse(fields: readonly string[], recent: number, signal: AbortSignal): Promise<Glimpse> {
    const { glimpse } = await import('./read/glimpse.ts');
    const snapshot = await this.#snapshot(new Set(), { scanned: 0, damage: [] });
    return glimpse({ fs: nodeFs, tenantDir: this.#tenantDir }, snapshot, { fields, recent }, signal);
  }

  writer(tell: (problem: LogsError) => void): Promise<LogWriter> {
    return openEmbeddedWriter(this.#dir, { tenant: this.#tenant, tell });
  }

  async close(): Promise<void> {
    await this.#wanted.save(nodeFs, this.#tenantDir, Date.now());
    const duck = await this.#duck?.catch(() => undefined);
    await duck?.close();
  }

  /** Statements that run beside each other need less at once for the same reason. */
  readonly #tellOnce = (text: string): void => {
    this.#tell?.(text);
    this.#tell = undefined;
  };

  #place(report: ReadReport, signal: AbortSignal): ReadPlace {
    return {
      fs: nodeFs,
      tenantDir: this.#tenantDir,
      duck: () => this.#database(),
      tell: this.#tellOnce,
      report,
      signal,
    };
  }

  /** Copies the live logs and only then folds: what was sealed in between is dropped from the copies. */
  async #snapshot(lost: ReadonlySet<string>, report: ReadReport): Promise<Snapshot> {
    const copies = await readLiveLogs(nodeFs, this.#tenantDir);
    const { state, damage: commits } = await this.#commits.foldReadable();
    for (const each of commits) noteDamage(report, each);
    const logs = unsealed(copies, state);
    for (const { entry, damage } of logs) {
      for (const { offset, what } of damage) noteDamage(report, { where: entry.path, what: `byte ${offset}: ${what}` });
    }
    const segments = new Map([...state.segments].filter(([key]) => !lost.has(key)));
    return { logs, state: { ...state, segments } };
  }

  async #database(): Promise<Duck> {
    this.#duck ??= import('./segment/duckdb.ts').then(({ Duck }) =>
      Duck.open({ threads: 2, memory: MEMORY, folder: this.#tenantDir, footers: FOOTERS }),
    );
    return this.#duck;
  }
}
