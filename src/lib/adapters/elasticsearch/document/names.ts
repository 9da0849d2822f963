/**
 * Names of a document that our template gives a type of its own; all others are mapped as they come. What would stand
 * under a leaf (`host.ip`), or as a plain value where an object is (`error: "boom"`), is in `_fields` instead.
 */
const FIXED: ReadonlyMap<string, 'leaf' | 'object'> = new Map([
  ['@timestamp', 'leaf'],
  ['level', 'leaf'],
  ['service', 'leaf'],
  ['message', 'leaf'],
  ['host', 'leaf'],
  ['trace_id', 'leaf'],
  ['span_id', 'leaf'],
  ['tenant', 'leaf'],
  ['log_id', 'leaf'],
  ['received_at', 'leaf'],
  ['pod', 'leaf'],
  ['pod_id', 'leaf'],
  ['user_id', 'leaf'],
  ['request_id', 'leaf'],
  ['stack', 'leaf'],
  ['error', 'object'],
  ['error.message', 'leaf'],
  ['error.stack_trace', 'leaf'],
  ['exception', 'object'],
  ['event', 'object'],
  ['event.original', 'leaf'],
]);

/** Fields that stand in `_fields`: names that begin with `_` are Elasticsearch's own, and others that do not fit their mapping. */
export const BESIDE = '_fields';
/** Paths whose values the index does not have as they are; `*` is any. */
export const INEXACT = '_inexact';
/** Before a path in `_inexact`: what reads as a number or a boolean there is text. The index has the value right, but not its type. */
export const TYPED = '=';
/** Before a path in `_inexact`: several values stand there. */
export const SEVERAL = '[]';
/** What makes the record whole again; not indexed. */
export const REST = '_logs';

/** The name of the field that is at a path of the index, in `_fields` or not. */
export function nameOfPath(path: string): string {
  return path.startsWith(`${BESIDE}.`) ? path.slice(BESIDE.length + 1) : path;
}

/** UTF-16 units of a keyword: longer ones are not indexed. Four bytes each stay below Lucene's 32,766. */
export const MAX_KEYWORD = 8191;
/** Objects inside one another, the document itself counted: the default of `index.mapping.depth.limit` is 20. */
export const MAX_MAPPED_DEPTH = 18;

/**
 * How a name can stand at the top of a document. `plain` names need no second look unless their values hold dotted
 * ones; a `word` needs none where it is a plain value; `looked-at` ones may meet others of the document or of the template; `beside` ones are always in `_fields`;
 * `none` cannot be a name at all.
 */
export type NameKind = 'plain' | 'word' | 'looked-at' | 'beside' | 'none';

/** Elasticsearch refuses names with an empty or blank part between dots. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: Java counts them as blanks
const BLANK_PART = /(?:^|\.)[\s\u0000-\u001f\u0085]*(?:\.|$)/;

export function kindOfName(name: string): NameKind {
  let kind = KINDS.get(name);
  if (kind === undefined) {
    // Senders that make up names must not fill the memory.
    if (KINDS.size >= 10_000) KINDS.clear();
    kind = findKind(name);
    KINDS.set(name, kind);
  }
  return kind;
}

const KINDS = new Map<string, NameKind>();

function findKind(name: string): NameKind {
  if (BLANK_PART.test(name)) return 'none';
  if (name.startsWith('_')) return 'beside';
  if (name.includes('.')) return 'looked-at';
  const fixed = FIXED.get(name);
  if (fixed === undefined) return 'plain';
  return fixed === 'leaf' && !isTextPath(name) ? 'word' : 'looked-at';
}

/** What the template says of a path: a leaf, an object, or nothing. What is under a leaf can be neither. */
export function fixedKind(path: string): 'leaf' | 'object' | 'under-leaf' | undefined {
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    if (FIXED.get(path.slice(0, dot)) === 'leaf') return 'under-leaf';
  }
  return FIXED.get(path);
}

/** Fields of running text: a bare word of a query is looked for in them, so they are mapped by words. */
export function isTextPath(path: string): boolean {
  return (
    path === 'message' ||
    path === 'stack' ||
    path === 'error.message' ||
    path === 'error.stack_trace' ||
    path === 'exception' ||
    path.startsWith('exception.')
  );
}
