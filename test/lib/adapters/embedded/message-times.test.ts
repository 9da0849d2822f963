import { expect, it } from 'vitest';
import { SealedStore } from './compact/sealed-store.ts';
import { expectAnswers } from './expect-answers.ts';

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

it('answers the same of segments that have times of messages and of such that have none, before and after they are merged', async () => {
  const store = new SealedStore();
  await store.add(LINES.slice(0, 60));
  await store.add(LINES.slice(60));
  const { segments } = await store.fold();
  const marked = [...segments.values()].map(({ marked = [] }) => marked.includes(62));
  expect(marked).toContain(true);
  expect(marked).toContain(false);
  await expectAnswers(store, LINES, QUERIES);
  await store.compact();
  await expectAnswers(store, LINES, QUERIES);
});
