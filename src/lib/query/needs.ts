import type { Instants } from './times.ts';

/**
 * What some text of an event must hold for a filter to match it: whole words and parts of words, ASCII letters, digits
 * and `_`, in any case; and when it must have happened. `any` is no need at all, `none` cannot be met.
 */
export type Needs =
  | { readonly kind: 'any' | 'none' }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Needs[] }
  /** A run of word characters with none before it and none behind. */
  | { readonly kind: 'word'; readonly text: string }
  /** At least three word characters, perhaps inside a longer run. */
  | { readonly kind: 'part'; readonly text: string }
  | { readonly kind: 'time'; readonly instants: readonly Instants[] };

export const ANY: Needs = { kind: 'any' };
export const NONE: Needs = { kind: 'none' };

const LEAST_PART = 3;

export function allOf(parts: readonly Needs[]): Needs {
  return joined('and', parts, ANY, NONE);
}

export function anyOf(parts: readonly Needs[]): Needs {
  return joined('or', parts, NONE, ANY);
}

function joined(kind: 'and' | 'or', parts: readonly Needs[], neutral: Needs, deciding: Needs): Needs {
  if (parts.some((part) => part.kind === deciding.kind)) return deciding;
  const kept = parts.filter((part) => part.kind !== neutral.kind);
  const [only] = kept;
  if (only === undefined) return neutral;
  return kept.length === 1 ? only : { kind, parts: kept };
}

/** The need for a part of a word; for one that is too short, none. */
function partOf(text: string): Needs {
  return text.length < LEAST_PART ? ANY : { kind: 'part', text };
}

/** The need for every word of a text that no word goes on from at either end. */
export function wordsOf(text: string): Needs {
  return allOf((text.match(/\w+/g) ?? []).map((word): Needs => ({ kind: 'word', text: word })));
}

/** The need for a text that words may go on from, as at the ends of `*text*`. */
export function partsOf(text: string): Needs {
  return allOf((text.match(/\w+/g) ?? []).map(partOf));
}

/** Whether a need can be met, by a test of single words, parts and times. */
export function canBeMet(
  needs: Needs,
  single: (need: Extract<Needs, { kind: 'word' | 'part' | 'time' }>) => boolean,
): boolean {
  switch (needs.kind) {
    case 'any':
      return true;
    case 'none':
      return false;
    case 'and':
      return needs.parts.every((part) => canBeMet(part, single));
    case 'or':
      return needs.parts.some((part) => canBeMet(part, single));
    default:
      return single(needs);
  }
}
