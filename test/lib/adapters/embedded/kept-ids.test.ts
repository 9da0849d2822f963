import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseQuery } from '../../../../src/lib/query/parse.ts';
import { formatLogId, parseLogId } from '../../../../src/lib/record/log-id.ts';
import type { LogRecord } from '../../../../src/lib/record/record.ts';
import type { EventBatch } from '../../../../src/lib/record/batch.ts';
import type { LogStore, ReadReport } from '../../../../src/lib/store/store.ts';
import { temporaryFolder } from '../../buffer/temporary-folder.ts';
import { CommitLog, EmbeddedWriter, nodeFs, openEmbeddedStore, sealLog, verifyStore } from './built.ts';

const clock = { now: 1_700_000_000_000_000_000n, zone: 'UTC' };
const never = new AbortController().signal;

function fail(problem: Error): void {
  throw problem;
}

async function write(dir: string, batches: readonly EventBatch[], sealing: boolean): Promise<void> {
  const tenantDir = join(dir, 'default');
  const commitLog = new CommitLog(nodeFs, tenantDir);
  const writer = await EmbeddedWriter.open({
    dir,
    tell: fail,
    seal: (log) => sealLog({ fs: nodeFs, tenantDir, commitLog, log }),
    limits: sealing ? { sealAtCloseBytes: 0 } : {},
  });
  for (const batch of batches) await writer.append(batch);
  await writer.close();
}

async function search(store: LogStore, query: string, order: 'oldest' | 'newest' = 'oldest'): Promise<LogRecord[]> {
  const report: ReadReport = { scanned: 0, damage: [] };
  const plan = { filter: parseQuery(query).filter, range: {}, clock, order };
  const found: LogRecord[] = [];
  for await (const page of store.search(plan, report, never)) found.push(...page);
  expect(report.damage).toEqual([]);
  return found;
}

/** Ids made elsewhere, in no order, and the message of the event that has each. */
const CAME = new Map(
  Array.from({ length: 700 }, (_, n) => {
    const at = (n * 421) % 700;
    return [
      formatLogId(1_600_000_000_000 + (at % 3), 'feedfeedfeed', 1 + Math.floor(at / 90), at),
      `event ${n}`,
    ] as const;
  }),
);
const IDS = [...CAME.keys()];

/** Events of two days, hundreds at the same time, with their ids; and between them some without. */
function batches(): EventBatch[] {
  const lines = [...CAME.values()].map((message, n) =>
    JSON.stringify({
      '@timestamp': n % 10 === 0 ? '2023-11-13T12:00:00Z' : '2023-11-14T12:00:00Z',
      level: 'INFO',
      message,
    }),
  );
  const part = (from: number, to: number): EventBatch => ({
    bytes: Buffer.from(
      lines
        .slice(from, to)
        .map((line) => `${line}\n`)
        .join(''),
    ),
    lines: to - from,
    context: {},
    ids: IDS.slice(from, to),
  });
  const bytes = Buffer.from('2023-11-14T12:00:00Z INFO own\n\n2023-11-14T12:00:00Z INFO trace\n  at x\n');
  const own: EventBatch = { bytes, lines: 4, joins: [1, 1, 2], context: {} };
  return [part(0, 300), own, { ...own, ids: TRACE }, part(300, 700)];
}

const TRACE = [1, 2].map((line) => formatLogId(1_500_000_000_000, '0123456789ab', 9, line));

