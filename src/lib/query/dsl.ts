import type { Level } from '../record/level.ts';
import { ALIASES, aliasOf, FIELD_ALIASES, nestedAliases, ROLE_NAMES, type Role } from '../record/aliases.ts';
import type { CompareOp, Filter, QueryClock, Scalar, Value } from './ast.ts';
import type { FieldIndex, FieldMap } from './dsl-fields.ts';
import {
  allOf,
  anyOf,
  type Dsl,
  type DslPair,
  EVERY,
  exactly,
  intersection,
  negation,
  NONE,
  not,
  partsOf,
  perhaps,
  UNSURE,
  union,
} from './dsl-pair.ts';
import { containing, exists, holdingNeedles, onWords } from './dsl-text.ts';
import { timeIn } from './dsl-time.ts';
import { onCompare, onValue } from './dsl-value.ts';
import { fieldKind, soleRole } from './field-kind.ts';
import { levelsOfCompare, levelsOfValue } from './levels.ts';
import { regexNeedles } from './regex-needles.ts';
import { literalsOf } from './text-match.ts';
import { instantsOfCompare, instantsOfValue, type Instants } from './times.ts';

/** Servers refuse queries nested deeper than 30; each level of a filter may need two. */
const MOST_NESTED = 10;
const TEXT_FIELDS = ['error.message', 'error.stack_trace', 'stack', 'exception'];
/** Where our documents keep fields that do not fit their mapping (docs/elasticsearch.md). */
const BESIDE = '_fields.';

export interface CompiledDsl extends DslPair {
  /** Clauses that an index answers with much more than matches, which is looked at on our side. */
  readonly partial: readonly Filter[];
}

/**
 * A filter as two queries over what indices hold: documents outside `may` do not match, documents inside `surely` do,
 * and only those between need to be looked at. In indices that are not ours nothing is sure. Texts of the query are
 * values, never parsed by the server.
 */
export function compileDsl(filter: Filter, clock: QueryClock, fields: FieldMap): CompiledDsl {
  const compiler = new Compiler(clock, fields);
  const { may, surely } = compiler.pair(filter, 0);
  return { may, surely: fields.ours ? surely : NONE, partial: compiler.partial };
}

/** The two queries of a filter as JSON, for a person. */
export function explainDsl(filter: Filter, clock: QueryClock, fields: FieldMap): string {
  const { may, surely } = compileDsl(filter, clock, fields);
  return JSON.stringify(may === surely ? { query: may } : { may, surely }, undefined, 2);
}

/** What an index says of a clause, and the documents for which it must not be believed. */
interface Clause {
  readonly pair: DslPair;
  readonly doubt: Dsl;
}

const UNKNOWN: Clause = { pair: UNSURE, doubt: NONE };

type Leaf = (index: FieldIndex, path: string) => DslPair;

class Compiler {
  readonly partial: Filter[] = [];
  readonly #clock: QueryClock;
  readonly #fields: FieldMap;

  constructor(clock: QueryClock, fields: FieldMap) {
    this.#clock = clock;
    this.#fields = fields;
  }

  pair(filter: Filter, depth: number): DslPair {
    if (depth > MOST_NESTED) {
      this.partial.push(filter);
      return UNSURE;
    }
    switch (filter.kind) {
      case 'all':
        return exactly(EVERY);
      case 'and':
        return intersection(filter.filters.map((part) => this.pair(part, depth + 1)));
      case 'or':
        return union(filter.filters.map((part) => this.pair(part, depth + 1)));
      case 'not':
        return negation(this.pair(filter.filter, depth + 1));
      case 'match':
        return this.#clause(filter, this.#match(filter.field, filter.value));
      case 'compare': {
        const { op } = filter;
        if (op === '!=') return this.#clause(filter, this.#compare(filter.field, '=', filter.scalar), negation);
        return this.#clause(filter, this.#compare(filter.field, op, filter.scalar));
      }
    }
  }

