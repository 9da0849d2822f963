import { fold, isWordAt, isWordBefore } from './fold.ts';

export type TextTest = (text: string) => boolean;

/** Finds exactly this text in any case, where no word is cut: `err` is not in `error`, `10.0.0.1` not in `110.0.0.1`. */
export function containsTerm(term: string): TextTest {
  const needle = fold(term);
  if (needle === '') return (text) => text === '';
  const wordFirst = isWordAt(needle, 0);
  const wordLast = isWordBefore(needle, needle.length);
  return (text) => {
    const within = fold(text);
    for (let at = within.indexOf(needle); at >= 0; ) {
      const end = at + needle.length;
      if (!(wordFirst && isWordBefore(within, at)) && !(wordLast && isWordAt(within, end))) return true;
      // A later start in the same word would cut it: without this a long term costs its length at every place.
      at = within.indexOf(needle, wordFirst ? wordEnd(within, at) : at + 1);
    }
    return false;
  };
}

/** Where the word that goes through `at` ends. */
function wordEnd(text: string, at: number): number {
  let end = at;
  while (isWordAt(text, end)) end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return end;
}

/** One character of a wildcard pattern: itself, or any one where undefined. */
type Piece = readonly (string | undefined)[];

/** The runs between the stars of a pattern. `\*`, `\?` and `\\` are those characters. */
export function piecesOf(pattern: string): Piece[] {
  const pieces: (string | undefined)[][] = [[]];
  for (const [token] of pattern.matchAll(/\\[*?\\]|[^]/gu)) {
    if (token === '*') pieces.push([]);
    else
      pieces
        .at(-1)
        ?.push(token === '?' ? undefined : token.length > 1 && token.startsWith('\\') ? token.slice(1) : token);
  }
  return pieces;
}

/** The literal runs of a pattern: each is in whatever matches. */
export function literalsOf(pattern: string): string[] {
  const literals: string[] = [];
  for (const piece of piecesOf(pattern)) {
    let run = '';
    for (const character of piece) {
      if (character !== undefined) run += character;
      else {
        literals.push(run);
        run = '';
      }
    }
    literals.push(run);
  }
  return literals;
}

/** `*` is any characters, `?` one; the whole text must match, in the same case. */
export function matchesPattern(pattern: string): TextTest {
  const pieces = piecesOf(pattern);
  return (text) => matchPieces(pieces, Array.from(text), 0, (_, end, length) => end === length);
}

/**
 * A pattern in running text, in any case: it begins and ends at the edge of a word unless a star stands there
 * (`*err*` is a substring, `err*` begins a word).
 */
export function containsPattern(pattern: string): TextTest {
  const pieces = piecesOf(fold(pattern));
  const first = pieces[0] ?? [];
  const last = pieces.at(-1) ?? [];
  return (text) => {
    const characters = Array.from(fold(text));
    const isFree = (edge: number, inside: string | undefined, outside: string | undefined): boolean =>
      edge < 0 || inside === undefined || outside === undefined || !isWordAt(inside, 0) || !isWordAt(outside, 0);
    const endsWell = (_: unknown, end: number): boolean =>
      last.length === 0 || isFree(end, characters[end - 1], characters[end]);
    for (let start = 0; start <= characters.length; start++) {
      if (
        first.length > 0 &&
        !(isFree(start, characters[start], characters[start - 1]) && standsAt(first, characters, start))
      )
        continue;
      if (matchPieces(pieces, characters, start, endsWell)) return true;
      // With a star behind the first run, what a later start could reach this one has tried.
      if (pieces.length > 1) return false;
    }
    return false;
  };
}

type EndTest = (characters: readonly string[], end: number, length: number) => boolean;

/** Takes each run at its first place; only the last must be tried at every place, for the end to be right. */
function matchPieces(
  pieces: readonly Piece[],
  characters: readonly string[],
  start: number,
  endsWell: EndTest,
): boolean {
  const [first = [], ...rest] = pieces;
  if (!standsAt(first, characters, start)) return false;
  let at = start + first.length;
  for (const [index, piece] of rest.entries()) {
    const isLast = index === rest.length - 1;
    if (isLast && piece.length === 0) return true;
    while (
      !(standsAt(piece, characters, at) && (!isLast || endsWell(characters, at + piece.length, characters.length)))
    ) {
      if (++at + piece.length > characters.length) return false;
    }
    at += piece.length;
  }
  return rest.length > 0 || endsWell(characters, at, characters.length);
}

function standsAt(piece: Piece, characters: readonly string[], at: number): boolean {
  return (
    at + piece.length <= characters.length &&
    piece.every((wanted, index) => wanted === undefined || wanted === characters[at + index])
  );
}
