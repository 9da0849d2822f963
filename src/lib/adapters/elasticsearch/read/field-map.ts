import type { FieldIndex, FieldMap } from '../../../query/dsl-fields.ts';
import type { Dsl } from '../../../query/dsl-pair.ts';
import { INEXACT, nameOfPath, SEVERAL } from '../document/names.ts';
import { WORDS } from '../template/words.ts';

/** A mapping as the server tells it. */
export interface Mapping {
  readonly _meta?: { readonly logs?: { readonly version?: unknown } };
  readonly dynamic?: string | boolean;
  readonly properties?: { readonly [name: string]: Property };
}

interface Property {
  readonly type?: string;
  readonly analyzer?: string;
  readonly normalizer?: string;
  readonly index?: boolean;
  readonly doc_values?: boolean;
  readonly enabled?: boolean;
  readonly dynamic?: string | boolean;
  readonly properties?: { readonly [name: string]: Property };
  readonly fields?: { readonly [name: string]: Property };
}

export function isOurs({ _meta }: Mapping): boolean {
  return _meta?.logs?.version !== undefined;
}

const OBJECTS: ReadonlySet<string> = new Set(['object', 'passthrough']);
/** Objects whose fields are one field. */
const FLAT: ReadonlySet<string> = new Set(['flattened', 'flat_object']);
const HIDDEN: FieldIndex = { hidden: true };
const KEYWORDS: ReadonlySet<string> = new Set(['keyword', 'wildcard']);

/** What some mappings say together: of a path only what all that have it agree on. */
export function fieldMapOf(mappings: readonly Mapping[]): FieldMap {
  const ours = mappings.every(isOurs);
  const all = mappings.map((mapping) => readMapping(mapping, ours));
  const known = new Map<string, FieldIndex | undefined>();
  const get = (path: string): FieldIndex | undefined => {
    if (!known.has(path)) known.set(path, togetherAt(all, path));
    return known.get(path);
  };
  // Without our template our documents may be there all the same.
  const marks = all.flatMap(({ paths }) => paths.get(INEXACT) ?? []);
  const inexact = ours ? INEXACT : marks.reduce<FieldIndex | undefined>(agreed, undefined)?.terms;
  return {
    ours,
    ...(inexact === undefined ? {} : { inexact }),
    get,
    below: (path) => {
      const names = all.flatMap(({ paths }) => [...paths.keys()].filter((name) => name.startsWith(`${path}.`)));
      return [...new Set(names)];
    },
  };
}

/** What one mapping says. */
interface Known {
  readonly paths: ReadonlyMap<string, FieldIndex>;
  /** Paths by which a value is indexed once more. */
  readonly again: ReadonlySet<string>;
  /** What those begin with that it does not name and that documents may have all the same. */
  readonly closed: readonly string[];
}

function readMapping(mapping: Mapping, ours: boolean): Known {
  const paths = new Map<string, FieldIndex>();
  const again = new Set<string>();
  const closed = isDynamic(mapping.dynamic) ? [] : [''];
  eachProperty(mapping, '', (path, property, isNested) => {
    for (const name of Object.keys(property.fields ?? {})) again.add(`${path}.${name}`);
    const index = isNested ? HIDDEN : indexOf(path, property, ours);
    const isClosed = index.object === true && (property.enabled === false || !isDynamic(property.dynamic));
    if (isClosed || index.hidden === true || FLAT.has(property.type ?? '')) closed.push(`${path}.`);
    paths.set(path, isClosed ? HIDDEN : index);
  });
  for (const [path, { hidden }] of paths) if (hidden === true) showUnseen(paths, path);
  return { paths, again, closed };
}

/** The objects that a hidden path is in may have nothing else. */
function showUnseen(paths: Map<string, FieldIndex>, path: string): void {
  for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1)) {
    const index = paths.get(path.slice(0, dot));
    if (index?.object === true) paths.set(path.slice(0, dot), { ...index, unseen: true });
  }
}

