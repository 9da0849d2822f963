import { describe, expect, it } from 'vitest';
import { resumeSearch } from '../../../../../src/lib/adapters/embedded/read/resume-search.ts';
import { compareRecords } from '../../../../../src/lib/adapters/embedded/read/record-source.ts';
import { isInRange } from '../../../../../src/lib/store/in-range.ts';
import type { LogRecord } from '../../../../../src/lib/record/record.ts';
import type { SearchPlan } from '../../../../../src/lib/store/store.ts';

const record = (ts: number, id: string, n: number): LogRecord =>
  ({ ts: BigInt(ts), log_id: id, fields: { n } }) as unknown as LogRecord;

/** Times shared by several, ids shared by several. */
const RECORDS = [1, 1, 2, 2, 2, 3, 5, 5, 5, 5, 8].map((ts, n) => record(ts, `id${ts === 5 ? 'x' : n}`, n));
const sorted = { oldest: [...RECORDS].sort(compareRecords), newest: [...RECORDS].sort((a, b) => compareRecords(b, a)) };

class Cut extends Error {}

/** Gives pages of two, and breaks off after so many of them. */
async function* search({ order, range, limit }: SearchPlan, pages: number): AsyncGenerator<readonly LogRecord[]> {
  const found = sorted[order].filter(({ ts }) => isInRange(ts, range)).slice(0, limit);
  for (let from = 0; from < found.length; from += 2) {
    if (pages-- === 0) throw new Cut();
    yield found.slice(from, from + 2);
  }
}

const clock = { now: 0n, zone: 'UTC' };

describe('a search that has to begin again', () => {
  for (const order of ['oldest', 'newest'] as const) {
    for (const limit of [undefined, 1, 4, 7, 11, 20]) {
      it(`gives each record once, ${order} first, at most ${limit}`, async () => {
        for (let first = 0; first < 7; first++) {
          for (let second = 0; second < 7; second++) {
            const pages = [first, second, Number.POSITIVE_INFINITY];
            const given: LogRecord[] = [];
            const plan = { filter: { kind: 'all' }, range: { to: 8n }, clock, order } as const;
            const asked = limit === undefined ? plan : { ...plan, limit };
            const recover = async (error: unknown): Promise<void> => expect(error).toBeInstanceOf(Cut);
            for await (const page of resumeSearch(asked, (rest) => search(rest, pages.shift() ?? 0), recover)) {
              expect(page.length).toBeGreaterThan(0);
              given.push(...page);
            }
            const expected = sorted[order].filter(({ ts }) => ts < 8n).slice(0, limit);
            expect(given.map(({ fields }) => fields.n)).toEqual(expected.map(({ fields }) => fields.n));
          }
        }
      });
    }
  }

  it('ends with what is not taken care of', async () => {
    const plan = { filter: { kind: 'all' }, range: {}, clock, order: 'oldest' } as const;
    const recover = async (error: unknown): Promise<void> => {
      throw error;
    };
    const pages = resumeSearch(plan, (rest) => search(rest, 1), recover);
    await pages.next();
    await expect(pages.next()).rejects.toBeInstanceOf(Cut);
  });
});
