import { describe, expect, it } from 'vitest';
import { wordAnalysis } from '../../../../src/lib/adapters/elasticsearch/template/words.ts';
import { fold } from '../../../../src/lib/query/fold.ts';

const { char_filter: filters } = wordAnalysis() as { char_filter: { logs_fold: { mappings: readonly string[] } } };
const mapped = new Map(filters.logs_fold.mappings.map((line) => line.split(' => ') as [string, string]));

/** What Lucene makes of a character: the mapping, then Java's lower case, one character for one. */
function analyzed(character: string): string {
  const text = mapped.get(character) ?? character;
  return Array.from(text, (c) => {
    if (c === 'İ') return 'i';
    const lower = c.toLowerCase();
    return Array.from(lower).length === 1 ? lower : c;
  }).join('');
}

describe('the analyzer of our template', () => {
  it('folds every character as the query language does', () => {
    const byFolded = new Map<string, string>();
    const wrong: string[] = [];
    for (let code = 0; code <= 0x1ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const character = String.fromCodePoint(code);
      const token = analyzed(character);
      const same = analyzed(fold(character));
      if (token !== same) wrong.push(character);
      const owner = byFolded.get(token);
      if (owner === undefined) byFolded.set(token, fold(character));
      else if (owner !== fold(character)) wrong.push(character);
    }
    expect(wrong).toEqual([]);
  });
});
