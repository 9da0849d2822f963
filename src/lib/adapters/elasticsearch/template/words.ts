import { MAX_KEYWORD } from '../document/names.ts';

/** The analyzer's name in our template. */
export const WORDS = 'logs_text';

const WORD = '[\\p{L}\\p{M}\\p{Nd}_]';
const NO_WORD = '[^\\p{L}\\p{M}\\p{Nd}_]';

/**
 * An analyzer with the words of our query language: runs of letters, marks, digits and `_` in Unicode, folded as
 * `fold` does. `standard` would keep `example.com` whole and split `注文失敗`. Whatever is between two words but one
 * blank is a token too, which is dropped and leaves its place empty: words next to each other in the index are so in the
 * text, with a blank between, and a phrase needs no second look.
 */
export function wordAnalysis(): object {
  return {
    char_filter: { logs_fold: { type: 'mapping', mappings: FOLDINGS } },
    tokenizer: { logs_runs: { type: 'pattern', pattern: `${WORD}+|(?! ${WORD})${NO_WORD}+`, group: 0 } },
    filter: {
      logs_between: { type: 'pattern_replace', pattern: `^${NO_WORD}+$`, replacement: '' },
      logs_words: { type: 'length', min: 1 },
      // Lucene refuses the whole document for a word above 32,766 bytes.
      logs_cut: { type: 'truncate', length: MAX_KEYWORD },
    },
    analyzer: {
      [WORDS]: {
        type: 'custom',
        char_filter: ['logs_fold'],
        tokenizer: 'logs_runs',
        filter: ['logs_between', 'logs_words', 'lowercase', 'logs_cut'],
      },
    },
  };
}

/**
 * What the `lowercase` filter, which is `Character.toLowerCase` of Java, does otherwise than `fold`: letters that share
 * their upper case with another, and two letters outside ASCII whose lower case is in it. Those get a mark before it,
 * a letter without case that hardly any text has, so that they equal no ASCII word.
 */
const FOLDINGS = [
  'µ => μ', '\u0345 => ι', 'ς => σ', 'ϐ => β', 'ϑ => θ', 'ϕ => φ', 'ϖ => π', 'ϰ => κ', 'ϱ => ρ', 'ϵ => ε',
  'ᲀ => в', 'ᲁ => д', 'ᲂ => о', 'ᲃ => с', 'ᲄ => т', 'ᲅ => т', 'ᲆ => ъ', 'ᲇ => ѣ', 'ᲈ => ꙋ', 'ẛ => ṡ',
  '\u1fbe => ι', '\u0130 => ꟷi', '\u212a => ꟷk',
] as const; // biome-ignore format: a table
