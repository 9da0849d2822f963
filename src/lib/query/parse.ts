import type { Filter, Query } from './ast.ts';
import { parseOr } from './parse-filter.ts';
import { parseStages } from './parse-stages.ts';
import { Scanner } from './scanner.ts';

/**
 * Reads a whole query: a filter and its stages. Empty text is every event.
 * @throws LogsError QUERY_SYNTAX with the place (UTF-16 offset and length), what was expected and one suggestion.
 */
export function parseQuery(text: string): Query {
  const scanner = new Scanner(text);
  const filter = parseWholeFilter(scanner);
  const stages = parseStages(scanner);
  return { filter, stages };
}

/**
 * Reads a filter alone, where stages have no meaning (`--stop-on`, a route).
 * @throws LogsError QUERY_SYNTAX
 */
export function parseFilter(text: string): Filter {
  const scanner = new Scanner(text);
  const filter = parseWholeFilter(scanner);
  if (!scanner.atEnd)
    throw scanner.error('only a filter can stand here, no stages', { hint: 'leave out what follows the |' });
  return filter;
}

function parseWholeFilter(scanner: Scanner): Filter {
  scanner.skipBlanks();
  const filter: Filter = scanner.atEnd || scanner.next === '|' ? { kind: 'all' } : parseOr(scanner, undefined);
  scanner.skipBlanks();
  if (scanner.next === ')')
    throw scanner.error('this bracket closes nothing', { hint: 'quote it to search for it: ")"' });
  return filter;
}
