import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Filter, Scalar } from '../../../src/lib/query/ast.ts';
import { plainScalar } from '../../../src/lib/query/parse-scalar.ts';
import { compilePredicate } from '../../../src/lib/query/predicate.ts';
import { CLOCK, event } from './record.ts';

/** Numbers as they may be written, and what only looks like one. */
const written = ['1', '1.0', '1e0', '10e-1', '+1', '-0', '0', '0.0', '1e400', '1e401', '9007199254740993', '9007199254740992', '500ms', '0.5s', '12MB', 'abc', '', 'true', '2022-08-22', '.5', '5e-1']; // biome-ignore format: a table
const scalar = fc.oneof(
  fc.constantFrom(...written).map(plainScalar),
  fc.constantFrom(...written).map((text): Scalar => ({ kind: 'text', text, quoted: true })),
);

const RECORDS = [
  ...written.map((text) => event({ f: text })),
  ...['1', '1.0', '1e0', '10e-1', '-0', '0', '0.0', '1e400', '9007199254740993', '0.5', '500', 'true', 'null'].map(
    (json) => event(`{"f":${json}}`),
  ),
];

it('takes what one of its values takes', () => {
  fc.assert(
    fc.property(fc.array(scalar, { minLength: 1, maxLength: 5 }), (values) => {
      const list: Filter = { kind: 'match', field: 'f', value: { kind: 'in', values } };
      const each = values.map((one): Filter => ({ kind: 'compare', field: 'f', op: '=', scalar: one }));
      const inList = compilePredicate(list, CLOCK);
      const inEach = compilePredicate({ kind: 'or', filters: each }, CLOCK);
      for (const record of RECORDS) expect(inList(record)).toBe(inEach(record));
    }),
  );
});

it('costs no more for a long list', () => {
  const values = Array.from({ length: 200_000 }, (_, n) => plainScalar(n % 2 === 0 ? `id-${n}` : String(n)));
  const matches = compilePredicate({ kind: 'match', field: 'f', value: { kind: 'in', values } }, CLOCK);
  const records = Array.from({ length: 2000 }, (_, n) => event({ f: `none-${n}` }));
  const began = performance.now();
  expect(records.some(matches)).toBe(false);
  expect(performance.now() - began).toBeLessThan(500);
  expect(matches(event({ f: 199_999 })) && matches(event({ f: 'id-0' }))).toBe(true);
});
