import type { Value } from './ast.ts';
import type { FieldIndex } from './dsl-fields.ts';
import { allOf, anyOf, type Dsl, type DslPair, exactly, perhaps } from './dsl-pair.ts';
import { type Needles, regexNeedles } from './regex-needles.ts';
import { literalsOf } from './text-match.ts';

type Words = NonNullable<FieldIndex['words']>;

const WORD = /[\p{L}\p{M}\p{Nd}_]+/gu;
const ASCII_RUNS = /[A-Za-z0-9_]+/g;
/** Shorter parts of words are in too many to be worth looking for where there are longer ones. */
const WORTH_A_PATTERN = 3;
const ASCII_WORD = /^[A-Za-z0-9_]+$/;
/** The two letters before which a mark may stand in our words, for one outside ASCII that has them as its lower case. */
const MAY_BE_MARKED = /^[ik]/i;
/** Analyzers cut longer words. */
const LONGEST_WORD = 255;
/** So many words narrow enough. */
const MOST_WORDS = 8;

/**
 * What a value on running text matches, by its words. Only ASCII is asked for: there lower-casing is the same on
 * every server, and no letter outside ASCII is taken for one of it but the two that documents are marked for.
 */
export function onWords(words: Words, path: string, value: Value): DslPair {
  switch (value.kind) {
    case 'term':
    case 'phrase':
      return termOn(words, path, value.text);
    case 'wildcard':
      return wildcardOn(words, path, value.pattern);
    case 'regex':
      return perhaps(withNeedles(words, path, regexNeedles(value.source, value.flags)));
    default:
      return perhaps(exists(path));
  }
}

/** The text must hold another in whole, but not only that. */
export function holdsWords(words: Words, path: string, text: string): Dsl {
  return termOn(words, path, text).may;
}

export function exists(path: string): Dsl {
  return { exists: { field: path } };
}

/** What contains a text of ASCII in any case, of what is indexed whole. */
export function containing(path: string, texts: readonly string[]): Dsl {
  const parts = texts
    .flatMap((text) => text.match(/[A-Za-z0-9_]+/g) ?? [])
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST_WORDS);
  if (parts.length === 0) return exists(path);
  return allOf(parts.map((part) => ({ wildcard: { [path]: { value: `*${part}*`, case_insensitive: true } } })));
}

/** `containing` for the needles of a pattern. */
export function holdingNeedles(path: string, needles: Needles | undefined): Dsl {
  if (needles === undefined) return exists(path);
  return anyOf(needles.map((texts) => containing(path, texts)));
}

function termOn(words: Words, path: string, text: string): DslPair {
  const all = text.match(WORD) ?? [];
  const plain = all.filter((word) => ASCII_WORD.test(word) && word.length <= LONGEST_WORD && isIndexed(words, word));
  if (plain.length === 0) return perhaps(exists(path));
  if (words.by === 'standard') {
    // Its words may hold ours between other characters (`example.com`), never a part of one.
    return perhaps(orCut(words, allOf(plain.slice(0, MOST_WORDS).map((each) => within(words.path, lower(each))))));
  }
  const [only = ''] = plain;
  if (only === text) return exactly(word(words.path, only));
  if (plain.length < all.length || plain.length === 1)
    return perhaps(allOf(plain.map((each) => word(words.path, each))));
  const found = { match_phrase: { [words.path]: text } };
  // Words that follow each other in the index have one blank between them in the text. What else may be between two
  // words leaves a gap there whatever it is.
  return plain.join(' ') === text ? exactly(found) : perhaps(found);
}

function wildcardOn(words: Words, path: string, pattern: string): DslPair {
  const literals = literalsOf(pattern);
  const [first = '', middle = '', last = ''] = literals;
  const star = words.by === 'ours' && !/[\\?]/.test(pattern);
  const only = literals.join('');
  const isWord = ASCII_WORD.test(only) && only.length <= LONGEST_WORD;
  const pairOf = MAY_BE_MARKED.test(only) ? perhaps : exactly;
  if (star && isWord && literals.length === 3 && middle === only)
    return pairOf(wildcard(words.path, `*${lower(only)}*`));
  if (star && isWord && literals.length === 2) {
    if (first === only) return exactly({ prefix: { [words.path]: { value: lower(only) } } });
    if (middle === only && last === '') return pairOf(wildcard(words.path, `*${lower(only)}`));
  }
  return perhaps(
    withParts(
      words,
      path,
      literals.flatMap((literal) => literal.match(/[A-Za-z0-9_]+/g) ?? []),
    ),
  );
}

/** `standard` drops runs of `_` that nothing else is beside. */
function isIndexed(words: Words, part: string): boolean {
  return words.by === 'ours' || /[A-Za-z0-9]/.test(part);
}

/** Each part is in some word. */
function withParts(words: Words, path: string, parts: readonly string[]): Dsl {
  const longest = [...new Set(parts)]
    .filter((part) => part.length <= LONGEST_WORD && isIndexed(words, part))
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST_WORDS);
  if (longest.length === 0) return exists(path);
  return orCut(words, allOf(longest.map((part) => wildcard(words.path, `*${lower(part)}*`))));
}

/** All texts of some alternative are there. */
function withNeedles(words: Words, path: string, needles: Needles | undefined): Dsl {
  if (needles === undefined) return exists(path);
  if (words.by === 'ours') return anyOf(needles.map((texts) => withTexts(words, path, texts)));
  return anyOf(
    needles.map((texts) =>
      withParts(
        words,
        path,
        texts.flatMap((text) => text.match(ASCII_RUNS) ?? []),
      ),
    ),
  );
}

/** Words that stand whole in one of the texts as such, those at its ends as parts of words. */
function withTexts(words: Words, path: string, texts: readonly string[]): Dsl {
  const runs = texts.flatMap((text) =>
    Array.from(text.matchAll(ASCII_RUNS), ({ 0: run, index }) => ({
      run,
      isStart: index > 0,
      isEnd: index + run.length < text.length,
    })),
  );
  const worth = runs.filter(({ run }) => run.length >= WORTH_A_PATTERN);
  const kept = (worth.length === 0 ? runs : worth)
    .filter(({ run }) => run.length <= LONGEST_WORD)
    .sort((a, b) => b.run.length - a.run.length)
    .slice(0, MOST_WORDS);
  if (kept.length === 0) return exists(path);
  return allOf(
    kept.map(({ run, isStart, isEnd }) => {
      if (isStart && isEnd) return word(words.path, run);
      if (isStart) return { prefix: { [words.path]: { value: run } } };
      return wildcard(words.path, isEnd ? `*${run}` : `*${run}*`);
    }),
  );
}

/** `standard` cuts at 255 UTF-16 units, also in the midst of one of our words. */
function orCut(words: Words, dsl: Dsl): Dsl {
  return words.by === 'ours' ? dsl : anyOf([dsl, { regexp: { [words.path]: { value: '.{128,255}', flags: 'NONE' } } }]);
}

function word(path: string, text: string): Dsl {
  return { term: { [path]: lower(text) } };
}

function within(path: string, text: string): Dsl {
  return { regexp: { [path]: { value: `(.*[^0-9a-z_])?${text}([^0-9a-z_].*)?`, flags: 'NONE' } } };
}

function wildcard(path: string, value: string): Dsl {
  return { wildcard: { [path]: { value } } };
}

function lower(text: string): string {
  return text.toLowerCase();
}
