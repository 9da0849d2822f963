import type { Filter, GroupKey, Query, Scalar, Stage, StatFunction, Value } from './ast.ts';
import { isCidr } from './cidr.ts';
import { formatDuration } from './duration.ts';
import { fieldKind } from './field-kind.ts';
import { plainScalar } from './parse-scalar.ts';
import { looksLikeField } from './scanner.ts';

/** A query as text; `parseQuery(printQuery(query))` is an equal tree. Every event is `*`. */
export function printQuery(query: Query): string {
  return [printFilter(query.filter), ...query.stages.map(printStage)].join(' | ');
}

/** A filter as text; `parseFilter` reads an equal tree. */
export function printFilter(filter: Filter): string {
  switch (filter.kind) {
    case 'all':
      return '*';
    case 'and':
      return filter.filters.map((part) => inBrackets(part, part.kind === 'and' || part.kind === 'or')).join(' AND ');
    case 'or':
      return filter.filters.map((part) => inBrackets(part, part.kind === 'or')).join(' OR ');
    case 'not':
      return `NOT ${inBrackets(filter.filter, filter.filter.kind === 'and' || filter.filter.kind === 'or')}`;
    case 'compare':
      return `${printField(filter.field)}${filter.op}${printScalar(filter.scalar, filter.field)}`;
    case 'match':
      return filter.field === undefined
        ? printValue(filter.value, undefined)
        : `${printField(filter.field)}:${printValue(filter.value, filter.field)}`;
  }
}

function inBrackets(filter: Filter, needed: boolean): string {
  return needed ? `(${printFilter(filter)})` : printFilter(filter);
}

/** A field's name before `:` or an operator; quoted wherever it would not be read back as it is. */
function printField(field: string): string {
  if (field === '*') return '*';
  return /^[\p{L}_@][\p{L}\p{N}_.@]*$/u.test(field) && field !== '_exists_' ? field : quote(field);
}

function printValue(value: Value, field: string | undefined): string {
  switch (value.kind) {
    case 'any':
      return '*';
    case 'term':
      return printTerm(value.text, field);
    case 'phrase':
      return quote(value.text);
    case 'wildcard':
      return printWildcard(value.pattern, field);
    case 'regex':
      return `/${escapeSlashes(value.source)}/${value.flags}`;
    case 'cidr':
      return value.text;
    case 'range': {
      const [from, to] = [value.from, value.to].map((bound) => (bound === '*' ? '*' : printScalar(bound, field ?? '')));
      return `${value.includeFrom ? '[' : '{'}${from} TO ${to}${value.includeTo ? ']' : '}'}`;
    }
    case 'in':
      return `in(${value.values.map((scalar) => printScalar(scalar, field ?? '')).join(', ')})`;
    case 'in-file':
      return `in(@${quote(value.path)})`;
  }
}

function printTerm(text: string, field: string | undefined): string {
  const escaped = escapeWord(text).replace(/[*?]/g, '\\$&');
  if (field === undefined) return guardStart(escaped);
  return /^[-!:<>=[{/]/.test(escaped) || isKeyword(escaped) || isCidr(text) ? `\\${escaped}` : escaped;
}

/** Escapes a bare word that would be read as a negation, a keyword, a field or a pattern. */
function guardStart(escaped: string): string {
  const text = isKeyword(escaped) || /^[-!/]|^\*:/.test(escaped) ? `\\${escaped}` : escaped;
  return looksLikeField(text)
    ? text.replace(/\\[^]|[:=<>!]/gu, (piece) => (piece.length > 1 ? piece : `\\${piece}`))
    : text;
}

function isKeyword(text: string): boolean {
  return /^(?:and|or|not)$/i.test(text) || /^(?:&&|\|\|)/.test(text);
}

/** The pattern with its own escapes; what else the parser would stop at is escaped too. */
function printWildcard(pattern: string, field: string | undefined): string {
  let text = '';
  for (const [piece] of pattern.matchAll(/\\[*?\\]|[^]/gu))
    text += piece.length > 1 && piece.startsWith('\\') ? piece : escapeWord(piece);
  // `*:` alone means all fields; escaping the star instead of the colon would make it a letter.
  if (field === undefined) return guardStart(text.replace(/^\*:/, '*\\:'));
  return /^[-!:<>=[{/&]/.test(text) ? `\\${text}` : text;
}

function escapeWord(text: string): string {
  return text.replace(/[\s\\()|",\]}]/gu, '\\$&');
}

function escapeSlashes(source: string): string {
  return source.replace(/\\[^]|\//gu, (piece) => (piece === '/' ? '\\/' : piece));
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

function printScalar(scalar: Scalar, field: string): string {
  switch (scalar.kind) {
    case 'number':
      return `${scalar.text}${scalar.unit ?? ''}`;
    case 'date':
      return scalar.text;
    case 'relative':
      return `now${printOffset(scalar.offset)}${scalar.round === undefined ? '' : `/${scalar.round}`}`;
    case 'text':
      return scalar.quoted ? quote(scalar.text) : printPlain(scalar.text, field);
  }
}

function printOffset(offset: bigint): string {
  if (offset === 0n) return '';
  return offset < 0n ? `-${formatDuration(-offset)}` : `+${formatDuration(offset)}`;
}

/** Text that was typed without quotes: escaped where it would be read as a number, a date or a time. */
function printPlain(text: string, field: string): string {
  const escaped = escapeWord(text);
  const isTime = fieldKind(field) === 'time';
  const isMistaken =
    /^(?:[=<>*@]|now)/i.test(text) ||
    (isTime ? /^\d/.test(text) : plainScalar(text).kind !== 'text' || /^\d/.test(text));
  return isMistaken && !escaped.startsWith('\\') ? `\\${escaped}` : escaped;
}

function printStage(stage: Stage): string {
  switch (stage.kind) {
    case 'where':
      return `where ${printFilter(stage.filter)}`;
    case 'stats': {
      const by = stage.by.length === 0 ? '' : ` by ${stage.by.map(printKey).join(', ')}`;
      return `stats ${stage.functions.map(printFunction).join(', ')}${by}`;
    }
    case 'top':
      return `top ${stage.n} ${printKey(stage.key)}`;
    case 'patterns':
      return stage.n === undefined ? 'patterns' : `patterns ${stage.n}`;
    case 'sort':
      return `sort ${stage.keys.map((key) => `${key.descending ? '-' : ''}${printName(key.field)}`).join(', ')}`;
    case 'limit':
      return `limit ${stage.n}`;
    case 'fields':
    case 'dedup':
      return `${stage.kind} ${stage.fields.map(printName).join(', ')}`;
  }
}

/** One statistic as it is written: `count()`, `p95(latency_ms)`. */
function printFunction(statistic: StatFunction): string {
  if (statistic.kind === 'count' || statistic.kind === 'rate') return `${statistic.kind}()`;
  const name = statistic.kind === 'percentile' ? `p${statistic.p}` : statistic.kind;
  return `${name}(${printName(statistic.field)})`;
}

/** One group key as it is written: `service`, `every(1m)`, `bucket(latency_ms,100)`. */
function printKey(key: GroupKey): string {
  if (key.kind === 'every') return `every(${formatDuration(key.interval)})`;
  return key.kind === 'field' ? printName(key.field) : `bucket(${printName(key.field)},${key.size})`;
}

/** A field's name inside a stage. */
function printName(field: string): string {
  return /^[\p{L}_@][\p{L}\p{N}_.@/]*$/u.test(field) && !/^by$/i.test(field) ? field : quote(field);
}
