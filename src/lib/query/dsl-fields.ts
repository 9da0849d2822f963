import type { Dsl } from './dsl-pair.ts';

/** How a path is indexed, in all indices of a search alike. What is absent is not there, or not the same everywhere. */
export interface FieldIndex {
  /** Path whose terms are the plain values as they were written, numbers and booleans too. */
  readonly terms?: string;
  /** Path of doubles. */
  readonly numbers?: string;
  /** Doubles there may have lost digits, and nothing marks the documents. */
  readonly rounded?: boolean;
  /** Path of words: `ours` are maximal runs of letters, marks, digits and `_`; `standard` are Unicode's (UAX 29). Both in lower case. */
  readonly words?: { readonly path: string; readonly by: 'ours' | 'standard' };
  /** Path of times, in nanoseconds where the index is ours. */
  readonly instants?: string;
  /** Documents that have more than one value there. Undefined: any may. */
  readonly several?: Dsl;
  /** Some documents have an object there. */
  readonly object?: boolean;
  /** In some indices there are objects, in others plain values. */
  readonly mixed?: boolean;
  /** Documents may have objects there of which no query finds anything. */
  readonly unseen?: boolean;
  /** Documents may have values there that no query finds. */
  readonly hidden?: boolean;
}

/** What the indices of a search hold, as their mappings say. */
export interface FieldMap {
  /** All were made from our template, whose documents are read back as they were written. */
  readonly ours: boolean;
  /** Undefined: no document has anything there. */
  get(path: string): FieldIndex | undefined;
  /** Paths below one: `exception` → `exception.type`. */
  below(path: string): readonly string[];
  /** Field with the names of fields whose indexed values are not what the document says. */
  readonly inexact?: string;
}
