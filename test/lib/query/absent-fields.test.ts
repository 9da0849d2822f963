import { expect, it } from 'vitest';
import { absentFields, fieldsOf } from '../../../src/lib/query/absent-fields.ts';
import { parseFilter } from '../../../src/lib/query/parse.ts';
import { event } from './record.ts';

const RECORDS = [
  event({ level: 'info', msg: 'a', path: '/', http: { status: 500, 'user.agent': 'x' } }),
  event({ service: 'api', items: [{ sku: 1 }], none: null }),
];

it.each([
  ['path:/x level:ERROR service:y', []],
  ['pth:/', [['pth', 'path']]],
  ['http.statsu:500 OR items.skus:1', [['http.statsu', 'http.status'], ['items.skus', 'items.sku']]],
  ['http.user.agent:y none:1 http.status>600', []],
  ['NOT missing:1 missing!=2', []],
  ['"k":* missing2>1 missing2:2', [['k', undefined], ['missing2', undefined]]],
  ['tenant:x trace_id:y', [['tenant', undefined], ['trace_id', undefined]]],
  ['boom *:boom', []],
])('%s asks for what no event has: %j', (text, expected) => {
  const found = absentFields(fieldsOf(parseFilter(text)), RECORDS);
  expect(found.map(({ field, meant }) => [field, meant])).toEqual(expected);
}); // biome-ignore format: a table
