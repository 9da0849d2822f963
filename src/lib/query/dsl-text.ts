import type { Value } from './ast.ts';
import type { FieldIndex } from './dsl-fields.ts';
import { allOf, anyOf, type Dsl, type DslPair, exactly, perhaps } from './dsl-pair.ts';
import { regexLiterals } from './dsl-regex.ts';
import { literalsOf } from './text-match.ts';

type Words = NonNullable<FieldIndex['words']>;

const WORD = /[\p{L}\p{M}\p{Nd}_]+/gu;
const ASCII_WORD = /^[A-Za-z0-9_]+$/;
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
      return perhaps(withParts(words, path, regexLiterals(value.source, value.flags)));
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

function termOn(words: Words, path: string, text: string): DslPair {
  const all = text.match(WORD) ?? [];
  const plain = all.filter((word) => ASCII_WORD.test(word) && word.length <= LONGEST_WORD);
  if (plain.length === 0) return perhaps(exists(path));
  if (words.by === 'standard') {
    // Its words may hold ours between other characters (`example.com`), never a part of one.
    return perhaps(orCut(words, allOf(plain.slice(0, MOST_WORDS).map((each) => within(words.path, lower(each))))));
  }
  const [only = ''] = plain;
  if (only === text) return exactly(word(words.path, only));
  if (plain.length < all.length || plain.length === 1)
    return perhaps(allOf(plain.map((each) => word(words.path, each))));
  return perhaps({ match_phrase: { [words.path]: plain.join(' ') } });
}

function wildcardOn(words: Words, path: string, pattern: string): DslPair {
  const literals = literalsOf(pattern);
  const [first = '', middle = '', last = ''] = literals;
  const star = words.by === 'ours' && !/[\\?]/.test(pattern);
  const only = literals.join('');
  const isWord = ASCII_WORD.test(only) && only.length <= LONGEST_WORD;
  if (star && isWord && literals.length === 3 && middle === only)
    return exactly(wildcard(words.path, `*${lower(only)}*`));
  if (star && isWord && literals.length === 2) {
    if (first === only) return exactly({ prefix: { [words.path]: { value: lower(only) } } });
    if (middle === only && last === '') return exactly(wildcard(words.path, `*${lower(only)}`));
  }
  return perhaps(
    withParts(
      words,
      path,
      literals.flatMap((literal) => literal.match(/[A-Za-z0-9_]+/g) ?? []),
    ),
  );
}

/** Each part is in some word. */
function withParts(words: Words, path: string, parts: readonly string[]): Dsl {
  const longest = [...new Set(parts)]
    .filter((part) => part.length <= LONGEST_WORD)
    .sort((a, b) => b.length - a.length)
    .slice(0, MOST_WORDS);
  if (longest.length === 0) return exists(path);
  return orCut(words, allOf(longest.map((part) => wildcard(words.path, `*${lower(part)}*`))));
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
