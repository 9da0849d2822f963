import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fold, isWordAt, isWordBefore } from '../../../src/lib/query/fold.ts';
import { containsTerm } from '../../../src/lib/query/text-match.ts';

/** The rule itself, at every place. */
function contains(term: string, text: string): boolean {
  const [needle, within] = [fold(term), fold(text)];
  for (let at = 0; at <= within.length - needle.length; at++) {
    if (!within.startsWith(needle, at)) continue;
    const cutsBefore = isWordAt(needle, 0) && isWordBefore(within, at);
    const cutsBehind = isWordBefore(needle, needle.length) && isWordAt(within, at + needle.length);
    if (!cutsBefore && !cutsBehind) return true;
  }
  return false;
}

const text = (maxLength: number) =>
  fc
    .array(fc.constantFrom('a', 'A', 'b', '-', ' ', 'ß', '𝒳', '😀', '\u0301'), { maxLength })
    .map((all) => all.join(''));

it('finds a term at every place where it cuts no word, and nowhere else', () => {
  fc.assert(
    fc.property(
      text(3).filter((term) => term !== ''),
      text(14),
      (term, within) => {
        expect(containsTerm(term)(within)).toBe(contains(term, within));
      },
    ),
    { numRuns: 5000 },
  );
});

it('costs linear time, whatever the term and the text', () => {
  const began = performance.now();
  for (const letter of ['a', 'é']) {
    expect(containsTerm(letter.repeat(30_000))(letter.repeat(2 ** 20))).toBe(false);
  }
  expect(performance.now() - began).toBeLessThan(3000);
});
