import { expect, test } from 'vitest';
import { parseFilter } from '../../../src/lib/query/parse.ts';

test('a sign negates what stands straight after it, and nothing else', () => {
  expect(parseFilter('-path:/healthz')).toEqual(parseFilter('NOT path:/healthz'));
  expect(parseFilter('status:404 !path:/healthz')).toEqual(parseFilter('status:404 NOT path:/healthz'));
  expect(() => parseFilter('a - b')).toThrow('straight after -');
  expect(() => parseFilter('a -')).toThrow('straight after -');
});
