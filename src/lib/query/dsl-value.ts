import type { CompareOp, Scalar, Value } from './ast.ts';
import { parseCidr } from './cidr.ts';
import { plainQuantity } from './compare.ts';
import { type Decimal, decimalOf } from './decimal.ts';
import type { FieldIndex } from './dsl-fields.ts';
import { allOf, anyOf, type Dsl, type DslPair, EVERY, exactly, NONE, not, perhaps, UNSURE, union } from './dsl-pair.ts';
import { luceneRegex } from './dsl-regex.ts';
import { exists, holdingNeedles, holdsWords } from './dsl-text.ts';
import { regexNeedles } from './regex-needles.ts';

/** Values of a list that the server takes in one clause (`index.max_terms_count`). */
const MOST_TERMS = 65_536;
/** Characters of a regular expression (`index.max_regex_length`). */
const MAX_REGEX = 1000;
/** Digits that a double always holds. */
const SAFE_DIGITS = 15;
/** Far more than what doubles lose when a unit is changed. */
const ROUNDING = 1e-9;
/** Numbers below it are finite in every unit. */
const FINITE_IN_UNITS = 1e290;
/** What JavaScript trims; Java only those of ASCII. */
const BLANKS = '\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';
const UNIT_TEXT = `.*[0-9].*[A-Za-zµμ${BLANKS}].*|[${BLANKS}].*[0-9].*`;

/** What a value on a field that is matched exactly and in its case takes, by how the field is indexed. */
export function onValue(index: FieldIndex, path: string, field: string, value: Value): DslPair {
  switch (value.kind) {
    case 'any':
      return onAny(index, path);
    case 'term': {
      const number = decimalOf(value.text);
      return number === undefined ? onTexts(index, path, [value.text]) : equalNumber(index, path, number);
    }
    case 'phrase':
      return onTexts(index, path, [value.text]);
    case 'wildcard':
      return onWildcard(index, path, value.pattern);
    case 'regex':
      return onRegex(index, path, value.source, value.flags);
    case 'cidr':
      return onNetwork(index, path, value.text);
    case 'range':
      return onRange(index, path, field, value);
    case 'in':
      return onList(index, path, field, value.values);
    case 'in-file':
      return exactly(NONE);
  }
}

/** `field op scalar` on such a field. */
export function onCompare(
  index: FieldIndex,
  path: string,
  field: string,
  op: Exclude<CompareOp, '!='>,
  scalar: Scalar,
): DslPair {
  if (op === '=') return onList(index, path, field, [scalar]);
  const isLower = op === '>' || op === '>=';
  const bound = { includeFrom: op === '>=', includeTo: op === '<=' } as const;
  const range = { kind: 'range', from: isLower ? scalar : '*', to: isLower ? '*' : scalar, ...bound } as const;
  return onRange(index, path, field, range);
}

/**
 * An object is there to the index also where only a name with a dot begins so: `"a.b": 1` has no `a`. And a name with a
 * star is a pattern there.
 */
function onAny(index: FieldIndex, path: string): DslPair {
  if (index.unseen === true) return UNSURE;
  return index.object === true || path.includes('*') ? perhaps(exists(path)) : exactly(exists(path));
}

/** The field's value is one of these texts. */
function onTexts(index: FieldIndex, path: string, texts: readonly string[]): DslPair {
  if (index.terms !== undefined && texts.every(hasOneSpelling) && texts.length <= MOST_TERMS) {
    const { terms } = index;
    const [only] = texts;
    if (only === undefined) return exactly(NONE);
    return exactly(texts.length === 1 ? { term: { [terms]: only } } : { terms: { [terms]: texts } });
  }
  if (index.words === undefined || texts.length > 100) return perhaps(exists(path));
  const { words } = index;
  return perhaps(anyOf(texts.map((text) => holdsWords(words, path, text))));
}

