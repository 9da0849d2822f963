import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Needles, regexNeedles } from '../../../src/lib/query/regex-needles.ts';
import { compileRegex } from '../../../src/lib/query/regex.ts';

/** Alternatives and the texts of each in one order, as JSON. */
function sorted(needles: Needles): string[] {
  return needles.map((texts) => JSON.stringify([...texts].sort())).sort();
}

describe('regexNeedles', () => {
  it.each([
    ['time(d )?out', '', [['timed out'], ['timeout']]],
    ['exception|timeout', 'i', [['exception'], ['timeout']]],
    ['ab*c', '', [['a', 'c']]],
    ['ab+c', '', [['a', 'b', 'c']]],
    ['x[yz]w', '', [['xyw'], ['xzw']]],
    ['\\bstarted\\b', '', [['started']]],
    ['a{0,3}b', '', [['b']]],
    ['Req.*failed: (\\d+)', '', [['req', 'failed: ']]],
    ['TaskKill', 'i', [['ta', 'ill']]],
    ['(?i)TaskEnd', '', [['ta', 'end']]],
    ['(?s)a.b', '', [['a', 'b']]],
    ['\\x41bc\\x{263a}d\\101e', '', [['bc', 'd', 'e']]],
    ['\\pLa\\p{Greek}b\\PNc\\0d', '', [['a', 'b', 'c', 'd']]],
    ['(?P<id>ab)\\W(?<x>cd)', '', [['ab', 'cd']]],
    ['a\\(b\\)c', '', [['a(b)c']]],
    [
      'x(?:y|z+)',
      '',
      [
        ['x', 'y'],
        ['x', 'z'],
      ],
    ],
  ])('finds what must stand in a match of /%s/%s', (source, flags, needles) => {
    expect(sorted(regexNeedles(source, flags) ?? [])).toEqual(sorted(needles));
  });

  it.each([
    ['a|', ''],
    ['.*', ''],
    ['(?:ab)(?-i:cd)', ''],
    ['ab(?i)c', ''],
    ['ab\\Qc', ''],
    ['[^a]', ''],
    ['ü', 'i'],
    ['(ab)?', ''],
    ['[a-c]', ''],
  ])('promises nothing for /%s/%s', (source, flags) => {
    expect(regexNeedles(source, flags)).toBeUndefined();
  });

  it('gives up on more alternatives than are worth testing', () => {
    expect(regexNeedles('(a|b)(c|d)(e|f)(g|h)(i|j)', '')?.length ?? 0).toBeLessThanOrEqual(16);
    const words = Array.from({ length: 65 }, (_, at) => `word${at}`);
    expect(regexNeedles(words.slice(1).join('|'), '')).toHaveLength(64);
    expect(regexNeedles(`x(${words.slice(1).join('|')})y`, '')).toHaveLength(64);
    expect(regexNeedles(words.join('|'), '')).toBeUndefined();
  });

  it('never denies what RE2 finds', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      'K',
      's',
      'é',
      ' ',
      '.',
      '\\d',
      '\\.',
      '[ab]',
      '[^a]',
      '[a-c]',
      '^',
      '$',
      '\\b',
      '\\x61',
      '\\x{e9}',
      '\\pL',
      '\\p{Lu}',
      '\\W',
      '\\101',
    );
    const pattern = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { depthSize: 'small' },
        atom,
        fc.array(tie('node'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
        fc.tuple(tie('node'), tie('node')).map(([left, right]) => `(?:${left}|${right})`),
        fc
          .tuple(tie('node'), fc.constantFrom('?', '*', '+', '{0,2}', '{2}', '{1,3}', '??', '+?'))
          .map(([part, times]) => `(${part})${times}`),
      ),
    })).node;
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'k', 'K', 'S', '\u212a', 'ſ', 'é', ' ', '.', '1') });
    fc.assert(
      fc.property(
        pattern,
        fc.constantFrom('', '(?i)', '(?s)'),
        fc.constantFrom('', 'i'),
        text,
        (node, set, flags, searched) => {
          const source = `${set}${node}`;
          if (!compileRegex(source, flags)(searched)) return;
          const needles = regexNeedles(source, flags);
          // ASCII letters alone change case.
          const folded = searched.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
          expect(needles === undefined || needles.some((texts) => texts.every((each) => folded.includes(each)))).toBe(
            true,
          );
        },
      ),
      { numRuns: 3000 },
    );
  });
});
