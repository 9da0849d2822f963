import type { GroupKey, Stage, StatFunction } from './ast.ts';
import { columnsBehind, missingColumn } from './check-columns.ts';
import { columnOfFunction, columnOfKey } from './columns.ts';
import { durationOf } from './duration.ts';
import { nearest } from './nearest.ts';
import { parseOr } from './parse-filter.ts';
import type { Scanner } from './scanner.ts';

const STAGES: Record<string, (scanner: Scanner) => Stage> = {
  where: (scanner) => ({ kind: 'where', filter: parseOr(scanner, undefined) }),
  stats: parseStats,
  top: (scanner) => ({ kind: 'top', n: parseCount(scanner), key: parseKey(scanner) }),
  patterns: parsePatterns,
  sort: (scanner) => ({ kind: 'sort', keys: parseList(scanner, parseSortKey) }),
  limit: (scanner) => ({ kind: 'limit', n: parseCount(scanner) }),
  fields: (scanner) => ({ kind: 'fields', fields: parseList(scanner, parseField) }),
  dedup: (scanner) => ({ kind: 'dedup', fields: parseList(scanner, parseField) }),
};

const FUNCTIONS_OF_FIELD = ['sum', 'avg', 'min', 'max', 'distinct', 'first', 'last'] as const;
const FUNCTIONS = ['count', 'rate', ...FUNCTIONS_OF_FIELD, 'p50', 'p90', 'p95', 'p99'];
/** What ends a name in a stage, beside blanks, brackets and `|`. */
const STOPS = ',';

/** `( '|' stage )*` to the end of the text. */
export function parseStages(scanner: Scanner): Stage[] {
  const stages: Stage[] = [];
  let columns: readonly string[] | undefined;
  for (scanner.skipBlanks(); !scanner.atEnd; scanner.skipBlanks()) {
    if (!scanner.take('|')) throw scanner.unexpected('| before the next stage');
    scanner.skipBlanks();
    const name = scanner.match(/[A-Za-z]+/y) ?? '';
    const parse = Object.hasOwn(STAGES, name.toLowerCase()) ? STAGES[name.toLowerCase()] : undefined;
    if (parse === undefined) {
      const expected = `a stage (${Object.keys(STAGES).join(', ')})`;
      throw scanner.unexpected(expected, Object.keys(STAGES));
    }
    scanner.position += name.length;
    scanner.skipBlanks();
    const offset = scanner.position;
    const stage = parse(scanner);
    if (columns !== undefined) checkColumns(scanner, stage, columns, offset);
    columns = columnsBehind(stage, columns);
    stages.push(stage);
  }
  return stages;
}

/** Behind statistics there is a table: a stage that names no column of it could only fail, or find nothing. */
function checkColumns(scanner: Scanner, stage: Stage, columns: readonly string[], from: number): void {
  const missing = missingColumn(stage, columns);
  if (missing === undefined) return;
  const found = scanner.text.indexOf(missing, from);
  const place =
    found < 0 ? { offset: from, length: scanner.position - from } : { offset: found, length: missing.length };
  const meant = nearest(missing, columns);
  throw scanner.error(`the statistics have no column ${missing}`, {
    ...place,
    hint: meant === undefined ? `there are ${columns.join(', ')}` : `did you mean ${meant}?`,
  });
}

function parseStats(scanner: Scanner): Stage {
  const columns = new Set<string>();
  const functions = parseList(scanner, (inside) => unique(inside, parseFunction, columnOfFunction, columns));
  scanner.skipBlanks();
  if (scanner.keyword(['BY']) === undefined) return { kind: 'stats', functions, by: [] };
  scanner.position += 2;
  return {
    kind: 'stats',
    functions,
    by: parseList(scanner, (inside) => unique(inside, parseKey, columnOfKey, columns)),
  };
}

/** Refuses two results of one name: as JSON, one of them would be lost. */
function unique<T>(
  scanner: Scanner,
  parse: (scanner: Scanner) => T,
  columnOf: (part: T) => string,
  columns: Set<string>,
): T {
  scanner.skipBlanks();
  const offset = scanner.position;
  const part = parse(scanner);
  const column = columnOf(part);
  if (columns.has(column))
    throw scanner.error(`two results would be called ${column}`, { offset, length: scanner.position - offset });
  columns.add(column);
  return part;
}

function parsePatterns(scanner: Scanner): Stage {
  return scanner.match(/\d/y) === undefined ? { kind: 'patterns' } : { kind: 'patterns', n: parseCount(scanner) };
}

