/** The query language's syntax tree. `print(parse(text))` parses to an equal tree. Positions are left out of it. */

export type Unit = 'ns' | 'us' | 'ms' | 's' | 'm' | 'h' | 'd' | 'w' | 'B' | 'KB' | 'KiB' | 'MB' | 'MiB' | 'GB' | 'GiB';

export type Scalar =
  | { readonly kind: 'number'; readonly text: string; readonly unit?: Unit }
  /** RFC 3339 date or time as written; resolved with the query's zone. */
  | { readonly kind: 'date'; readonly text: string }
  /** `now-1h/d`, `15m ago`, `15m`: an offset from now in ns (negative is the past), then rounded down to a unit. */
  | { readonly kind: 'relative'; readonly offset: bigint; readonly round?: 's' | 'm' | 'h' | 'd' | 'w' }
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean };

export type CompareOp = '>' | '>=' | '<' | '<=' | '=' | '!=';

/** What stands after `field:` or alone. Alone (`field` absent) it is over the text fields; `field: '*'` is all fields. */
export type Value =
  | { readonly kind: 'any' }
  | { readonly kind: 'term'; readonly text: string }
  | { readonly kind: 'phrase'; readonly text: string }
  /** `*` and `?` as wildcards; `\*` is a literal star. */
  | { readonly kind: 'wildcard'; readonly pattern: string }
  | { readonly kind: 'regex'; readonly source: string; readonly flags: string }
  | {
      readonly kind: 'range';
      readonly from: Scalar | '*';
      readonly to: Scalar | '*';
      readonly includeFrom: boolean;
      readonly includeTo: boolean;
    }
  | { readonly kind: 'cidr'; readonly text: string }
  | { readonly kind: 'in'; readonly values: readonly Scalar[] }
  /** `in(@file)`, one value a line. Only the command line resolves it (`resolveLists`); nothing else runs it. */
  | { readonly kind: 'in-file'; readonly path: string };

export type Filter =
  | { readonly kind: 'all' }
  | { readonly kind: 'and'; readonly filters: readonly Filter[] }
  | { readonly kind: 'or'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'match'; readonly field?: string; readonly value: Value }
  | { readonly kind: 'compare'; readonly field: string; readonly op: CompareOp; readonly scalar: Scalar };

export type StatFunction =
  | { readonly kind: 'count' }
  | { readonly kind: 'rate' }
  | { readonly kind: 'sum' | 'avg' | 'min' | 'max' | 'distinct' | 'first' | 'last'; readonly field: string }
  | { readonly kind: 'percentile'; readonly p: number; readonly field: string };

export type GroupKey =
  | { readonly kind: 'field'; readonly field: string }
  /** Nanoseconds. */
  | { readonly kind: 'every'; readonly interval: bigint }
  | { readonly kind: 'bucket'; readonly field: string; readonly size: number };

export type Stage =
  | { readonly kind: 'where'; readonly filter: Filter }
  | { readonly kind: 'stats'; readonly functions: readonly StatFunction[]; readonly by: readonly GroupKey[] }
  | { readonly kind: 'top'; readonly n: number; readonly key: GroupKey }
  | { readonly kind: 'patterns'; readonly n?: number }
  | { readonly kind: 'sort'; readonly keys: readonly { readonly field: string; readonly descending: boolean }[] }
  | { readonly kind: 'limit'; readonly n: number }
  | { readonly kind: 'fields'; readonly fields: readonly string[] }
  | { readonly kind: 'dedup'; readonly fields: readonly string[] };

export interface Query {
  readonly filter: Filter;
  readonly stages: readonly Stage[];
}

/** What a query needs from outside its text to mean one thing: the moment and the zone it was asked in. */
export interface QueryClock {
  /** Nanoseconds since 1970. */
  readonly now: bigint;
  /** IANA name, `UTC`, or `+hh:mm`. */
  readonly zone: string;
}
