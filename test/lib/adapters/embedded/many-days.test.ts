import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ReadReport, SearchPlan } from '../../../../src/lib/store/store.ts';
import { temporaryFolder } from '../../buffer/temporary-folder.ts';
import { CommitLog, EmbeddedWriter, nodeFs, openEmbeddedStore, sealLog, verifyStore } from './built.ts';

const DAY = 86_400_000;
const START = Date.UTC(2024, 0, 1, 12);
const DAYS = 90;
const clock = { now: 0n, zone: 'UTC' };
const { signal } = new AbortController();

/** Three events of each of 90 days, the days in turn: the first gets a segment of its own, the others share one. */
const EVENTS = Array.from({ length: 3 * DAYS }, (_, n) => {
  const ts = START + (((n * 37) % DAYS) * DAY + Math.floor(n / DAYS) * 60_000);
  return { ts, text: JSON.stringify({ ts: new Date(ts).toISOString(), level: 'INFO', message: `event ${n}` }) };
});

it('a log of many days, each with little, is searched, counted and verified as any other', async () => {
  const dir = join(temporaryFolder(), 'store');
  const tenantDir = join(dir, 'default');
  const commitLog = new CommitLog(nodeFs, tenantDir);
  const writer = await EmbeddedWriter.open({
    dir,
    tell: (problem) => expect.fail(problem.message),
    seal: (log) => sealLog({ fs: nodeFs, tenantDir, commitLog, log }),
    limits: { sealAtCloseBytes: 0 },
  });
  const bytes = Buffer.from(EVENTS.map(({ text }) => `${text}\n`).join(''));
  await writer.append({ bytes, lines: EVENTS.length, context: {} });
  await writer.close();
  expect(readdirSync(tenantDir).filter((name) => /^\d{4}\./.test(name))).toHaveLength(2);

  const store = await openEmbeddedStore(dir);
  const report: ReadReport = { scanned: 0, damage: [] };
  const search = async (plan: Partial<SearchPlan>): Promise<string[]> => {
    const asked = { filter: { kind: 'all' }, range: {}, clock, order: 'oldest', ...plan } as const;
    const found: string[] = [];
    for await (const batch of store.search(asked, report, signal))
      found.push(...batch.map(({ raw }) => Buffer.from(raw).toString()));
    return found;
  };
  const sorted = EVENTS.toSorted((a, b) => a.ts - b.ts);
  const texts = (events: typeof EVENTS): string[] => events.map(({ text }) => text);
  expect(await search({})).toEqual(texts(sorted));
  expect(await search({ order: 'newest', limit: 40 })).toEqual(texts(sorted.toReversed().slice(0, 40)));
  // Each day alone, those of the mixed segment too.
  for (let day = 0; day < DAYS; day += 9) {
    const [from, to] = [START + day * DAY - DAY / 2, START + day * DAY + DAY / 2];
    const range = { from: BigInt(from) * 1_000_000n, to: BigInt(to) * 1_000_000n };
    expect(await search({ range })).toEqual(texts(sorted.filter(({ ts }) => ts >= from && ts < to)));
  }
  const table = await store.aggregate(
    {
      filter: { kind: 'all' },
      range: {},
      clock,
      functions: [{ kind: 'count' }],
      by: [{ kind: 'every', interval: BigInt(DAY) * 1_000_000n }],
    },
    report,
    signal,
  );
  expect(table.rows).toHaveLength(DAYS);
  expect(new Set(table.rows.map(([, count]) => count))).toEqual(new Set([3]));
  await store.close();
  expect(report.damage).toEqual([]);
  expect(await verifyStore(dir, signal)).toMatchObject({ events: 3 * DAYS, segments: 2, damage: [] });
});