/** What UTF-8 gives back as it was put in. */
function hasOneSpelling(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

function equalNumber(index: FieldIndex, path: string, number: Decimal): DslPair {
  const { numbers } = index;
  if (numbers === undefined) return perhaps(numberTexts(index, path));
  if (!Number.isFinite(number.near)) return exactly(NONE);
  // 0 and -0 are two numbers to the server.
  const dsl = number.near === 0 ? range(numbers, { gte: 0, lte: 0 }) : { term: { [numbers]: number.near } };
  return orLate(index, path, isSafe(number) ? exactly(dsl) : perhaps(dsl));
}

/**
 * Documents whose number may be indexed as it was written only: it came when its shard knew texts of the field, and
 * another shard at the same moment made the field have numbers too.
 */
export function lateNumbers(index: FieldIndex, path: string): Dsl {
  const { terms, numbers, several = EVERY } = index;
  if (numbers === undefined || terms === undefined) return NONE;
  const known = LATE.get(index);
  if (known !== undefined) return known;
  const isNumbered = { range: { [numbers]: { gte: -Number.MAX_VALUE, lte: Number.MAX_VALUE } } };
  // Where all are numbers no term begins otherwise: that is seen without looking at each. But a text has numbers beside it.
  const isText = { regexp: { [terms]: { value: '[^0-9+.\\-].*', flags: 'NONE' } } };
  const late = allOf([exists(path), not(isNumbered), anyOf([not(isText), several])]);
  LATE.set(index, late);
  return late;
}

/** One object for each field, so that a list of values asks for them once. */
const LATE = new WeakMap<FieldIndex, Dsl>();

function orLate(index: FieldIndex, path: string, { may, surely }: DslPair): DslPair {
  const late = lateNumbers(index, path);
  return late === NONE && may === surely ? exactly(may) : { may: anyOf([may, late]), surely };
}

/** No other decimal of as many digits has the same double; documents with more are marked. */
function isSafe({ near, text }: Decimal): boolean {
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '');
  return digits.length <= SAFE_DIGITS && (near !== 0 || digits === '') && Math.abs(near) < 1e290;
}

function onWildcard(index: FieldIndex, path: string, pattern: string): DslPair {
  if (index.terms === undefined || !hasOneSpelling(pattern)) return perhaps(exists(path));
  const value = [...pattern.matchAll(/\\[*?\\]|[^]/gu)].map(([token]) => (token === '\\' ? '\\\\' : token)).join('');
  return exactly({ wildcard: { [index.terms]: { value } } });
}

function onRegex(index: FieldIndex, path: string, source: string, flags: string): DslPair {
  if (index.terms === undefined) return perhaps(exists(path));
  const value = luceneRegex(source, flags);
  if (value !== undefined && value.length <= MAX_REGEX)
    return exactly({ regexp: { [index.terms]: { value, flags: 'NONE' } } });
  return perhaps(holdingNeedles(index.terms, regexNeedles(source, flags)));
}

/** Addresses of IPv4 as they can be written; those of IPv6 can be written in too many ways. */
function onNetwork(index: FieldIndex, path: string, text: string): DslPair {
  const network = parseCidr(text);
  if (network === undefined) return exactly(NONE);
  if (index.terms === undefined) return perhaps(exists(path));
  const { terms } = index;
  const asWritten = { term: { [terms]: text } };
  const withColon = { wildcard: { [terms]: { value: '*:*' } } };
  if (network.bits === 128) return { may: anyOf([asWritten, withColon]), surely: asWritten };
  const octets = [0, 1, 2, 3].map((at) => octetOf(network.head, network.prefix, at));
  const written = { regexp: { [terms]: { value: octets.join('\\.'), flags: 'NONE' } } };
  const surely = anyOf([asWritten, written]);
  return { may: anyOf([surely, withColon]), surely };
}

const OCTET = '(25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])';

