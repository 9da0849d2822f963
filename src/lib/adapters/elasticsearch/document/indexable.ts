import { define } from '../../../parse/draft.ts';
import { isFields } from '../../../parse/json.ts';
import { type Fields, type FieldValue, RawNumber } from '../../../record/record.ts';
import { hasWholeWords, isIndexedExactly, looksTyped } from './index-trust.ts';
import { fixedKind, isTextPath, kindOfName, MAX_MAPPED_DEPTH, SEVERAL, TYPED } from './names.ts';

/** Digits of a number that Jackson reads (`StreamReadConstraints`). */
const MAX_DIGITS = 1000;

type Kind = 'leaf' | 'object';

/** What stands at each path of one document so far: a path cannot be both a plain value and an object. */
export type Shape = Map<string, Kind>;

/**
 * Makes values such that Elasticsearch takes them: what it would refuse the whole document for is left out. Collects
 * the paths where the index does not have what was sent.
 */
export class Indexer {
  readonly inexact: string[] = [];
  /** A name inside an object has a dot: paths may meet, and a `Shape` is needed to see where. */
  dotted = false;
  #leaves = 0;
  #arrays = 0;
  /** Paths in the array that is looked at; those of numbers and booleans. */
  #seen: Set<string> | undefined;
  #typed: Set<string> | undefined;

  /** The same value where nothing has to go, else a copy without it; undefined where nothing is left. */
  indexable(value: FieldValue, path: string, shape: Shape | undefined): FieldValue | undefined {
    return this.#value(value, path, 1, shape);
  }

  #value(value: FieldValue, path: string, depth: number, shape: Shape | undefined): FieldValue | undefined {
    if (Array.isArray(value)) return this.#array(value, path, depth, shape);
    if (isFields(value)) return this.#object(value, path, depth, shape);
    if (value === null) return value;
    if (this.#seen?.has(path) === true || shape?.get(path) === 'leaf') this.inexact.push(`${SEVERAL}${path}`);
    else if (this.#arrays > 0) (this.#seen ??= new Set()).add(path);
    if (shape !== undefined && !enter(shape, path, 'leaf')) return this.#without(path);
    this.#leaves += 1;
    if (isTextPath(path)) {
      // Only strings are text; but a number under `exception.` is found by its digits there.
      if (typeof value !== 'string' || !hasWholeWords(value)) this.inexact.push(path);
    } else if (typeof value !== 'boolean' && !isIndexedExactly(value)) this.inexact.push(path);
    if (typeof value === 'string' ? looksTyped(value) : this.#arrays > 0) {
      if (typeof value === 'string') this.inexact.push(`${TYPED}${path}`);
      else (this.#typed ??= new Set()).add(path);
    }
    return value instanceof RawNumber && value.text.length > MAX_DIGITS ? this.#without(path) : value;
  }

  #object(value: Fields, path: string, depth: number, shape: Shape | undefined): FieldValue | undefined {
    if (depth >= MAX_MAPPED_DEPTH) return this.#without(path);
    if (shape !== undefined && !enter(shape, path, 'object')) return this.#without(path);
    const before = this.#leaves;
    const keys = Object.keys(value);
    let copy: Fields | undefined;
    for (const [at, key] of keys.entries()) {
      const was = value[key] as FieldValue;
      const named = kindOfName(key) === 'none' ? this.#without(path) : this.#child(was, path, key, depth, shape);
      if (named === was && copy === undefined) continue;
      if (copy === undefined) {
        copy = {};
        for (const same of keys.slice(0, at)) define(copy, same, value[same] as FieldValue);
      }
      if (named !== undefined) define(copy, key, named);
    }
    // An object is there for a query although nothing in it is: the index cannot know.
    if (this.#leaves === before) {
      this.inexact.push(path);
      return undefined;
    }
    return copy ?? value;
  }

  #child(value: FieldValue, path: string, key: string, depth: number, shape: Shape | undefined) {
    const dots = key.includes('.') ? key.split('.').length - 1 : 0;
    if (dots > 0) this.dotted = true;
    if (
      typeof value === 'string' &&
      shape === undefined &&
      this.#arrays === 0 &&
      value.length <= 32 &&
      isIndexedExactly(value) &&
      !looksTyped(value)
    ) {
      this.#leaves += 1;
      return value;
    }
    return this.#value(value, `${path}.${key}`, depth + 1 + dots, shape);
  }

  /** Elements of both kinds cannot be indexed under one name: those of the first one's kind are. */
  #array(value: FieldValue[], path: string, depth: number, shape: Shape | undefined): FieldValue | undefined {
    const kind = kindOfValue(value);
    let changed = false;
    const kept: FieldValue[] = [];
    this.#arrays += 1;
    for (const element of value) {
      const own = kindOfValue(element);
      const taken = own !== undefined && own !== kind ? this.#without(path) : this.#value(element, path, depth, shape);
      if (taken !== element) changed = true;
      if (taken !== undefined) kept.push(taken);
    }
    this.#arrays -= 1;
    if (this.#arrays === 0) this.#endArray();
    return changed ? kept : value;
  }

  /** Numbers beside texts that read as some: the index does not say which is which. */
  #endArray(): void {
    for (const path of this.#typed ?? []) if (this.inexact.includes(`${TYPED}${path}`)) this.inexact.push(path);
    this.#typed?.clear();
    this.#seen?.clear();
  }

  #without(path: string): undefined {
    this.inexact.push(path);
    return undefined;
  }
}

/** Takes a path and all above it into the shape; false where something else is there. */
function enter(shape: Shape, path: string, kind: Kind): boolean {
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    if (shape.get(path.slice(0, dot)) === 'leaf') return false;
  }
  const there = shape.get(path);
  if (there !== undefined && there !== kind) return false;
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) shape.set(path.slice(0, dot), 'object');
  shape.set(path, kind);
  return true;
}

/** What a value is to a mapping; undefined for what is not indexed: null and arrays of nothing else. */
function kindOfValue(value: FieldValue): Kind | undefined {
  if (value === null) return undefined;
  if (!Array.isArray(value)) return isFields(value) ? 'object' : 'leaf';
  for (const element of value) {
    const kind = kindOfValue(element);
    if (kind !== undefined) return kind;
  }
  return undefined;
}

/** Whether a value can stand under its name as far as the template says. */
export function fitsTemplate(value: FieldValue, path: string): boolean {
  if (Array.isArray(value)) return value.every((element) => fitsTemplate(element, path));
  if (value === null) return true;
  const fixed = fixedKind(path);
  if (!isFields(value)) return fixed === undefined || fixed === 'leaf';
  if (fixed === 'leaf' || fixed === 'under-leaf') return false;
  return Object.keys(value).every((key) => fitsTemplate(value[key] as FieldValue, `${path}.${key}`));
}
