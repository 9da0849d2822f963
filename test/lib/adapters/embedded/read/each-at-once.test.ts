import { describe, expect, it } from 'vitest';
import { eachAtOnce } from '../../../../../src/lib/adapters/embedded/read/each-at-once.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('eachAtOnce', () => {
  it('does all, no more than so many at once', async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await eachAtOnce([1, 2, 3, 4, 5], 2, async (thing) => {
      most = Math.max(most, ++running);
      await turn();
      running--;
      done.push(thing);
    });
    expect([done, most]).toEqual([[1, 2, 3, 4, 5], 2]);
  });

  it('begins no more behind one that failed, and waits for the others', async () => {
    const ended: number[] = [];
    const all = eachAtOnce([1, 2, 3, 4], 2, async (thing) => {
      if (thing === 1) throw new Error('one');
      await turn();
      ended.push(thing);
    });
    await expect(all).rejects.toThrow('one');
    expect(ended).toEqual([2]);
  });
});
