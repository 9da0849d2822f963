import type { CompareOp, Filter } from './ast.ts';
import { parseScalar } from './parse-scalar.ts';
import { parseValue } from './parse-value.ts';
import type { Scanner } from './scanner.ts';

const COMPARE = />=|<=|!=|>|<|=/y;

/** `or := and ( ('OR'|'||') and )*`. Inside `field:( … )`, `field` is what clauses without a name are about. */
export function parseOr(scanner: Scanner, field: string | undefined): Filter {
  const filters = [parseAnd(scanner, field)];
  while (takeConnective(scanner, 'OR', '||')) filters.push(parseAnd(scanner, field));
  return filters.length === 1 && filters[0] !== undefined ? filters[0] : { kind: 'or', filters };
}

function parseAnd(scanner: Scanner, field: string | undefined): Filter {
  const filters = [parseNot(scanner, field)];
  while (takeConnective(scanner, 'AND', '&&') || termFollows(scanner)) filters.push(parseNot(scanner, field));
  return filters.length === 1 && filters[0] !== undefined ? filters[0] : { kind: 'and', filters };
}

function takeConnective(scanner: Scanner, word: string, sign: string): boolean {
  scanner.skipBlanks();
  if (scanner.take(sign)) return true;
  if (scanner.keyword([word]) === undefined) return false;
  scanner.position += word.length;
  return true;
}

function termFollows(scanner: Scanner): boolean {
  return !scanner.atEnd && !')|'.includes(scanner.next) && scanner.keyword(['OR']) === undefined;
}

function parseNot(scanner: Scanner, field: string | undefined): Filter {
  scanner.skipBlanks();
  const sign = scanner.match(/[-!](?!=)/y);
  if (sign !== undefined && /^\s?$/u.test(scanner.text.charAt(scanner.position + 1))) {
    throw scanner.error(`expected what is not to match straight after ${sign}`, {
      hint: `quote it to search for it: "${sign}"`,
    });
  }
  const not = sign ?? scanner.keyword(['NOT']);
  if (not === undefined) return parseTerm(scanner, field);
  scanner.position += not.length;
  return { kind: 'not', filter: scanner.nested(() => parseNot(scanner, field)) };
}

function parseTerm(scanner: Scanner, field: string | undefined): Filter {
  if (scanner.next === '(') return parseGroup(scanner, field);
  const connective = scanner.keyword(['AND', 'OR']) ?? scanner.match(/&&|\|\|/y);
  if (connective !== undefined) {
    const hint = `quote the word to search for it: "${connective.toLowerCase()}"`;
    throw scanner.error(`expected a term, found ${connective}`, { length: connective.length, hint });
  }
  if (scanner.atEnd || ')|'.includes(scanner.next)) throw scanner.unexpected('a term');
  const name = scanner.takeFieldName();
  if (name !== undefined) return parseClause(scanner, name);
  if (field !== undefined && scanner.match(COMPARE) !== undefined) return parseCompare(scanner, field);
  if (field === undefined && scanner.match(/\*(?=[\s()|"]|$)/y) !== undefined) {
    scanner.position++;
    return { kind: 'all' };
  }
  if (scanner.match(/\*:/y) !== undefined) {
    scanner.position++;
    return parseClause(scanner, '*');
  }
  const value = parseValue(scanner, field);
  return field === undefined ? { kind: 'match', value } : { kind: 'match', field, value };
}

function parseGroup(scanner: Scanner, field: string | undefined): Filter {
  const open = scanner.position++;
  const filter = scanner.nested(() => parseOr(scanner, field));
  scanner.skipBlanks();
  if (!scanner.take(')'))
    throw scanner.error('this bracket is never closed', { offset: open, hint: 'close it with )' });
  return filter;
}

/** What follows a field's name: `:value`, `:(filter)`, `:>scalar` or `>scalar`. */
function parseClause(scanner: Scanner, field: string): Filter {
  if (scanner.take(':')) {
    scanner.skipBlanks();
    if (field === '_exists_') return parseExists(scanner);
    if (scanner.next === '(') return parseGroup(scanner, field);
  } else {
    scanner.skipBlanks();
  }
  if (scanner.match(COMPARE) !== undefined) return parseCompare(scanner, field);
  const value = parseValue(scanner, field);
  return field === '*' && value.kind === 'any' ? { kind: 'all' } : { kind: 'match', field, value };
}

/** `_exists_:name`, as Kibana writes it. */
function parseExists(scanner: Scanner): Filter {
  const field = scanner.next === '"' ? scanner.takeQuoted() : scanner.takeWord()?.text;
  if (field === undefined || field === '') throw scanner.unexpected('the name of a field');
  return { kind: 'match', field, value: { kind: 'any' } };
}

function parseCompare(scanner: Scanner, field: string): Filter {
  const start = scanner.position;
  const op = scanner.takeMatch(COMPARE) as CompareOp;
  if (scanner.match(/[<>=]/y) !== undefined) {
    const wrong = `${op}${scanner.next} is no comparison`;
    const hint =
      op === '=' && scanner.next === '=' ? 'did you mean =?' : 'use one of > >= < <= = !=, or quote the whole text';
    throw scanner.error(wrong, { offset: start, length: op.length + 1, hint });
  }
  if (field === '*')
    throw scanner.error('a comparison needs a field', {
      offset: start,
      length: op.length,
      hint: 'name the field instead of *',
    });
  scanner.skipBlanks();
  return { kind: 'compare', field, op, scalar: parseScalar(scanner, field) };
}