/** One to three digits for the numbers that an octet of a network takes. */
function octetOf(head: bigint, prefix: number, at: number): string {
  const bits = Math.min(8, Math.max(0, prefix - at * 8));
  if (bits === 0) return OCTET;
  const behind = BigInt(Math.max(0, prefix - at * 8 - 8));
  const first = Number((head >> behind) & ((1n << BigInt(bits)) - 1n)) << (8 - bits);
  const all = Array.from({ length: 1 << (8 - bits) }, (_, more) => String(first + more));
  return `(${all.map((octet) => `${'0?'.repeat(3 - octet.length)}${octet}`).join('|')})`;
}

function onList(index: FieldIndex, path: string, field: string, values: readonly Scalar[]): DslPair {
  const texts = new Set<string>();
  const pairs: DslPair[] = [];
  for (const scalar of values) {
    if (scalar.kind === 'text') texts.add(scalar.text);
    else if (scalar.kind === 'number' && scalar.unit === undefined) {
      const number = decimalOf(scalar.text);
      // A text that is wholly the number is in the index of numbers too.
      if (number !== undefined) pairs.push(equalNumber(index, path, number));
    } else if (scalar.kind === 'number') pairs.push(equalQuantity(index, path, field, scalar));
    else pairs.push(perhaps(exists(path)));
  }
  if (texts.size > 0) pairs.push(onTexts(index, path, [...texts]));
  return pairs.length > 500 ? perhaps(exists(path)) : union(pairs);
}

function equalQuantity(index: FieldIndex, path: string, field: string, scalar: Scalar & { kind: 'number' }): DslPair {
  if (index.numbers === undefined) return perhaps(anyOf([numberTexts(index, path), unitTexts(index, path)]));
  const { low, high } = quantityBounds(field, scalar);
  return orLate(index, path, perhaps(anyOf([range(index.numbers, { gte: low, lte: high }), unitTexts(index, path)])));
}

/** A quantity in the field's plain unit, and what is surely below and above it. */
function quantityBounds(field: string, scalar: Scalar & { kind: 'number' }): { low: number; high: number } {
  const near = scalar.unit === undefined ? Number(scalar.text) : plainQuantity(scalar.text, scalar.unit, field);
  // Beyond all doubles is a number as near there as the quantity itself: whether it is below or equal only we can say.
  if (near === Infinity) return { low: FINITE_IN_UNITS, high: Number.MAX_VALUE };
  if (near === -Infinity) return { low: -Number.MAX_VALUE, high: -FINITE_IN_UNITS };
  const off = Math.abs(near) * ROUNDING;
  return { low: finite(near - off), high: finite(near + off) };
}

function finite(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}

/** Numbers as they can be written, where an index has none but texts. */
function numberTexts({ terms }: FieldIndex, path: string): Dsl {
  if (terms === undefined) return exists(path);
  return { regexp: { [terms]: { value: '[+-]?[0-9]*\\.?[0-9]*([eE][+-]?[0-9]+)?', flags: 'NONE' } } };
}

/** Texts that may bring their own unit (`1m30s`, `10 MB`), or are numbers only to us for the blanks beside them. */
function unitTexts({ terms }: FieldIndex, path: string): Dsl {
  return terms === undefined ? exists(path) : { regexp: { [terms]: { value: UNIT_TEXT, flags: 'NONE' } } };
}

type Range = Value & { readonly kind: 'range' };

function onRange(index: FieldIndex, path: string, field: string, asked: Range): DslPair {
  const bounds = [asked.from, asked.to].filter((bound) => bound !== '*');
  if (bounds.length === 0) return onAny(index, path);
  const numbers = bounds.map(numberOfScalar);
  if (numbers.every((number) => number !== undefined)) return numberRange(index, path, asked);
  if (bounds.every((bound) => bound.kind === 'number')) return quantityRange(index, path, field, asked);
  return perhaps(bounds.every((bound) => bound.kind === 'text') ? textRange(index, path, asked) : exists(path));
}

