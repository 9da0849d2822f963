/**
 * Texts that a match must hold: all texts of at least one of the alternatives. In lower case and of ASCII only, to be
 * looked for where case does not count.
 */
export type Needles = readonly (readonly string[])[];

/** Alternatives beyond which a part is given up: each is a clause, or a test of every event. */
const MOST_ALTERNATIVES = 64;
/** As many as two parts may make of theirs together, each by each. */
const MOST_PRODUCTS = 16;
const LONGEST_NEEDLE = 64;
const MOST_DEPTH = 50;

/** What a part of a pattern matches: just these texts, or anything that holds some needles (undefined: anything at all). */
type Part = { readonly exact: readonly string[] } | { readonly needles: Needles | undefined };

const ANY: Part = { needles: undefined };
const EMPTY: Part = { exact: [''] };

/**
 * What a text must hold for a pattern of RE2 to be found in it; undefined where nothing can be told. Source of the idea:
 * RE2's prefilter (Russ Cox, "Regular Expression Matching with a Trigram Index").
 */
export function regexNeedles(source: string, flags: string): Needles | undefined {
  const [leading = '', set = ''] = /^\(\?([imsU]+)\)/.exec(source) ?? [];
  const pattern = source.slice(leading.length);
  // Other flags inside a pattern and quoted literals change how the rest of it reads.
  if (/\(\?(?!:|P?<)|\\Q/.test(pattern)) return undefined;
  const reader = new PatternReader(pattern, `${flags}${set}`.includes('i'));
  return needlesOf(reader.read());
}

class PatternReader {
  readonly #source: string;
  readonly #caseless: boolean;
  #at = 0;
  #depth = 0;

  constructor(source: string, caseless: boolean) {
    this.#source = source;
    this.#caseless = caseless;
  }

  read(): Part {
    const part = this.#alternation();
    return this.#at < this.#source.length ? ANY : part;
  }

  #alternation(): Part {
    const parts = [this.#sequence()];
    while (this.#source[this.#at] === '|') {
      this.#at++;
      parts.push(this.#sequence());
    }
    return either(parts);
  }

  #sequence(): Part {
    let needles: Needles | undefined;
    let isExact = true;
    let run: readonly string[] = [''];
    for (;;) {
      const next = this.#source[this.#at];
      if (next === undefined || next === '|' || next === ')') break;
      const part = this.#repeated();
      const longer = 'exact' in part ? product(run, part.exact) : undefined;
      if (longer !== undefined) {
        run = longer;
        continue;
      }
      isExact = false;
      needles = both(needles, needlesOf({ exact: run }));
      run = [''];
      if ('exact' in part) run = part.exact;
      else needles = both(needles, part.needles);
    }
    return isExact ? { exact: run } : { needles: both(needles, needlesOf({ exact: run })) };
  }

  #repeated(): Part {
    const part = this.#atom();
    const [quantifier = ''] = /^(?:[*+?]|\{\d+(?:,\d*)?\})/.exec(this.#source.slice(this.#at)) ?? [];
    if (quantifier === '') return part;
    this.#at += quantifier.length;
    if (this.#source[this.#at] === '?') this.#at++;
    if (quantifier === '?') return either([part, EMPTY]);
    if (quantifier === '*' || /^\{0+[,}]/.test(quantifier)) return ANY;
    return { needles: needlesOf(part) };
  }

  #atom(): Part {
    const character = this.#source[this.#at] ?? '';
    if (character === '(') return this.#group();
    if (character === '[') return this.#set();
    this.#at++;
    if (character === '^' || character === '$') return EMPTY;
    if (character === '.') return ANY;
    if (character !== '\\') return this.#literal(character);
    const escaped = this.#source[this.#at++] ?? '';
    if (/[bBAz]/.test(escaped)) return EMPTY;
    const control = CONTROLS[escaped];
    if (control !== undefined) return { exact: [control] };
    if (!/[A-Za-z0-9]/.test(escaped)) return this.#literal(escaped);
    this.#at += (LONG_ESCAPE.exec(this.#source.slice(this.#at - 1))?.[0].length ?? 1) - 1;
    return ANY;
  }

  #group(): Part {
    this.#at += /^\((?:\?:|\?P?<\w+>)?/.exec(this.#source.slice(this.#at))?.[0].length ?? 1;
    this.#depth++;
    // What is not read to its end is nothing that can be told about: `read` sees that something is left.
    if (this.#depth > MOST_DEPTH) return ANY;
    const part = this.#alternation();
    this.#depth--;
    if (this.#source[this.#at] === ')') this.#at++;
    return part;
  }

  #set(): Part {
    const found = /^\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]/s.exec(this.#source.slice(this.#at))?.[0] ?? '[';
    this.#at += found.length;
    const inner = found.slice(1, -1);
    // Only single plain characters: `[Ee]`, `[_-]`.
    if (!/^[A-Za-z0-9_ ./:-]+$/.test(inner) || /.-./.test(inner)) return ANY;
    return either(Array.from(inner, (character) => this.#literal(character)));
  }

  #literal(character: string): Part {
    const isAscii = character.charCodeAt(0) < 0x80;
    // The Kelvin sign is a k in any case, and the long s an s.
    if (!isAscii || (this.#caseless && /[ksKS]/.test(character))) return ANY;
    return { exact: [character.toLowerCase()] };
  }
}

/** Escapes of more than one character behind the backslash. */
const LONG_ESCAPE = /^(?:[pPx]\{[^}]*\}|[pP].|x..|[0-7]{2,3})/su;

const CONTROLS: { readonly [escaped: string]: string } = { n: '\n', t: '\t', r: '\r', f: '\f', v: '\v', a: '\u0007' };

function either(parts: readonly Part[]): Part {
  const exact = new Set<string>();
  for (const part of parts) {
    if (!('exact' in part)) {
      exact.clear();
      break;
    }
    for (const text of part.exact) exact.add(text);
  }
  if (exact.size > 0 && exact.size <= MOST_ALTERNATIVES) return { exact: [...exact] };
  const all: (readonly string[])[] = [];
  for (const part of parts) {
    const needles = needlesOf(part);
    if (needles === undefined) return ANY;
    all.push(...needles);
  }
  return all.length > MOST_ALTERNATIVES ? ANY : { needles: all };
}

function needlesOf(part: Part): Needles | undefined {
  if (!('exact' in part)) return part.needles;
  return part.exact.includes('') ? undefined : part.exact.map((text) => [text]);
}

/** Undefined where it would be too much. */
function product(first: readonly string[], second: readonly string[]): string[] | undefined {
  if (areTooMany(first, second)) return undefined;
  const all = [...new Set(first.flatMap((left) => second.map((right) => left + right)))];
  return all.some((text) => text.length > LONGEST_NEEDLE) ? undefined : all;
}

/** Where both together would be too much, the one that says more. */
function both(first: Needles | undefined, second: Needles | undefined): Needles | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  if (!areTooMany(first, second)) return first.flatMap((left) => second.map((right) => [...left, ...right]));
  return shortest(first) >= shortest(second) ? first : second;
}

function areTooMany({ length: first }: readonly unknown[], { length: second }: readonly unknown[]): boolean {
  return first > 1 && second > 1 && first * second > MOST_PRODUCTS;
}

function shortest(needles: Needles): number {
  return Math.min(...needles.map((texts) => Math.max(...texts.map((text) => text.length))));
}