function togetherAt(all: readonly Known[], path: string): FieldIndex | undefined {
  let together: FieldIndex | undefined;
  for (const { paths, closed } of all) {
    const index = paths.get(path) ?? (closed.some((prefix) => path.startsWith(prefix)) ? HIDDEN : undefined);
    if (index !== undefined) together = agreed(together, index);
  }
  // What is asked of the field, of one type, would be asked of what another index has of a value above it.
  return together !== undefined && all.some(({ again }) => again.has(path)) ? HIDDEN : together;
}

/** Fields that are not in the mapping are refused or come into it: none is kept unseen. */
function isDynamic(dynamic: Mapping['dynamic']): boolean {
  return ['true', 'strict'].includes(String(dynamic ?? true));
}

/** Each property, with the `dynamic` that it has from those above where it has none of its own. */
function eachProperty(
  { dynamic, properties = {} }: Mapping | Property,
  prefix: string,
  take: (path: string, property: Property, isNested: boolean) => void,
  inNested = false,
): void {
  for (const [name, own] of Object.entries(properties)) {
    const path = `${prefix}${name}`;
    const property = dynamic === undefined ? own : { dynamic, ...own };
    // Nested objects are documents of their own: no query of ours finds what is in them.
    const isNested = inNested || property.type === 'nested';
    take(path, property, isNested);
    eachProperty(property, `${path}.`, take, isNested);
  }
}

/** What a property alone is good for. In indices of others a double may have been rounded and a word folded: only ours are precise. */
function indexOf(path: string, property: Property, ours: boolean): FieldIndex {
  const { type = 'object', fields = {} } = property;
  if (OBJECTS.has(type)) return { object: true };
  if (property.index === false && property.doc_values === false) return HIDDEN;
  if (KEYWORDS.has(type)) {
    if (property.normalizer !== undefined || property.index === false) return {};
    const hasNumbers = fields['num']?.type === 'double';
    if (!hasNumbers) return { terms: path };
    return { terms: path, numbers: `${path}.num`, ...(ours ? { several: severalAt(path) } : { rounded: true }) };
  }
  if (type === 'text' || type === 'match_only_text') {
    if (property.index === false) return HIDDEN;
    const words = wordsOf(path, property, ours);
    const plain = Object.entries(fields).find(
      ([, sub]) => KEYWORDS.has(sub.type ?? '') && sub.normalizer === undefined,
    );
    return {
      ...(words === undefined ? {} : { words }),
      ...(plain === undefined ? {} : { terms: `${path}.${plain[0]}` }),
    };
  }
  return type === 'double' && property.index !== false ? { numbers: path, rounded: !ours } : {};
}

/** What our documents say of themselves; those in `_fields` by the names that they have without it. */
function severalAt(path: string): Dsl {
  return { term: { [INEXACT]: `${SEVERAL}${nameOfPath(path)}` } };
}

function wordsOf(path: string, { analyzer }: Property, ours: boolean): FieldIndex['words'] {
  if (analyzer === WORDS && ours) return { path, by: 'ours' };
  return analyzer === undefined || analyzer === 'standard' ? { path, by: 'standard' } : undefined;
}

function agreed(known: FieldIndex | undefined, other: FieldIndex): FieldIndex {
  if (known === undefined) return other;
  if (known.hidden === true || other.hidden === true) return HIDDEN;
  return {
    ...(known.terms !== undefined && known.terms === other.terms ? { terms: known.terms } : {}),
    ...(known.numbers !== undefined && known.numbers === other.numbers ? { numbers: known.numbers } : {}),
    ...(known.rounded === true || other.rounded === true ? { rounded: true } : {}),
    ...(known.several !== undefined && other.several !== undefined ? { several: known.several } : {}),
    ...(known.words !== undefined && known.words.by === other.words?.by ? { words: known.words } : {}),
    ...(known.object === true || other.object === true ? { object: true } : {}),
    ...(known.unseen === true || other.unseen === true ? { unseen: true } : {}),
    ...(known.mixed === true || known.object !== other.object ? { mixed: true } : {}),
  };
}
