/** What keeps a regular expression from being one of RE2, and where in its source. */
export interface RegexProblem {
  readonly wrong: string;
  readonly hint: string;
  readonly offset: number;
  readonly length: number;
}

const LINEAR = 'patterns run in linear time, which rules it out; match more and filter with a second clause';

/**
 * Finds what RE2 has not, or what it and JavaScript read differently, before any engine is loaded: look-around,
 * back-references, unbalanced brackets, counts above 1,000. Source: RE2's syntax page and its limit on repetition.
 */
export function checkRegexSyntax(source: string): RegexProblem | undefined {
  const refusals: [RegExp, string][] = [
    [/^\(\?<?[=!]/, 'look-around is not supported'],
    [/^\(\?>/, 'atomic groups are not supported'],
    [/^\\(?:[1-9]|k<)/, 'back-references are not supported'],
  ];
  const open: number[] = [];
  let setStart = -1;
  for (let at = 0; at < source.length; at++) {
    const rest = source.slice(at, at + 8);
    const refused = setStart < 0 ? refusals.find(([pattern]) => pattern.test(rest)) : undefined;
    if (refused !== undefined)
      return { wrong: refused[1], hint: LINEAR, offset: at, length: refused[0].exec(rest)?.[0].length ?? 1 };
    const character = source.charAt(at);
    if (character === '\\') {
      if (at + 1 === source.length)
        return {
          wrong: 'the pattern ends with a backslash',
          hint: 'write \\\\ for the character',
          offset: at,
          length: 1,
        };
      at++;
    } else if (setStart >= 0) {
      const isFirst = at === setStart + 1 || (at === setStart + 2 && source.charAt(at - 1) === '^');
      if (character === ']' && !isFirst) setStart = -1;
      else if (character === '[' && source.startsWith('[:', at)) at = Math.max(at, source.indexOf(':]', at));
    } else if (character === '[') setStart = at;
    else if (character === '(') open.push(at);
    else if (character === ')' && open.pop() === undefined) {
      return { wrong: 'this bracket closes nothing', hint: 'write \\) for the character', offset: at, length: 1 };
    }
  }
  if (setStart >= 0)
    return { wrong: 'this [ is never closed', hint: 'write \\[ for the character', offset: setStart, length: 1 };
  const unclosed = open.pop();
  if (unclosed !== undefined)
    return { wrong: 'this bracket is never closed', hint: 'write \\( for the character', offset: unclosed, length: 1 };
  return undefined;
}