/** The number that a bound is: a text that is wholly one is one too. */
function numberOfScalar(scalar: Scalar): Decimal | undefined {
  if (scalar.kind === 'number' && scalar.unit === undefined) return decimalOf(scalar.text);
  return scalar.kind === 'text' ? decimalOf(scalar.text) : undefined;
}

function numberRange(index: FieldIndex, path: string, asked: Range): DslPair {
  const { numbers } = index;
  if (numbers === undefined) return perhaps(numberTexts(index, path));
  const from = asked.from === '*' ? undefined : numberOfScalar(asked.from);
  const to = asked.to === '*' ? undefined : numberOfScalar(asked.to);
  const sides = [
    ...(from === undefined ? [] : [oneSide(from, asked.includeFrom ? 'gte' : 'gt')]),
    ...(to === undefined ? [] : [oneSide(to, asked.includeTo ? 'lte' : 'lt')]),
  ];
  // Two ranges would take an array with a number on either side.
  const [low, high] = sides;
  if (low === undefined) return exactly(exists(path));
  const may = high === undefined ? low.range : { ...low.range, ...high.range };
  const isExact = index.rounded !== true && sides.every((side) => side.isExact);
  return orLate(index, path, isExact ? exactly(range(numbers, may)) : perhaps(range(numbers, widened(may))));
}

type Bounds = { readonly [op in 'gt' | 'gte' | 'lt' | 'lte']?: number | string };

function oneSide({ near, text }: Decimal, op: 'gt' | 'gte' | 'lt' | 'lte') {
  return { range: { [op]: finite(near) } as Bounds, isExact: isSafe({ near, text }) };
}

/** What lies just at a bound that no double holds may be on either side of it. */
function widened({ gt, gte, lt, lte }: Bounds): Bounds {
  return {
    ...(gt === undefined && gte === undefined ? {} : { gte: (gt ?? gte) as number | string }),
    ...(lt === undefined && lte === undefined ? {} : { lte: (lt ?? lte) as number | string }),
  };
}

function quantityRange(index: FieldIndex, path: string, field: string, asked: Range): DslPair {
  if (index.numbers === undefined) return perhaps(anyOf([numberTexts(index, path), unitTexts(index, path)]));
  const from = asked.from === '*' ? undefined : quantityBounds(field, asked.from as Scalar & { kind: 'number' });
  const to = asked.to === '*' ? undefined : quantityBounds(field, asked.to as Scalar & { kind: 'number' });
  const may = range(index.numbers, {
    ...(from === undefined ? {} : { gte: from.low }),
    ...(to === undefined ? {} : { lte: to.high }),
  });
  const surely = range(index.numbers, {
    ...(from === undefined ? {} : { gt: from.high }),
    ...(to === undefined ? {} : { lt: to.low }),
  });
  return orLate(index, path, { may: anyOf([may, unitTexts(index, path)]), surely });
}

/** By code units, which only ASCII and the server's bytes order alike. */
function textRange({ terms }: FieldIndex, path: string, asked: Range): Dsl {
  const texts = [asked.from, asked.to].flatMap((bound) => (bound !== '*' && bound.kind === 'text' ? [bound.text] : []));
  if (terms === undefined || !texts.every((text) => /^[\u0000-\u007f]*$/.test(text))) return exists(path);
  return range(terms, {
    ...(asked.from === '*' || asked.from.kind !== 'text' ? {} : { gte: asked.from.text }),
    ...(asked.to === '*' || asked.to.kind !== 'text' ? {} : { lte: asked.to.text }),
  });
}

/** Bounds beside 0 take or leave -0 with it, which to the server is another number, just below. */
function range(path: string, bounds: Bounds): Dsl {
  const signed = Object.entries(bounds).map(([op, bound]) => [
    op,
    bound === 0 ? (op === 'gte' || op === 'lt' ? '-0.0' : '0.0') : bound,
  ]);
  return { range: { [path]: Object.fromEntries(signed) } };
}
