import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { withIdle } from '../../../src/lib/read/idle.ts';

/** Numbers, after as many milliseconds each. */
async function* after(...waits: readonly number[]): AsyncGenerator<number> {
  for (const [at, ms] of waits.entries()) {
    await pause(ms);
    yield at;
  }
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of stream) found.push(one);
  return found;
}

it('says once that nothing came for so long, and not before something did', async () => {
  expect(await all(withIdle(after(300, 0, 500, 0), 100))).toEqual([0, 1, 'idle', 2, 3]);
});

it('says that what came first has waited for so long, however much follows it', async () => {
  const found = await all(withIdle(after(...Array.from({ length: 12 }, () => 30)), 100));
  expect(found.filter((one) => one === 'idle')).toEqual([]);
  expect(found.indexOf('aged')).toBeGreaterThan(2);
  expect(found.filter((one) => one === 'aged').length).toBeGreaterThan(1);
});

it('does not count the time that its reader takes', async () => {
  const found: (number | string)[] = [];
  for await (const one of withIdle(after(0, 20, 20), 100)) {
    found.push(one);
    await pause(60);
  }
  expect(found).not.toContain('idle');
});

it('fails as the stream does, and leaves it when it is left', async () => {
  let left = false;
  async function* failing(): AsyncGenerator<number> {
    try {
      yield 1;
      await pause(150);
      throw new Error('gone');
    } finally {
      left = true;
    }
  }
  await expect(all(withIdle(failing(), 50))).rejects.toThrow('gone');
  left = false;
  for await (const one of withIdle(failing(), 50)) if (one === 1) break;
  expect(left).toBe(true);
});
