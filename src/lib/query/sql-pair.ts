/** A condition with `?` where its parameters go, in order. TRUE or FALSE for every row, never NULL. */
export interface Sql {
  readonly text: string;
  readonly params: readonly (string | bigint | number)[];
}

/** Rows outside `may` do not match; rows inside `surely` do. One and the same object where the condition is exact. */
export interface Pair {
  readonly may: Sql;
  readonly surely: Sql;
}

export const TRUE: Sql = { text: 'TRUE', params: [] };
export const FALSE: Sql = { text: 'FALSE', params: [] };

export function sql(text: string, ...params: (string | bigint | number)[]): Sql {
  return { text, params };
}

/** What does not surely match may not match, and the reverse. */
export function negation(pair: Pair): Pair {
  const surely = not(pair.may);
  return { surely, may: pair.may === pair.surely ? surely : not(pair.surely) };
}

export function intersection(pairs: readonly Pair[]): Pair {
  return combine(pairs, allOf);
}

export function union(pairs: readonly Pair[]): Pair {
  return combine(pairs, anyOf);
}

function combine(pairs: readonly Pair[], join: (parts: readonly Sql[]) => Sql): Pair {
  const may = join(pairs.map((pair) => pair.may));
  return {
    may,
    surely: pairs.every((pair) => pair.may === pair.surely) ? may : join(pairs.map((pair) => pair.surely)),
  };
}

function not(condition: Sql): Sql {
  if (condition === TRUE) return FALSE;
  return condition === FALSE ? TRUE : sql(`NOT (${condition.text})`, ...condition.params);
}

export function allOf(parts: readonly Sql[]): Sql {
  return join(parts, ' AND ', TRUE, FALSE);
}

export function anyOf(parts: readonly Sql[]): Sql {
  return join(parts, ' OR ', FALSE, TRUE);
}

/** Both, the second only where the first holds: DuckDB puts the parts of an AND in the order of what it takes for their cost. */
export function inOrder(first: Sql, second: Sql): Sql {
  if (first === FALSE || second === FALSE) return FALSE;
  if (first === TRUE) return second;
  return sql(`CASE WHEN ${first.text} THEN ${second.text} ELSE FALSE END`, ...first.params, ...second.params);
}

/** The second where the first holds, else the third. */
export function either(first: Sql, second: Sql, third: Sql): Sql {
  return sql(
    `CASE WHEN ${first.text} THEN ${second.text} ELSE ${third.text} END`,
    ...[first, second, third].flatMap(({ params }) => params),
  );
}

/** `neutral` parts say nothing, one `deciding` part says all. */
function join(parts: readonly Sql[], operator: string, neutral: Sql, deciding: Sql): Sql {
  if (parts.includes(deciding)) return deciding;
  const [first, ...others] = parts.filter((part) => part !== neutral);
  if (first === undefined) return neutral;
  if (others.length === 0) return first;
  const kept = [first, ...others];
  return sql(`(${kept.map((part) => part.text).join(operator)})`, ...kept.flatMap((part) => part.params));
}

/** A pair that can be trusted only where a condition holds: other rows may match, and none of them surely. */
export function where(trusted: Sql, pair: Pair): Pair {
  return { may: anyOf([pair.may, not(trusted)]), surely: allOf([pair.surely, trusted]) };
}

/** Both conditions are one and the same. */
export function exactly(condition: Sql): Pair {
  return { may: condition, surely: condition };
}

/** Rows of which nothing is known. */
export const UNSURE: Pair = { may: TRUE, surely: FALSE };
