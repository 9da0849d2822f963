import { LogsError } from '../../../errors.ts';

/** One hit of an answer, its parts as the JSON text that they came in. */
export interface Hit {
  readonly index: string;
  readonly id: string;
  /** The `_source`, byte for byte as it was sent; undefined where none was asked for. */
  readonly source: string | undefined;
  /** The sort values: what `search_after` takes. */
  readonly sort: string;
}

/** An answer to a search: its hits apart, all else parsed. */
export interface Found {
  readonly hits: readonly Hit[];
  readonly rest: SearchRest;
}

export interface SearchRest {
  readonly timed_out?: boolean;
  readonly pit_id?: string;
  readonly _shards?: {
    readonly total: number;
    readonly successful?: number;
    readonly failed?: number;
    readonly failures?: readonly {
      readonly index?: string;
      readonly reason?: { readonly reason?: string; readonly type?: string };
    }[];
  };
  readonly hits?: { readonly total?: { readonly value: number } };
  readonly aggregations?: { readonly [name: string]: unknown };
}

/** Shards that gave nothing. One that is nowhere now counts as neither successful nor failed. */
export function silentShards({ _shards }: SearchRest): number {
  if (_shards === undefined) return 0;
  const { total, failed = 0, successful = total - failed } = _shards;
  return Math.max(failed, total - successful);
}

/**
 * Takes the hits out of an answer in one pass. `JSON.parse` of the whole would round numbers, and a reader that does
 * not is slow: so each source is cut out and read for itself. `where` names the server: throws REMOTE_UNSUITABLE for
 * what is no answer to a search.
 */
export function readFound(text: string, where: string): Found {
  // An empty page must not pass for one that has no hits.
  if (!text.startsWith('{') || !text.includes('"_shards"')) {
    throw new LogsError('REMOTE_UNSUITABLE', `${where} answers a search with something else`, {
      hint: 'is it Elasticsearch or OpenSearch, and nothing in between?',
    });
  }
  const scanner = new Scanner(text);
  const hits: Hit[] = [];
  const rest: string[] = [];
  scanner.object((key) => {
    if (key !== 'hits') {
      rest.push(`${JSON.stringify(key)}:${scanner.value()}`);
      return;
    }
    const inner: string[] = [];
    scanner.object((name) => {
      if (name === 'hits') scanner.array(() => hits.push(readHit(scanner)));
      else inner.push(`${JSON.stringify(name)}:${scanner.value()}`);
    });
    rest.push(`"hits":{${inner.join(',')}}`);
  });
  return { hits, rest: JSON.parse(`{${rest.join(',')}}`) as SearchRest };
}

function readHit(scanner: Scanner): Hit {
  const parts = { _index: '""', _id: '""', _source: undefined as string | undefined, sort: '[]' };
  scanner.object((key) => {
    const value = scanner.value();
    if (key === '_index' || key === '_id' || key === '_source' || key === 'sort') parts[key] = value;
  });
  return {
    index: JSON.parse(parts._index) as string,
    id: JSON.parse(parts._id) as string,
    source: parts._source,
    sort: parts.sort,
  };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Walks JSON that is known to be right. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Calls for each member; the call must take the value. */
  object(member: (key: string) => void): void {
    this.#each(0x7d, () => {
      const from = this.#at;
      this.#skipString();
      const key = this.#text.slice(from + 1, this.#at - 1);
      this.#blank();
      this.#at++;
      member(key);
    });
  }

  array(element: () => void): void {
    this.#each(0x5d, element);
  }

  #each(end: number, one: () => void): void {
    this.#blank();
    this.#at++;
    for (;;) {
      this.#blank();
      const code = this.#text.charCodeAt(this.#at);
      if (Number.isNaN(code)) return;
      if (code === end || code === 0x2c) this.#at++;
      if (code === end) return;
      if (code !== 0x2c) one();
    }
  }

  /** The text of the value that is next. */
  value(): string {
    this.#blank();
    const from = this.#at;
    const first = this.#text.charCodeAt(from);
    if (first === QUOTE) this.#skipString();
    else if (first === 0x7b || first === 0x5b) this.#skipNested();
    else while (this.#at < this.#text.length && !/[\s,}\]]/.test(this.#text.charAt(this.#at))) this.#at++;
    return this.#text.slice(from, this.#at);
  }

  #skipNested(): void {
    let depth = 0;
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE) {
        this.#skipString();
        this.#at--;
      } else if (code === 0x7b || code === 0x5b) depth++;
      else if (code === 0x7d || code === 0x5d) {
        depth--;
        if (depth === 0) break;
      }
    }
    this.#at++;
  }

  #skipString(): void {
    let end = this.#at;
    for (;;) {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) {
        this.#at = this.#text.length;
        return;
      }
      let slashes = 0;
      while (this.#text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
      if (slashes % 2 === 0) break;
    }
    this.#at = end + 1;
  }

  #blank(): void {
    while (this.#text.charCodeAt(this.#at) <= 0x20) this.#at++;
  }
}
