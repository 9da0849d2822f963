/** One query of Elasticsearch's query DSL. Whatever a user typed stands in it as a value, never as text to be parsed. */
export interface Dsl {
  readonly [clause: string]: unknown;
}

/** Documents outside `may` do not match; documents inside `surely` do. One and the same object where it is exact. */
export interface DslPair {
  readonly may: Dsl;
  readonly surely: Dsl;
}

export const EVERY: Dsl = { match_all: {} };
export const NONE: Dsl = { match_none: {} };
export const UNSURE: DslPair = { may: EVERY, surely: NONE };

export function exactly(dsl: Dsl): DslPair {
  return { may: dsl, surely: dsl };
}

/** What may match, of which nothing is sure. */
export function perhaps(may: Dsl): DslPair {
  return may === NONE ? exactly(NONE) : { may, surely: NONE };
}

/** What does not surely match may not match, and the reverse. */
export function negation(pair: DslPair): DslPair {
  const surely = not(pair.may);
  return { surely, may: pair.may === pair.surely ? surely : not(pair.surely) };
}

export function intersection(pairs: readonly DslPair[]): DslPair {
  return combine(pairs, allOf);
}

export function union(pairs: readonly DslPair[]): DslPair {
  return combine(pairs, anyOf);
}

function combine(pairs: readonly DslPair[], join: (parts: readonly Dsl[]) => Dsl): DslPair {
  const may = join(pairs.map((pair) => pair.may));
  return {
    may,
    surely: pairs.every((pair) => pair.may === pair.surely) ? may : join(pairs.map((pair) => pair.surely)),
  };
}

/** Negations and joins are flattened: servers refuse queries nested deeper than 30. */
export function not(dsl: Dsl): Dsl {
  if (dsl === EVERY) return NONE;
  if (dsl === NONE) return EVERY;
  const { must_not: [negated] = [], ...others } = boolOf(dsl);
  return negated !== undefined && Object.keys(others).length === 0 ? negated : { bool: { must_not: [dsl] } };
}

export function allOf(parts: readonly Dsl[]): Dsl {
  if (parts.includes(NONE)) return NONE;
  const kept = joined(parts, EVERY, 'filter');
  return kept.length > 1 ? { bool: { filter: kept } } : (kept[0] ?? EVERY);
}

export function anyOf(parts: readonly Dsl[]): Dsl {
  if (parts.includes(EVERY)) return EVERY;
  const kept = joined(parts, NONE, 'should');
  return kept.length > 1 ? { bool: { should: kept } } : (kept[0] ?? NONE);
}

/** What a join or a negation is made of: what must all be so, and the others. */
export function partsOf(dsl: Dsl): { readonly all: readonly Dsl[]; readonly others: readonly Dsl[] } {
  const { filter = [], should = [], must_not = [] } = boolOf(dsl);
  return { all: filter, others: [...should, ...must_not] };
}

interface Bool {
  readonly filter?: readonly Dsl[];
  readonly should?: readonly Dsl[];
  readonly must_not?: readonly Dsl[];
}

function boolOf(dsl: Dsl): Bool {
  return (dsl['bool'] as Bool | undefined) ?? {};
}

/** Those that say something, each once, with the parts of the same join in place of it. */
function joined(parts: readonly Dsl[], neutral: Dsl, join: 'filter' | 'should'): Dsl[] {
  const flat = parts.flatMap((part) => {
    const { [join]: inner, ...others } = boolOf(part);
    return inner !== undefined && Object.keys(others).length === 0 ? inner : [part];
  });
  return [...new Set(flat)].filter((part) => part !== neutral);
}
