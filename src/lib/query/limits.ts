/** What a query may cost before it is refused, each with its reason. */
export const QUERY_LIMITS = {
  /** Characters of a whole query: longer ones are lists, which belong into `in(@file)`, and every term is tried on every event. */
  text: 64 * 1024,
  /** Brackets and negations inside each other: the parser and every compiler recurse once for each. */
  nesting: 100,
  /** Characters of one regular expression: compile time and program size of RE2 grow with it. */
  regex: 10 * 1024,
  /** Groups of statistics, values of one `distinct` and keys of `dedup`. */
  groups: 1_000_000,
  /** Bytes of memory for all of those that one query keeps, about. */
  kept: 512 * 1024 * 1024,
  /** Bytes of events that `sort` holds: it can give none before it has seen all. */
  sorted: 512 * 1024 * 1024,
} as const;
