import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeIndex } from '../../../../src/lib/adapters/embedded/segment/idx.ts';
import { parseQuery } from '../../../../src/lib/query/parse.ts';
import type { AggregatePlan, ReadReport, SearchPlan } from '../../../../src/lib/store/store.ts';
import { openEmbeddedStore } from './built.ts';
import { SealedStore } from './compact/sealed-store.ts';

const clock = { now: 0n, zone: 'UTC' };
const folder = mkdtempSync(join(tmpdir(), 'logs-damaged-group-'));
afterAll(() => rmSync(folder, { recursive: true }));
let names = 0;
const GROUP = 2048;
const GROUPS = 3;

/** Three row groups with events of all pods, some of which no column tells. */
const lines = Array.from({ length: GROUPS * GROUP }, (_, n) =>
  JSON.stringify({
    '@timestamp': new Date(Date.UTC(2026, 0, 2, 0, 0, 0, n)).toISOString(),
    pod: n % 97 === 0 ? true : `p${n % 3}`,
    n,
    message: `event ${n} ${Math.floor(n / GROUP) === 1 ? 'middle' : 'edge'} ${'x'.repeat(2_900)}`,
  }),
);
const others = [1, 3].map((day) =>
  JSON.stringify({ '@timestamp': `2026-01-0${day}T00:00:00Z`, pod: 'p1', n: -day, message: `of day ${day}` }),
);

/** A store with all lines but those of one row group. */
async function storeWithout(group: number): Promise<SealedStore> {
  const store = new SealedStore(join(folder, String(names++)));
  await store.add(lines.filter((_, n) => Math.floor(n / GROUP) !== group));
  for (const line of others) await store.add([line]);
  return store;
}

const search = (query: string, order: SearchPlan['order'], limit?: number): SearchPlan => ({
  filter: parseQuery(query).filter,
  range: {},
  clock,
  order,
  ...(limit === undefined ? {} : { limit }),
});

const aggregate = (
  query: string,
  functions: AggregatePlan['functions'],
  by: AggregatePlan['by'] = [],
): AggregatePlan => ({ filter: parseQuery(query).filter, range: {}, clock, functions, by });

const byPod = { kind: 'field', field: 'pod' } as const;
const count = { kind: 'count' } as const;
const SEARCHES = {
  'all, oldest first': search('', 'oldest'),
  'all, newest first': search('', 'newest'),
  'the three newest': search('', 'newest', 3),
  'the three oldest': search('', 'oldest', 3),
  'as many as some groups have': search('', 'oldest', 3000),
  'the newest of a pod': search('pod:p1', 'newest', 3),
  'the newest by pages': search('n>0', 'newest', 3000),
  'events with a word': search('event', 'oldest'),
};
const AGGREGATIONS = {
  'a count of a field': aggregate('pod:*', [count]),
  'a count of a value': aggregate('pod:p1', [count]),
  'counts by a field': aggregate('', [count], [byPod]),
  'counts by a field of events with a word': aggregate('event', [count], [byPod]),
  'what columns do not tell': aggregate('', [{ kind: 'last', field: 'n' }], [byPod]),
};

/** What a process that has read nothing of the store before answers: it is known by a name of its own. */
async function answer(store: SealedStore, plan: SearchPlan | AggregatePlan) {
  const dir = join(folder, String(names++));
  symlinkSync(store.dir, dir);
  const reader = await openEmbeddedStore(dir);
  const never = new AbortController().signal;
  const report: ReadReport = { scanned: 0, damage: [] };
  const found: unknown[] = [];
  if ('functions' in plan) found.push(...(await reader.aggregate(plan, report, never)).rows);
  else
    for await (const page of reader.search(plan, report, never))
      for (const { raw } of page) found.push(Buffer.from(raw).toString('utf8'));
  await reader.close();
  return { found, report };
}

describe.each([1, 2])('damage in row group %i of a segment that has three', (group) => {
  let harmed: SealedStore;
  let without: SealedStore;
  let segment: string;

  beforeAll(async () => {
    [harmed, without] = await Promise.all([storeWithout(GROUPS), storeWithout(group)]);
    const entry = [...(await harmed.fold()).segments.values()].find(({ rows }) => rows === lines.length);
    segment = `${entry?.day}/${entry?.name}`;
    const path = join(harmed.tenantDir, segment);
    const { offset, length } = decodeIndex(readFileSync(`${path}.idx`), path).groups[group] ?? { offset: 0, length: 0 };
    const bytes = readFileSync(`${path}.parquet`);
    const at = offset + Math.floor(length / 2);
    // One changes what is read, the other cannot be read.
    if (group === 2) bytes[at] = (bytes[at] ?? 0) ^ 0x40;
    else bytes.fill(0xff, offset, offset + length);
    writeFileSync(`${path}.parquet`, bytes);
  }, 60_000);

  it.each(Object.entries({ ...SEARCHES, ...AGGREGATIONS }))('takes only its own rows from %s', async (_, plan) => {
    const expected = await answer(without, plan);
    const { found, report } = await answer(harmed, plan);
    expect(found).toEqual(expected.found);
    const rows = `rows ${group * GROUP} to ${(group + 1) * GROUP - 1}`;
    const what = expect.stringContaining(`${segment}.parquet: row group ${group + 1} of 3 (${rows})`);
    // The oldest are found before the damaged group is looked at, and so are the newest unless it is the last one.
    const isReached = !('limit' in plan) || plan.limit > GROUP || (plan.order === 'newest' && group === GROUPS - 1);
    if (isReached || report.damage.length > 0) expect(report.damage).toEqual([{ where: segment, what }]);
    if (!('limit' in plan)) expect(report.scanned).toBe(expected.report.scanned);
  });

  // Only the middle one has others around it.
  if (group !== 1) return;
  it('takes nothing from what only the groups around it have', async () => {
    const range = { from: BigInt(Date.UTC(2026, 0, 2)) * 1_000_000n + 1n };
    for (const plan of [
      { ...search('edge', 'oldest'), range },
      { ...search('edge', 'newest', 3000), range },
      { ...aggregate('edge', [count], [byPod]), range },
    ]) {
      const expected = await answer(without, plan);
      const { found, report } = await answer(harmed, plan);
      expect(found.length).toBeGreaterThan(0);
      expect(found).toEqual(expected.found);
      expect(report.damage).toEqual([]);
    }
  });
});
