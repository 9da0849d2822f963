import { aliasOf, ROLE_NAMES } from '../record/aliases.ts';
import type { Filter, Query, Scalar, Value } from './ast.ts';
import { fieldKind } from './field-kind.ts';
import { isLevelName } from './levels.ts';
import { nearest } from './nearest.ts';

const KNOWN = [...Object.values(ROLE_NAMES), 'log_id', 'received_at'];

/**
 * What is legal in a query but seldom meant, one sentence each: `NOT a OR b`, a word that names no level, a slip in
 * the name of a field that every event has. `text` is what was typed, to tell brackets that the tree leaves out.
 */
export function lintQuery(query: Query, text: string): string[] {
  const lints = new Set<string>();
  const filters = [query.filter, ...query.stages.flatMap((stage) => (stage.kind === 'where' ? [stage.filter] : []))];
  for (const filter of filters) lintFilter(filter, text, lints);
  return [...lints];
}

function lintFilter(filter: Filter, text: string, lints: Set<string>): void {
  switch (filter.kind) {
    case 'all':
      return;
    case 'or':
      lintOr(filter.filters, text, lints);
      for (const part of filter.filters) lintFilter(part, text, lints);
      return;
    case 'and':
      for (const part of filter.filters) lintFilter(part, text, lints);
      return;
    case 'not':
      lintFilter(filter.filter, text, lints);
      return;
    case 'match':
      if (filter.field === undefined || filter.field === '*') return;
      lintField(filter.field, lints);
      lintLevels(filter.field, wordsOf(filter.value), lints);
      return;
    case 'compare':
      lintField(filter.field, lints);
      lintLevels(filter.field, wordsOfScalars([filter.scalar]), lints);
  }
}

function lintOr(parts: readonly Filter[], text: string, lints: Set<string>): void {
  const hasBrackets = text.includes('(');
  if (!hasBrackets && parts.some((part) => part.kind === 'not')) {
    lints.add('NOT is applied before OR: NOT a OR b means (NOT a) OR b; write NOT (a OR b) to exclude both');
  }
  if (!hasBrackets && parts.some((part) => part.kind === 'and')) {
    lints.add('AND is applied before OR: a b OR c means (a AND b) OR c; write a (b OR c) for the other');
  }
}

function lintField(field: string, lints: Set<string>): void {
  const known = KNOWN.includes(field) || aliasOf(field) !== undefined;
  const meant = fieldKind(field) === 'value' && !known ? nearest(field, KNOWN) : undefined;
  if (meant !== undefined && Math.abs(meant.length - field.length) < 2) {
    lints.add(`${field} is taken for a field of the events; did you mean ${meant}?`);
  }
}

function lintLevels(field: string, words: readonly string[], lints: Set<string>): void {
  if (fieldKind(field) !== 'level') return;
  for (const word of words) {
    if (!isLevelName(word, field))
      lints.add(`${word} names no level; levels are TRACE DEBUG INFO WARN ERROR FATAL UNKNOWN`);
  }
}

function wordsOf(value: Value): readonly string[] {
  if (value.kind === 'term' || value.kind === 'phrase') return [value.text];
  if (value.kind === 'in') return wordsOfScalars(value.values);
  return value.kind === 'range' ? wordsOfScalars([value.from, value.to].filter((bound) => bound !== '*')) : [];
}

function wordsOfScalars(scalars: readonly Scalar[]): readonly string[] {
  return scalars.flatMap((scalar) => (scalar.kind === 'relative' ? [] : [scalar.text]));
}
