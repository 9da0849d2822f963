import { expect, it } from 'vitest';
import { FIRST_PACE, paceAfter, slowerPace } from '../../../../../src/lib/adapters/embedded/compact/pace.ts';

const MB = 2 ** 20;

it('learns the pace from steps that are large enough to tell', () => {
  expect(paceAfter(undefined, 8 * MB, 1000)).toBe((8 * MB) / 1000);
  expect(paceAfter(50_000, 8 * MB, 1000)).toBe((8 * MB) / 1000);
  expect(paceAfter(undefined, 1000, 500)).toBe(FIRST_PACE);
  expect(paceAfter(50_000, 1000, 500)).toBe(50_000);
});

it('halves it after a step that was given up, and dares larger ones again bit by bit', () => {
  expect(slowerPace(undefined, 12 * MB, 1000)).toBe((12 * MB) / 2000);
  let pace = slowerPace(undefined, 100, 1000);
  expect(pace).toBeLessThan(1);
  for (let steps = 0; steps < 40; steps++) pace = paceAfter(pace, 100, 500);
  expect(pace).toBe(FIRST_PACE);
});
