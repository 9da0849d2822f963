import { expect, it } from 'vitest';
import { type LogToSeal, SealQueue } from '../../../../../src/lib/adapters/embedded/write/seal-queue.ts';

it('builds three logs at once and lets them count in the order in which they were written', async () => {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const counted: string[] = [];
  const told: unknown[] = [];
  const seals = new SealQueue(
    async ({ file, turn }: LogToSeal) => {
      begun.push(file);
      await new Promise<void>((resolve) => ends.set(file, resolve));
      await turn;
      if (file === '2') throw new Error('no');
      counted.push(file);
      return { unparsed: [] };
    },
    (problem) => told.push(problem),
  );
  const soon = () => new Promise((resolve) => setTimeout(resolve, 5));
  for (const file of ['1', '2', '3', '4']) void seals.add({ writer: 'w', file, path: file, claim: 1 }, 10);
  expect(begun).toEqual(['1', '2', '3']);
  ends.get('2')?.();
  await soon();
  expect(told).toEqual([]);
  ends.get('1')?.();
  await soon();
  expect(told).toHaveLength(1);
  // One that failed holds up none behind it.
  for (const file of ['3', '4']) ends.get(file)?.();
  await seals.idle();
  expect(counted).toEqual(['1', '3', '4']);
});