describe.each([
  ['unsealed', false],
  ['sealed', true],
])('ids that events came with, %s', (_name, sealing) => {
  it('are those of their records, in the order of (ts, log_id), both ways', async () => {
    const dir = join(temporaryFolder(), 'store');
    await write(dir, batches(), sealing);
    const store = await openEmbeddedStore(dir);
    const found = await search(store, '');
    expect(found.length).toBe(704);
    for (const record of found) {
      const message = CAME.get(record.log_id);
      if (message !== undefined) expect(record.message).toBe(message);
    }
    expect(new Set(found.map(({ log_id }) => log_id)).size).toBe(704);
    const own = found.filter(({ message }) => message?.includes('own') === true);
    expect(own.map(({ log_id }) => log_id)).toContain(TRACE[0]);
    const minted = own.map(({ log_id }) => parseLogId(log_id)).find((id) => id?.writer !== '0123456789ab');
    expect(minted).toMatchObject({ seq: 2, line: 0 });
    const traces = found.filter(({ message }) => message?.includes('trace') === true);
    expect(traces.map(({ log_id }) => log_id)).toContain(TRACE[1]);
    const place = ({ ts, log_id }: LogRecord): string => `${ts} ${log_id}`;
    const places = found.map(place);
    expect(places).toEqual([...places].sort());
    expect((await search(store, '', 'newest')).map(place)).toEqual([...places].reverse());
    const [one = ''] = IDS.slice(-1);
    expect((await search(store, `log_id:${one}`)).map(({ message }) => message)).toEqual(['event 699']);
    await store.close();
    expect(await verifyStore(dir, never)).toMatchObject({ events: 704, damage: [] });
  });

  it('are followed in the order received', async () => {
    const dir = join(temporaryFolder(), 'store');
    await write(dir, [{ bytes: Buffer.from('first\n'), lines: 1, context: {} }], sealing);
    const store = await openEmbeddedStore(dir);
    const stop = new AbortController();
    const arrived = store.follow({ filter: { kind: 'all' }, clock }, fail as never, stop.signal);
    const iterator = arrived[Symbol.asyncIterator]();
    const pages = iterator.next();
    const ids = ['c', 'a', 'b'].map((_, n) => formatLogId(1_500_000_000_000 - n, 'feedfeedfeed', 1, n));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await write(dir, [{ bytes: Buffer.from('c\na\nb\n'), lines: 3, context: {}, ids }], sealing);
    const got = (await pages).value as readonly LogRecord[];
    expect(got.map(({ message, log_id }) => [message, log_id])).toEqual(
      ['c', 'a', 'b'].map((line, n) => [line, ids[n]]),
    );
    stop.abort();
    await iterator.next();
    await store.close();
  });
});

it('are refused where they are not one for each event', async () => {
  const dir = join(temporaryFolder(), 'store');
  const writer = await EmbeddedWriter.open({ dir, tell: fail, seal: () => Promise.reject(new Error('none')) });
  const batch = { bytes: Buffer.from('a\n\nb\n'), lines: 3, context: {} };
  await expect(writer.append({ ...batch, ids: IDS.slice(0, 3) })).rejects.toMatchObject({ code: 'INTERNAL' });
  await expect(writer.append({ ...batch, ids: ['x', 'y'] })).rejects.toMatchObject({ code: 'INTERNAL' });
  await writer.append({ ...batch, ids: IDS.slice(0, 2) });
  await writer.close();
});

it('cost nothing where events came without: no column, nothing in the commit', async () => {
  const dir = join(temporaryFolder(), 'store');
  await write(dir, [{ bytes: Buffer.from('{"message":"x"}\n'), lines: 1, context: {} }], true);
  const state = await new CommitLog(nodeFs, join(dir, 'default')).fold();
  const [entry] = state.segments.values();
  expect(Object.keys(entry ?? {})).not.toContain('ids');
  const parquet = await nodeFs.readFile(join(dir, 'default', entry?.day ?? '', `${entry?.name}.parquet`));
  expect(parquet.includes(Buffer.from('line_b'))).toBe(true);
  expect(parquet.includes(Buffer.from([0x02, ...Buffer.from('id')]))).toBe(false);
});

it('come with positions of topics, which have no hash and may begin anywhere', async () => {
  const dir = join(temporaryFolder(), 'store');
  const at = (id: string, from: number): EventBatch => ({
    bytes: Buffer.from('x\n'),
    lines: 1,
    context: {},
    source: { id, from, to: from + 1 },
  });
  for (const sealing of [false, true]) {
    await write(dir, [at('kafka:c/t/0', 500), at('kafka:c/t/0', 510), at('1-2-3', 7)], sealing);
    const writer = await EmbeddedWriter.open({ dir, tell: fail, seal: () => Promise.reject(new Error('none')) });
    const marks = await writer.marks();
    expect(marks.get('kafka:c/t/0')).toEqual({ id: 'kafka:c/t/0', position: 511 });
    if (!sealing) expect(marks.get('1-2-3')?.position).toBe(0);
    await writer.close();
  }
});
