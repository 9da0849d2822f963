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

const OBJECTS: ReadonlySet<string> = new Set(['object', 'nested', 'passthrough']);
/** Objects whose fields are one field. */
const FLAT: ReadonlySet<string> = new Set(['flattened', 'flat_object']);
const HIDDEN: FieldIndex = { hidden: true };
const KEYWORDS: ReadonlySet<string> = new Set(['keyword', 'wildcard']);

/** What some mappings say together: of a path only what all that have it agree on. */
export function fieldMapOf(mappings: readonly Mapping[]): FieldMap {
  const ours = mappings.every(isOurs);
  const paths = new Map<string, FieldIndex>();
  const closed: string[] = [];
  let isWhole = true;
  for (const mapping of mappings) {
    if (!isDynamic(mapping)) isWhole = false;
    const seen = new Map<string, FieldIndex>();
    eachProperty(mapping.properties ?? {}, '', (path, property) => {
      const index = indexOf(path, property, ours);
      const isClosed = index.object === true && (property.enabled === false || !isDynamic(property));
      if (isClosed || index.hidden === true || FLAT.has(property.type ?? '')) closed.push(`${path}.`);
      seen.set(path, isClosed ? HIDDEN : index);
    });
    for (const [path, index] of seen) paths.set(path, agreed(paths.get(path), index));
  }
  // Without our template our documents may be there all the same.
  const inexact = ours ? INEXACT : paths.get(INEXACT)?.terms;
  return {
    ours,
    ...(inexact === undefined ? {} : { inexact }),
    get: (path) =>
      paths.get(path) ?? (isWhole && !closed.some((prefix) => path.startsWith(prefix)) ? undefined : HIDDEN),
    below: (path) => [...paths.keys()].filter((name) => name.startsWith(`${path}.`)),
  };
}

/** Fields that are not in the mapping are refused or come into it: none is kept unseen. */
function isDynamic({ dynamic = true }: Pick<Mapping, 'dynamic'>): boolean {
  return ['true', 'strict'].includes(String(dynamic));
}

function eachProperty(
  properties: { readonly [name: string]: Property },
  prefix: string,
  take: (path: string, property: Property) => void,
): void {
  for (const [name, property] of Object.entries(properties)) {
    const path = `${prefix}${name}`;
    take(path, property);
    if (property.properties !== undefined) eachProperty(property.properties, `${path}.`, take);
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
    return { terms: path, numbers: `${path}.num`, ...(ours ? { several: severalAt(path) } : {}) };
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
  return type === 'double' && property.index !== false ? { numbers: path } : {};
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
    ...(known.several !== undefined && other.several !== undefined ? { several: known.several } : {}),
    ...(known.words !== undefined && known.words.by === other.words?.by ? { words: known.words } : {}),
    ...(known.object === true || other.object === true ? { object: true } : {}),
    ...(known.mixed === true || known.object !== other.object ? { mixed: true } : {}),
  };
}
