import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsIn } from '../../../../../src/lib/adapters/embedded/read/row-set.ts';
import { Duck } from '../../../../../src/lib/adapters/embedded/segment/duckdb.ts';

const STARTS = [0, 5, 8, 20];

let duck: Duck;
beforeAll(async () => {
  duck = await Duck.open({ threads: 1, memory: 64, folder: '/tmp' });
});
afterAll(() => duck.close());

describe('a condition for rows', () => {
  it.each([
    [[0]],
    [[19]],
    [[4, 5]],
    [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]],
    [[1, 3, 7, 9, 19]],
    [[8, 19]],
  ])('takes just %j', async (rows) => {
    const where = rowsIn(STARTS, rows);
    // Rows beyond those of the segment, too: whatever is looked at, no bit that is not there is asked for.
    const chunks = await duck.query(
      `SELECT file_row_number FROM (SELECT range AS file_row_number FROM range(-3, 30)) WHERE ${where} ORDER BY 1`,
      [],
    );
    expect(chunks.flatMap((chunk) => chunk.getRows().map(([row]) => Number(row)))).toEqual(rows);
  });
});
