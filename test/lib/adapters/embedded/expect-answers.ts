import { expect } from 'vitest';
import { compilePredicate } from '../../../../src/lib/query/predicate.ts';
import { parseQuery } from '../../../../src/lib/query/parse.ts';
import type { ReadReport } from '../../../../src/lib/store/store.ts';
import { openEmbeddedStore } from './built.ts';
import type { SealedStore } from './compact/sealed-store.ts';

const clock = { now: 0n, zone: 'UTC' };
const never = new AbortController().signal;

/** A store gives back the lines; it finds and counts for each query what the predicate says of every event. */
export async function expectAnswers(
  store: SealedStore,
  lines: readonly string[],
  queries: readonly string[],
): Promise<void> {
  const records = await store.records();
  expect(records.map(({ raw }) => Buffer.from(raw).toString()).sort()).toEqual(lines.toSorted());
  const reader = await openEmbeddedStore(store.dir);
  for (const text of queries) {
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
