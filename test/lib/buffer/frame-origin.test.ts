import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packOrigin, unpackOrigin } from '../../../src/lib/buffer/frame-origin.ts';

it('gives back what was packed, whatever it is', () => {
  const text = fc.oneof(fc.nat(30).map(String), fc.string({ maxLength: 3 }), fc.constant('9007199254740991'));
  const origins = fc.array(fc.record({ topic: fc.constantFrom('a', 'b'), offset: text }), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(origins, (all) => {
      const packed = packOrigin(all);
      const found = packed === undefined ? [] : all.map((_, event) => unpackOrigin(packed)(event));
      expect(found).toEqual(all);
    }),
  );
});

it('is short for messages one after the other', () => {
  const origins = Array.from({ length: 1000 }, (_, at) => ({ topic: 't', offset: String(at + (at > 500 ? 7 : 0)) }));
  expect(packOrigin(origins)).toEqual({ topic: 't', offset: ['0', 500, '508', 498] });
});

it('leaves out what events do not all say', () => {
  expect(packOrigin([])).toBeUndefined();
  expect(packOrigin([{ a: '1' }, {}])).toBeUndefined();
});
