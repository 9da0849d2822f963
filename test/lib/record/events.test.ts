import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eachEvent } from '../../../src/lib/record/events.ts';

function events(text: string, join?: readonly number[]): [text: string, line: number][] {
  const payload = Buffer.from(text);
  const found: [string, number][] = [];
  eachEvent(payload, join, (start, end, line) => found.push([payload.toString('utf8', start, end), line]));
  return found;
}

describe('eachEvent', () => {
  it('gives a line an event, without LF, with CR', () => {
    expect(events('a\nb\r\nc\n')).toEqual([
      ['a', 0],
      ['b\r', 1],
      ['c', 2],
    ]);
  });

  it('takes an empty line for no event, but counts it', () => {
    expect(events('\n\na\n\nb\n\n')).toEqual([
      ['a', 2],
      ['b', 4],
    ]);
  });

  it('joins lines, empty ones among them', () => {
    expect(events('a\n  at b\n\n  at c\nd\n\n\ne\n', [4, 1, 2, 1])).toEqual([
      ['a\n  at b\n\n  at c', 0],
      ['d', 4],
      ['e', 7],
    ]);
  });

  it('takes what join does not count as lines of their own, and survives a join of too many', () => {
    expect(events('a\nb\nc\n', [2])).toEqual([
      ['a\nb', 0],
      ['c', 2],
    ]);
    expect(events('a\nb\n', [1, 7])).toEqual([
      ['a', 0],
      ['b', 1],
    ]);
  });

  it('gives every byte that is no separator back, whatever the lines and the joins', () => {
    const lines = fc.array(fc.string({ unit: fc.constantFrom('a', '\r', ' ', 'é') }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(lines, fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 8 }), (text, join) => {
        const expected: [string, number][] = [];
        for (let line = 0, event = 0; line < text.length; event += 1) {
          const of = text.slice(line, line + (join[event] ?? 1));
          if (of.some((one) => one !== '')) expected.push([of.join('\n'), line]);
          line += of.length;
        }
        expect(events(text.map((line) => `${line}\n`).join(''), join)).toEqual(expected);
      }),
    );
  });
});
