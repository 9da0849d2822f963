import type { CompareOp, Filter, QueryClock, Scalar, Value } from './ast.ts';
import { decimalOf } from './decimal.ts';
import { fieldKind, isOurs, soleRole } from './field-kind.ts';
import { isLevelName } from './levels.ts';
import { aliasOf, FIELD_ALIASES } from '../record/aliases.ts';
import { allOf, ANY, anyOf, type Needs, NONE, partsOf, wordsOf } from './needs.ts';
import { regexNeeds } from './regex-needs.ts';
import { literalsOf } from './text-match.ts';
import { instantsOfCompare, instantsOfValue, type Instants } from './times.ts';

/**
 * What an event must hold to match a filter: never more than the predicate wants, so that where it cannot be met nothing
 * matches. What a filter denies needs nothing. Values are compared as numbers, levels, addresses and such in many
 * spellings: they need no more than the name of their field.
 */
export function filterNeeds(filter: Filter, clock: QueryClock): Needs {
  return needsOf(filter, clock, false);
}

function needsOf(filter: Filter, clock: QueryClock, denied: boolean): Needs {
  switch (filter.kind) {
    case 'all':
      return denied ? NONE : ANY;
    case 'and':
    case 'or': {
      const parts = filter.filters.map((part) => needsOf(part, clock, denied));
      return (filter.kind === 'and') === denied ? anyOf(parts) : allOf(parts);
    }
    case 'not':
      return needsOf(filter.filter, clock, !denied);
    case 'match': {
      const { field, value } = filter;
      return denied ? ANY : allOf([needsOfName(field), needsOfMatch(field, value, clock)]);
    }
    case 'compare': {
      const { field, op, scalar } = filter;
      if ((op === '!=') !== denied) return ANY;
      return allOf([needsOfName(field), needsOfCompare(field, op, scalar, clock)]);
    }
  }
}

/** What has a value under a name has a field of that name, unless the name can be that of something else. */
export function needsOfName(field: string | undefined): Needs {
  if (field === undefined || field === '*' || isOurs(field) || aliasOf(field) !== undefined) return ANY;
  const other = FIELD_ALIASES.get(field);
  return other === undefined ? wordsOf(field) : anyOf([wordsOf(field), wordsOf(other)]);
}

function needsOfMatch(field: string | undefined, value: Value, clock: QueryClock): Needs {
  if (field === undefined) return needsOfText(value);
  if (field === '*') return needsAnywhere(value);
  switch (fieldKind(field)) {
    case 'text':
      return needsOfText(value);
    case 'level':
      return ANY;
    case 'time':
      return onTime(field, instantsOfValue(value, clock));
    case 'value':
      return isOurs(field) ? ANY : needsOfValue(value);
  }
}

function needsOfCompare(field: string, op: CompareOp, scalar: Scalar, clock: QueryClock): Needs {
  const isEqual = op === '=' || op === '!=';
  switch (fieldKind(field)) {
    case 'level':
      return ANY;
    case 'time':
      return onTime(field, instantsOfCompare(op === '!=' ? '=' : op, scalar, clock));
    default:
      return isEqual && scalar.kind === 'text' && !isOurs(field) ? wordsOf(scalar.text) : ANY;
  }
}

/** Under an alias a field of that name may hold a time beside the event's own. */
function onTime(field: string, instants: readonly Instants[] | undefined): Needs {
  if (instants === undefined || soleRole(field) !== 'time') return ANY;
  return { kind: 'time', instants };
}

/** Words of running text: the edges of what is looked for cut no word. */
function needsOfText(value: Value): Needs {
  switch (value.kind) {
    case 'term':
    case 'phrase':
      return wordsOf(value.text);
    default:
      return needsOfValue(value);
  }
}

/** A value as it is. */
function needsOfValue(value: Value): Needs {
  switch (value.kind) {
    case 'term':
      return decimalOf(value.text) === undefined ? wordsOf(value.text) : ANY;
    case 'phrase':
      return wordsOf(value.text);
    case 'wildcard':
      return allOf(literalsOf(value.pattern).map(partsOf));
    case 'regex':
      return regexNeeds(value.source, value.flags);
    case 'in':
      return anyOf(value.values.map((scalar) => (scalar.kind === 'text' ? wordsOf(scalar.text) : ANY)));
    default:
      return ANY;
  }
}

/** The length of a log id, which is one word and in no filter. */
const LOG_ID = 32;
/** Times are written in digits, T and Z. */
const OF_TIME = /^[\dtz]+$/i;

/** `*:term`: over all values. Levels, times and ids have texts of ours that filters do not know. */
function needsAnywhere(value: Value): Needs {
  if (value.kind !== 'term' && value.kind !== 'phrase') return ANY;
  const words = (value.text.match(/\w+/g) ?? []).filter(
    (word) => word.length !== LOG_ID && !OF_TIME.test(word) && !isLevelName(word, 'level'),
  );
  return words.length === 0 ? ANY : allOf(words.map((text): Needs => ({ kind: 'word', text })));
}
