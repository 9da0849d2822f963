import { LogsError } from '../errors.ts';
import type { Scalar, Value } from './ast.ts';
import { isCidr } from './cidr.ts';
import { QUERY_LIMITS } from './limits.ts';
import { checkTime, parseScalar } from './parse-scalar.ts';
import { compileRegex } from './regex.ts';
import { checkRegexSyntax } from './regex-syntax.ts';
import type { Scanner } from './scanner.ts';

/** What stands after `field:`, or alone where `field` is undefined. */
export function parseValue(scanner: Scanner, field: string | undefined): Value {
  const offset = scanner.position;
  const value = readValue(scanner, field);
  const isOneText = value.kind === 'term' || value.kind === 'phrase' || value.kind === 'cidr';
  if (field !== undefined && isOneText) checkTime(scanner, field, value.text, offset);
  return value;
}

function readValue(scanner: Scanner, field: string | undefined): Value {
  if (scanner.next === '"') return parsePhrase(scanner);
  const regex = parseRegex(scanner);
  if (regex !== undefined) return regex;
  if (field !== undefined) {
    if (scanner.match(/[[{]/y) !== undefined) return parseRange(scanner, field);
    if (scanner.match(/in\(/iy) !== undefined) return parseIn(scanner, field);
  }
  const word = scanner.takeWord();
  if (word === undefined) throw scanner.unexpected(field === undefined ? 'a term' : `a value for ${field}`);
  if (word.pattern === '*') return { kind: 'any' };
  if (word.pattern !== undefined) return { kind: 'wildcard', pattern: word.pattern };
  if (field !== undefined && !word.escaped && isCidr(word.text)) return { kind: 'cidr', text: word.text };
  return { kind: 'term', text: word.text };
}

function parsePhrase(scanner: Scanner): Value {
  const text = scanner.takeQuoted();
  if (!scanner.atEnd && scanner.match(/[\s()|]/uy) === undefined) {
    throw scanner.error('a word begins straight after the quote', {
      hint: 'put a blank before it, or write \\" for a quote inside',
    });
  }
  return { kind: 'phrase', text };
}

/** `/…/flags`, if that is the whole term: `/api/v1/orders` is a path, so the second unescaped `/` must end it. */
function parseRegex(scanner: Scanner): Value | undefined {
  const found = scanner.match(/\/(?:[^/\\]|\\[^])+\/[a-z]*(?=[\s()|]|$)/uy);
  if (found === undefined) return undefined;
  const end = found.lastIndexOf('/');
  const source = found.slice(1, end).replaceAll('\\/', '/');
  const flags = found.slice(end + 1);
  if (!/^[ims]*$/.test(flags)) return undefined;
  if (source.length > QUERY_LIMITS.regex) {
    throw scanner.error(
      `the regular expression has ${source.length} characters; at most ${QUERY_LIMITS.regex} are compiled`,
      { length: found.length },
    );
  }
  const problem = checkRegexSyntax(source);
  if (problem !== undefined) {
    const at = { offset: scanner.position + 1 + problem.offset, length: problem.length, hint: problem.hint };
    throw scanner.error(problem.wrong, { ...at, code: 'QUERY_SYNTAX' });
  }
  checkEngine(scanner, source, flags, found.length);
  scanner.position += found.length;
  return { kind: 'regex', source, flags: [...new Set(flags)].sort().join('') };
}

/** What only the engine knows to be wrong (`[z-a]`) is told where it stands too, before anything is read. */
function checkEngine(scanner: Scanner, source: string, flags: string, length: number): void {
  try {
    compileRegex(source, flags);
  } catch (error) {
    if (!(error instanceof LogsError)) throw error;
    throw scanner.error(error.message, error.hint === undefined ? { length } : { length, hint: error.hint });
  }
}

function parseRange(scanner: Scanner, field: string): Value {
  const open = scanner.position;
  const includeFrom = scanner.next === '[';
  scanner.position++;
  const from = parseBound(scanner, field);
  scanner.skipBlanks();
  if (scanner.keyword(['TO']) === undefined) throw scanner.unexpected('TO between the bounds of a range', ['TO']);
  scanner.position += 2;
  const to = parseBound(scanner, field);
  scanner.skipBlanks();
  const close = scanner.takeMatch(/[\]}]/y);
  if (close === undefined)
    throw scanner.error('this range is never closed', {
      offset: open,
      hint: 'close it with ] (bound included) or } (not included)',
    });
  return { kind: 'range', from, to, includeFrom, includeTo: close === ']' };
}

function parseBound(scanner: Scanner, field: string): Scalar | '*' {
  scanner.skipBlanks();
  return scanner.takeMatch(/\*(?=[\s\]}])/y) === undefined ? parseScalar(scanner, field, ']}') : '*';
}

function parseIn(scanner: Scanner, field: string): Value {
  const open = scanner.position + 2;
  scanner.position = open + 1;
  scanner.skipBlanks();
  if (scanner.take('@')) {
    const path = scanner.next === '"' ? scanner.takeQuoted() : scanner.takeWord()?.text;
    if (path === undefined || path === '') throw scanner.unexpected('the name of a file');
    closeList(scanner, open);
    return { kind: 'in-file', path };
  }
  const values: Scalar[] = [];
  do {
    scanner.skipBlanks();
    values.push(parseScalar(scanner, field, ','));
    scanner.skipBlanks();
  } while (scanner.take(','));
  closeList(scanner, open);
  return { kind: 'in', values };
}

function closeList(scanner: Scanner, open: number): void {
  scanner.skipBlanks();
  if (scanner.take(')')) return;
  if (scanner.atEnd) throw scanner.error('this list is never closed', { offset: open, hint: 'close it with )' });
  throw scanner.unexpected('a comma or )');
}
