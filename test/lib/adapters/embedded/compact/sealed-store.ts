import { join } from 'node:path';
import { expect } from 'vitest';
import type { Compacting } from '../../../../../src/lib/adapters/embedded/compact/compact-step.ts';
import type { StoreState } from '../../../../../src/lib/adapters/embedded/layout.ts';
import type { EventContext, LogRecord } from '../../../../../src/lib/record/record.ts';
import type { ReadReport, SearchPlan } from '../../../../../src/lib/store/store.ts';
import { temporaryFolder } from '../../../buffer/temporary-folder.ts';
import {
  CommitLog,
  compactStore,
  EmbeddedWriter,
  nodeFs,
  openEmbeddedStore,
  restSeals,
  sealLog,
  sweep,
} from '../built.ts';

const clock = { now: 0n, zone: 'UTC' };
const ALL = { filter: { kind: 'all' }, range: {}, clock, order: 'oldest' } as const satisfies SearchPlan;

/** A store in a folder of its own, each batch of which becomes segments of its own. */
export class SealedStore {
  readonly dir: string;
  readonly tenantDir: string;
  readonly commitLog: InstanceType<typeof CommitLog>;
  readonly place: Pick<Compacting, 'fs' | 'tenantDir' | 'commitLog'>;

  constructor(folder = temporaryFolder()) {
    this.dir = join(folder, 'store');
    this.tenantDir = join(this.dir, 'default');
    this.commitLog = new CommitLog(nodeFs, this.tenantDir);
    this.place = { fs: nodeFs, tenantDir: this.tenantDir, commitLog: this.commitLog };
  }

  async add(lines: readonly (string | Buffer)[], context: EventContext = {}, ids?: readonly string[]): Promise<void> {
    const writer = await EmbeddedWriter.open({
      dir: this.dir,
      tell: (problem) => expect.fail(problem.message),
      seal: (log) => sealLog({ ...this.place, log }),
      restSeals,
      limits: { sealAtCloseBytes: 0 },
    });
    const bytes = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
    await writer.append({ bytes, lines: lines.length, context, ...(ids === undefined ? {} : { ids }) });
    await writer.close();
  }

  fold(): Promise<StoreState> {
    return new CommitLog(nodeFs, this.tenantDir).fold();
  }

  compact(): ReturnType<typeof compactStore> {
    const tell = (problem: Error): void => expect.fail(problem.message);
    const options = { dryRun: false, progress: () => undefined, tell };
    return compactStore(this.dir, options, new AbortController().signal);
  }

  /** Deletes what was removed, as if its ten minutes were over. */
  async sweep(): Promise<void> {
    await sweep(nodeFs, this.tenantDir, new CommitLog(nodeFs, this.tenantDir), Date.now() + 11 * 60_000);
  }

  async records(report: ReadReport = { scanned: 0, damage: [] }): Promise<LogRecord[]> {
    const store = await openEmbeddedStore(this.dir);
    const found: LogRecord[] = [];
    for await (const page of store.search(ALL, report, new AbortController().signal)) found.push(...page);
    await store.close();
    return found;
  }
}

export { ALL };
