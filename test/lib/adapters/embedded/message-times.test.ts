import { expect, it } from 'vitest';
import { compilePredicate } from '../../../../src/lib/query/predicate.ts';
import { parseQuery } from '../../../../src/lib/query/parse.ts';
import type { ReadReport } from '../../../../src/lib/store/store.ts';
import { openEmbeddedStore } from './built.ts';
import { SealedStore } from './compact/sealed-store.ts';

const clock = { now: 0n, zone: 'UTC' };
const never = new AbortController().signal;

const timed = (n: number): string =>
  JSON.stringify({
    '@timestamp': `2026-01-02T10:05:${10 + (n % 50)}.558650385Z`,
    message: `${n % 3 === 0 ? '[' : ''}18:05:${10 + (n % 50)}.558${n % 3 === 0 ? ']' : ''} INFO request ${n % 4} of pod-${n}`,
  });
const untimed = (n: number): string =>
  JSON.stringify({
    '@timestamp': '2026-01-03T10:00:00Z',
    message: `INFO request ${n % 4} took 558 ms at 18:05:37.558`,
  });
const text = (n: number): string => `2026-01-04 18:05:${10 + n}.558 INFO request ${n % 4} served`;

const LINES = [timed, untimed, text].flatMap((line) => Array.from({ length: 40 }, (_, n) => line(n)));

const QUERIES = [
  '558',
  'INFO',
  '"558 INFO"',
  '"18:05:37"',
  '"[18:05:10.558] INFO request"',
  '18:05:1*',
  '*7.558*INFO*request 3*',
  String.raw`*^\ *`,
  'message:/^.?18:05:[0-9]7/',
  'message:/[0-9]{3}. INFO/',
  'NOT 558',
  'message:"18:05:11.558 INFO request 1 of pod-1"',
];

/** Answers of the store, each beside what the predicate says of every event. */
async function check(store: SealedStore): Promise<void> {
  const records = await store.records();
  expect(records.map(({ raw }) => Buffer.from(raw).toString()).sort()).toEqual(LINES.toSorted());
  const reader = await openEmbeddedStore(store.dir);
  for (const text of QUERIES) {
    const { filter } = parseQuery(text);
    const report: ReadReport = { scanned: 0, damage: [] };
    const found: string[] = [];
    const plan = { filter, range: {}, clock, order: 'newest' } as const;
    for await (const page of reader.search(plan, report, never))
      found.push(...page.map(({ raw }) => Buffer.from(raw).toString()));
    const expected = records.filter(compilePredicate(filter, clock)).map(({ raw }) => Buffer.from(raw).toString());
    expect(found.sort(), text).toEqual(expected.sort());
    const counting = { filter, range: {}, clock, by: [], functions: [{ kind: 'count' }] } as const;
    const table = await reader.aggregate(counting, { scanned: 0, damage: [] }, never);
    expect(Number(table.rows[0]?.[0] ?? 0), text).toBe(expected.length);
  }
  await reader.close();
}

it('answers the same of segments that have times of messages and of such that have none, before and after they are merged', async () => {
  const store = new SealedStore();
  await store.add(LINES.slice(0, 60));
  await store.add(LINES.slice(60));
  const { segments } = await store.fold();
  const marked = [...segments.values()].map(({ marked = [] }) => marked.includes(62));
  expect(marked).toContain(true);
  expect(marked).toContain(false);
  await check(store);
  await store.compact();
  await check(store);
});