  /** Notes what is unsure, but not for the sake of the documents that the index must not be trusted for. */
  #clause(filter: Filter, { pair, doubt }: Clause, turned: (pair: DslPair) => DslPair = asIs): DslPair {
    const said = turned(pair);
    if (said.may !== said.surely && (isWide(said.may) || isPattern(filter))) this.partial.push(filter);
    // Where nothing is sure, that must be known before a negation makes what may match what surely does not.
    const { may, surely } = this.#fields.ours ? said : turned(perhaps(pair.may));
    if (doubt === NONE) return { may, surely };
    return { may: anyOf([may, doubt]), surely: allOf([surely, not(doubt)]) };
  }

  #match(field: string | undefined, value: Value): Clause {
    if (field === '*') return UNKNOWN;
    if (field === undefined) return this.#bare(value);
    const leaf: Leaf = (index, path) => onValue(index, path, field, value);
    switch (fieldKind(field)) {
      case 'level':
        return this.#onRole(field, 'level', levelIn(levelsOfValue(value, field)), leaf);
      case 'time': {
        const instants = instantsOfValue(value, this.#clock);
        return instants === undefined ? UNKNOWN : this.#onTime(field, instants, leaf);
      }
      case 'text':
        return this.#onValue(field, value, (index, path) => onText(index, path, value) ?? leaf(index, path));
      case 'value':
        return this.#onValue(field, value, leaf);
    }
  }

  #compare(field: string, op: Exclude<CompareOp, '!='>, scalar: Scalar): Clause {
    const leaf: Leaf = (index, path) => onCompare(index, path, field, op, scalar);
    switch (fieldKind(field)) {
      case 'level':
        return this.#onRole(field, 'level', levelIn(levelsOfCompare(op, scalar, field)), leaf);
      case 'time':
        return this.#onTime(field, instantsOfCompare(op, scalar, this.#clock), leaf);
      default:
        return this.#onField(field, leaf);
    }
  }

  /** The record's level or time, or what a field of just this name still holds beside it. */
  #onRole(field: string, role: 'level' | 'time', condition: Dsl, leaf: Leaf): Clause {
    if (!this.#fields.ours) return UNKNOWN;
    // Every document has a level as it is; of times a few are outside what an index holds.
    const ofRole = { pair: exactly(condition), doubt: role === 'level' ? NONE : doubtOf(this.#fields, ['@timestamp']) };
    if (soleRole(field) !== undefined) return ofRole;
    const beside = this.#onNames(namesOf(field), ownPaths(field), leaf);
    return { pair: union([ofRole.pair, beside.pair]), doubt: anyOf([ofRole.doubt, beside.doubt]) };
  }

  #onTime(field: string, instants: readonly Instants[], leaf: Leaf): Clause {
    if (field !== 'received_at') return this.#onRole(field, 'time', timeIn('@timestamp', instants), leaf);
    return this.#fields.ours ? { pair: exactly(timeIn('received_at', instants)), doubt: NONE } : UNKNOWN;
  }

  /** Any of the values that a name stands for: the role's, and those of fields of that name. */
  #onField(field: string, leaf: Leaf): Clause {
    if (!this.#fields.ours) return this.#onForeign(field, leaf);
    if (field === 'log_id') return { pair: this.#onPaths([field], leaf), doubt: NONE };
    const role = aliasOf(field)?.role;
    const roles = role === undefined ? [] : [ROLE_NAMES[role]];
    if (soleRole(field) !== undefined) return this.#onNames(roles, roles, leaf);
    return this.#onNames([...roles, ...namesOf(field)], [...roles, ...ownPaths(field)], leaf);
  }

  /** A word is looked for in every field of running text. */
  #bare(value: Value): Clause {
    const leaf: Leaf = (index, path) => onText(index, path, value) ?? perhaps(exists(path));
    const messages = this.#fields.ours ? ['message'] : aliasPaths('message', this.#fields);
    if (messages === undefined) return UNKNOWN;
    const paths = [...messages, ...this.#textPaths(''), ...this.#textPaths(BESIDE)];
    const { pair, doubt } = this.#onNames([...messages, ...TEXT_FIELDS], paths, leaf);
    // Of those that found no place in the mapping only the documents tell.
    return { pair, doubt: anyOf([doubt, ...doubtBelow(this.#fields, 'exception')]) };
  }

  #textPaths(prefix: string): string[] {
    const known = TEXT_FIELDS.map((name) => `${prefix}${name}`);
    return [...known, ...this.#fields.below(`${prefix}exception`)].filter(
      (path) => this.#fields.get(path) !== undefined,
    );
  }

  #onNames(names: readonly string[], paths: readonly string[], leaf: Leaf): Clause {
    // Where a text is indexed twice, the one that is whole may be too long for it.
    const terms = paths.flatMap((path) => this.#fields.get(path)?.terms ?? []);
    return { pair: this.#onPaths(paths, leaf), doubt: doubtOf(this.#fields, names, terms) };
  }

  /** An object is there also where the index has nothing of what is in it. */
  #onValue(field: string, value: Value, leaf: Leaf): Clause {
    const clause = this.#onField(field, leaf);
    if (!isAny(value)) return clause;
    const known = ownPaths(field).flatMap((path) => this.#fields.get(path) ?? []);
    if (known.length > 0 && !known.some(({ object }) => object === true)) return clause;
    const below = namesOf(field).flatMap((name) => doubtBelow(this.#fields, name));
    return { ...clause, doubt: anyOf([clause.doubt, ...below]) };
  }

  #onPaths(paths: readonly string[], leaf: Leaf): DslPair {
    return union(
      paths.map((path) => {
        const index = this.#fields.get(path);
        if (index === undefined) return exactly(NONE);
        return index.hidden === true ? UNSURE : leaf(index, path);
      }),
    );
  }

  /** In documents of others a name stands for all that senders call it. What we would name ourselves is not looked for. */
  #onForeign(field: string, leaf: Leaf): Clause {
    if (field.startsWith('_') || field === 'log_id' || field === 'clock_skew') return UNKNOWN;
    const role = aliasOf(field)?.role;
    const roles = role === undefined ? [] : aliasPaths(role, this.#fields);
    if (roles === undefined) return UNKNOWN;
    const others = [...FIELD_ALIASES].flatMap(([from, to]) => (to === field ? [from] : []));
    const paths = [...new Set([...roles, ...ownPaths(field), ...others])];
    return this.#onNames([...roles, ...namesOf(field), ...others], paths, leaf);
  }
}

/**
 * Documents that the index must not be trusted for as to some fields: by their names, or those of objects they are in.
 * The server says what it ignored by the `paths` of its index, our documents always by the names.
 */
export function doubtOf({ inexact }: FieldMap, names: readonly string[], paths: readonly string[] = []): Dsl {
  const all = [...new Set(names.flatMap(withParents))];
  const ignored = { terms: { _ignored: [...new Set([...all.flatMap(placesOf), ...paths.flatMap(withParents)])] } };
  return inexact === undefined ? ignored : anyOf([ignored, { terms: { [inexact]: ['*', ...all] } }]);
}

/** Documents that the index must not be trusted for as to what is in an object. */
function doubtBelow({ inexact }: FieldMap, name: string): Dsl[] {
  const below = (path: string, of: string) => ({ prefix: { [path]: { value: `${of}.` } } });
  const ignored = placesOf(name).map((place) => below('_ignored', place));
  return inexact === undefined ? ignored : [...ignored, below(inexact, name)];
}

/** The names that a query on a field looks for in documents. */
export function namesOf(field: string): string[] {
  const other = FIELD_ALIASES.get(field);
  return other === undefined ? [field] : [other, field];
}

/** Where our documents keep fields of a name. */
export function ownPaths(field: string): string[] {
  return namesOf(field).flatMap(placesOf);
}

/** A field is in `_fields` where it does not fit its mapping; names that begin with `_` are nowhere else, but are the server's own. */
function placesOf(name: string): string[] {
  const beside = `${BESIDE}${name}`;
  return name.startsWith('_') ? [beside] : [name, beside];
}

function asIs(pair: DslPair): DslPair {
  return pair;
}

function levelIn(levels: ReadonlySet<Level>): Dsl {
  return levels.size === 0 ? NONE : { terms: { level: [...levels] } };
}

function isAny(value: Value): boolean {
  return value.kind === 'any' || (value.kind === 'range' && value.from === '*' && value.to === '*');
}

/** Takes whatever has the field, or all there is. What is narrower has few documents that do not match. */
function isWide(dsl: Dsl): boolean {
  const { all, others } = partsOf(dsl);
  return dsl === EVERY || 'exists' in dsl || others.some(isWide) || (all.length > 0 && all.every(isWide));
}

function isPattern(filter: Filter): boolean {
  return filter.kind === 'match' && (filter.value.kind === 'regex' || filter.value.kind === 'wildcard');
}

function withParents(name: string): string[] {
  const names = [name];
  for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) names.push(name.slice(0, dot));
  return names;
}

/** Running text; undefined for values that are matched as those of other fields are. */
function onText(index: FieldIndex, path: string, value: Value): DslPair | undefined {
  if (value.kind !== 'term' && value.kind !== 'phrase' && value.kind !== 'wildcard' && value.kind !== 'regex') {
    return undefined;
  }
  if (index.words !== undefined) return onWords(index.words, path, value);
  if (index.terms === undefined) return perhaps(exists(path));
  switch (value.kind) {
    case 'term':
    case 'phrase':
      return perhaps(containing(index.terms, [value.text]));
    case 'wildcard':
      return perhaps(containing(index.terms, literalsOf(value.pattern)));
    case 'regex':
      return perhaps(holdingNeedles(index.terms, regexNeedles(value.source, value.flags)));
  }
}

/** The paths that indices have of what senders call a role; undefined where one holds objects that are read as text. */
function aliasPaths(role: Role, fields: FieldMap): string[] | undefined {
  const names = new Set(
    ALIASES[role].flatMap((name) => [name, name.toUpperCase(), name[0]?.toUpperCase() + name.slice(1)]),
  );
  const paths: string[] = [];
  for (const name of names) {
    const index = fields.get(name);
    if (index?.object === true && nestedAliases(name) === undefined) return undefined;
    if (index !== undefined && index.object !== true) paths.push(name);
  }
  return paths;
}
