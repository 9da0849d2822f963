import type { EventContext } from '../record/record.ts';
import type { Filter, QueryClock } from './ast.ts';
import { filterNeeds } from './filter-needs.ts';
import { ANY, canBeMet, type Needs } from './needs.ts';

const OPENS_OBJECT = '{'.charCodeAt(0);
/** Docker's lines have others inside, of any format. */
const DOCKER = '{"log":"';
/** The one escape of JSON that hides letters and digits, at whatever depth. */
const ESCAPE = '\\u';

/** Whether the event between two offsets may match; `end` without its last LF. */
export type MayMatch = (start: number, end: number) => boolean;

const ALWAYS: MayMatch = () => true;

/**
 * Tells of events, by their bytes alone, that they cannot match a filter: most of them need not be parsed then. Only of
 * JSON: its names and values stand in the line letter by letter, but for names that are ours or stand for a role, where
 * other formats have names for numbers.
 */
export class LineNeeds {
  readonly #needs: Needs;

  constructor(filter: Filter, clock: QueryClock) {
    // In values that are made when an event is parsed there may be anything.
    this.#needs = asksAnywhere(filter) ? ANY : filterNeeds(filter, clock);
  }

  /** For the events of some bytes that were shipped with one context. Never no where the predicate says yes. */
  within(bytes: Uint8Array, context: EventContext): MayMatch {
    const needs = this.#needs;
    if (needs.kind === 'any' || (context.format !== undefined && context.format !== 'json')) return ALWAYS;
    const added = JSON.stringify(context).toLowerCase();
    if (added.includes(ESCAPE)) return ALWAYS;
    // Each byte a character; what is looked for is ASCII.
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').toLowerCase();
    const mayMeet = (part: string): boolean =>
      canBeMet(needs, (need) => {
        if (need.kind === 'time') return true;
        const word = need.text.toLowerCase();
        return part.includes(word) || added.includes(word);
      });
    // Most often all of it can be told at once.
    const isIn = mayMeet(text);
    const hasEscapes = text.includes(ESCAPE);
    return (start, end) => {
      if (text.charCodeAt(start) !== OPENS_OBJECT || text.startsWith(DOCKER, start)) return true;
      if (!isIn && !hasEscapes) return false;
      const line = text.slice(start, end);
      return (isIn && mayMeet(line)) || (hasEscapes && line.includes(ESCAPE));
    };
  }
}

function asksAnywhere(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.some(asksAnywhere);
    case 'not':
      return asksAnywhere(filter.filter);
    default:
      return 'field' in filter && filter.field === '*';
  }
}