function parseList<T>(scanner: Scanner, parse: (scanner: Scanner) => T): T[] {
  const parts: T[] = [];
  do {
    scanner.skipBlanks();
    parts.push(parse(scanner));
    scanner.skipBlanks();
  } while (scanner.take(','));
  return parts;
}

function parseCount(scanner: Scanner): number {
  const text = scanner.match(/\d{1,15}(?=[\s|]|$)/y);
  if (text === undefined || Number(text) === 0) throw scanner.unexpected('a whole number from 1');
  scanner.position += text.length;
  scanner.skipBlanks();
  return Number(text);
}

function parseField(scanner: Scanner): string {
  scanner.skipBlanks();
  if (scanner.keyword(['BY']) !== undefined) throw scanner.unexpected('the name of a field');
  const field = scanner.next === '"' ? scanner.takeQuoted() : scanner.takeWord(STOPS)?.text;
  if (field === undefined || field === '') throw scanner.unexpected('the name of a field');
  return field;
}

/** `-count`, or a function as it was written in `stats`: `-p95(latency_ms)` sorts by its column. */
function parseSortKey(scanner: Scanner): { field: string; descending: boolean } {
  const descending = scanner.take('-');
  if (scanner.match(/[a-z][a-z\d.]*\(/iy) !== undefined)
    return { field: columnOfFunction(parseFunction(scanner)), descending };
  return { field: parseField(scanner), descending };
}

function parseFunction(scanner: Scanner): StatFunction {
  scanner.skipBlanks();
  const start = scanner.position;
  const name = scanner.takeMatch(/[A-Za-z][A-Za-z\d.]*/y)?.toLowerCase() ?? '';
  if (name === 'count' || name === 'rate') {
    if (scanner.take('(')) {
      scanner.skipBlanks();
      if (!scanner.take(')'))
        throw scanner.error(`${name}() takes no field`, { hint: 'count what has the field with: where field:*' });
    }
    return { kind: name };
  }
  const kind = FUNCTIONS_OF_FIELD.find((known) => known === name);
  if (kind !== undefined) return { kind, field: parseArgument(scanner, name) };
  const percent = /^p(\d{1,2}(?:\.\d{1,6})?|100)$/.exec(name)?.[1];
  if (percent !== undefined && Number(percent) > 0)
    return { kind: 'percentile', p: Number(percent), field: parseArgument(scanner, name) };
  scanner.position = start;
  const suggestion = nearest(name, FUNCTIONS);
  if (suggestion === undefined || name === '') throw scanner.unexpected(`a function (${FUNCTIONS.join(', ')})`);
  const wrong = `expected a function (${FUNCTIONS.join(', ')}), found ${name}`;
  throw scanner.error(wrong, { length: name.length, hint: `did you mean ${suggestion}?` });
}

function parseArgument(scanner: Scanner, name: string): string {
  if (!scanner.take('(')) throw scanner.unexpected(`(field) after ${name}`);
  const field = parseField(scanner);
  closeArguments(scanner);
  return field;
}

function closeArguments(scanner: Scanner): void {
  scanner.skipBlanks();
  if (!scanner.take(')')) throw scanner.unexpected(')');
}

function parseKey(scanner: Scanner): GroupKey {
  scanner.skipBlanks();
  if (scanner.takeMatch(/every\(/iy) !== undefined) return parseEvery(scanner);
  if (scanner.takeMatch(/bucket\(/iy) === undefined) return { kind: 'field', field: parseField(scanner) };
  const field = parseField(scanner);
  scanner.skipBlanks();
  if (!scanner.take(',')) throw scanner.unexpected('a comma and the size of a bucket');
  scanner.skipBlanks();
  const text = scanner.match(/\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y) ?? '';
  const size = Number(text);
  if (text === '' || size <= 0 || !Number.isFinite(size))
    throw scanner.unexpected('the size of a bucket, a number above 0');
  scanner.position += text.length;
  closeArguments(scanner);
  return { kind: 'bucket', field, size };
}

function parseEvery(scanner: Scanner): GroupKey {
  scanner.skipBlanks();
  const offset = scanner.position;
  const text = scanner.takeWord(STOPS)?.text ?? '';
  const interval = durationOf(text);
  if (interval === undefined || interval === 0n) {
    throw scanner.error('expected how long a bucket of time is', {
      offset,
      length: text.length,
      hint: 'write a duration: every(1m), every(6h), every(1d)',
    });
  }
  closeArguments(scanner);
  return { kind: 'every', interval };
}
