import fc from 'fast-check';

/** `LOGS_TEST_SEED=N` gives the queries of another run again; in continuous integration they are always the same. */
const { LOGS_TEST_SEED, LOGS_TEST_QUERIES, CI } = process.env;
export const SEED = Number(LOGS_TEST_SEED ?? (CI === undefined ? Math.floor(Math.random() * 2 ** 31) : 20_240_229));

/** How many queries a test makes up: as many as it usually does, or `LOGS_TEST_QUERIES=N`. */
export function countOfQueries(usual: number): number {
  return Number(LOGS_TEST_QUERIES ?? usual);
}

/** So many values, the same for one seed. */
export function sampled<T>(arbitrary: fc.Arbitrary<T>, count: number): readonly T[] {
  return fc.sample(arbitrary, { numRuns: count, seed: SEED });
}
