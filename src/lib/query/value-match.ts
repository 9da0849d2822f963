import type { FieldValue } from '../record/record.ts';
import { LogsError } from '../errors.ts';
import type { QueryClock, Scalar, Value } from './ast.ts';
import { inNetwork, parseCidr } from './cidr.ts';
import { compileComparison, holds, numberOf, textOf } from './compare.ts';
import { compareDecimals, decimalKey, decimalOf } from './decimal.ts';
import { compileRegex } from './regex.ts';
import { containsPattern, containsTerm, matchesPattern, type TextTest } from './text-match.ts';

export type ValueTest = (value: FieldValue) => boolean;

/** What a value on a field that is neither text, level nor time matches: exactly and in the same case. */
export function compileValue(value: Value, field: string, clock: QueryClock): ValueTest {
  switch (value.kind) {
    case 'any':
      return (found) => found !== null;
    case 'term':
      return exactly(value.text);
    case 'phrase':
      return (found) => textOf(found) === value.text;
    case 'wildcard':
      return onText(matchesPattern(value.pattern));
    case 'regex':
      return onText(compileRegex(value.source, value.flags));
    case 'cidr': {
      const network = parseCidr(value.text);
      return (found) =>
        network !== undefined && typeof found === 'string' && (inNetwork(network, found) || found === value.text);
    }
    case 'range':
      return inRange(value, field, clock);
    case 'in':
      return inList(value.values, field, clock);
    case 'in-file':
      throw unresolved(value.path);
  }
}

/** What a value on running text matches: words, in any case. The rest is as for other fields. */
export function compileText(value: Value, field: string, clock: QueryClock): ValueTest {
  switch (value.kind) {
    case 'term':
    case 'phrase':
      return onText(containsTerm(value.text));
    case 'wildcard':
      return onText(containsPattern(value.pattern));
    default:
      return compileValue(value, field, clock);
  }
}

/** `field = scalar`: the very text, or the same number, quantity or time. What was quoted is text, whatever it looks like. */
export function equals(scalar: Scalar, field: string, clock: QueryClock): ValueTest {
  if (scalar.kind === 'text') return (found) => textOf(found) === scalar.text;
  const compare = compileComparison(scalar, field, clock);
  const written =
    scalar.kind === 'number'
      ? `${scalar.text}${scalar.unit ?? ''}`
      : scalar.kind === 'relative'
        ? undefined
        : scalar.text;
  return (found) => compare(found) === 0 || (written !== undefined && textOf(found) === written);
}

/** As `equals` with one of them, whatever their number: lists come from files. */
function inList(values: readonly Scalar[], field: string, clock: QueryClock): ValueTest {
  const texts = new Set<string>();
  const numbers = new Set<string>();
  const others: ValueTest[] = [];
  for (const scalar of values) {
    const isPlain = scalar.kind === 'number' && scalar.unit === undefined;
    const number = isPlain ? decimalOf(scalar.text) : undefined;
    if (number !== undefined) numbers.add(decimalKey(number));
    if (scalar.kind === 'text' || isPlain) texts.add(scalar.text);
    else others.push(equals(scalar, field, clock));
  }
  return (found) => {
    const text = textOf(found);
    if (text !== undefined && texts.has(text)) return true;
    const number = numbers.size === 0 ? undefined : numberOf(found);
    return (number !== undefined && numbers.has(decimalKey(number))) || others.some((test) => test(found));
  };
}

function exactly(text: string): ValueTest {
  const number = decimalOf(text);
  if (number === undefined) return (found) => textOf(found) === text;
  return (found) => {
    const other = numberOf(found);
    return other !== undefined && compareDecimals(other, number) === 0;
  };
}

function inRange(range: Value & { kind: 'range' }, field: string, clock: QueryClock): ValueTest {
  const { from, to } = range;
  const above = from === '*' ? undefined : compileComparison(from, field, clock);
  const below = to === '*' ? undefined : compileComparison(to, field, clock);
  return (found) => {
    const low = above?.(found);
    const high = below?.(found);
    const isAbove = above === undefined || (low !== undefined && holds(range.includeFrom ? '>=' : '>', low));
    const isBelow = below === undefined || (high !== undefined && holds(range.includeTo ? '<=' : '<', high));
    return isAbove && isBelow && found !== null;
  };
}

function onText(test: TextTest): ValueTest {
  return (found) => {
    const text = textOf(found);
    return text !== undefined && test(text);
  };
}

function unresolved(path: string): LogsError {
  return new LogsError('QUERY_UNSUPPORTED', `in(@${path}) is read by the command line only`, {
    hint: 'a file named in a query would be read on whatever machine runs it; list the values instead',
  });
}
