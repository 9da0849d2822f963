import { expect, it } from 'vitest';
import { livesOf, sourceId } from '../../../../src/lib/adapters/kafka/source-ids.ts';

const marksOf = (...marks: readonly (readonly [string, number])[]) =>
  new Map(marks.map(([id, position]) => [id, { id, position }]));

it('names a partition that was made again apart from the one before, from then on', () => {
  const cases = [
    { marks: marksOf(), end: 5, id: 'kafka:c/t/0' },
    { marks: marksOf(['kafka:c/t/0', 5]), end: 5, id: 'kafka:c/t/0' },
    { marks: marksOf(['kafka:c/t/0', 10]), end: 5, id: 'kafka:c/t/0#2' },
    { marks: marksOf(['kafka:c/t/0', 10], ['kafka:c/t/0#2', 5]), end: 12, id: 'kafka:c/t/0#2' },
    { marks: marksOf(['kafka:c/t/0', 10], ['kafka:c/t/0#2', 5]), end: 4, id: 'kafka:c/t/0#3' },
  ];
  for (const { marks, end, id } of cases) {
    const lives = livesOf('c', marks, new Map([['t/0', end]]));
    expect(sourceId({ cluster: 'c', lives }, 't/0')).toBe(id);
  }
});
