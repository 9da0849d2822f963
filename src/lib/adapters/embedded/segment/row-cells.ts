import type { DuckDBBlobVector } from '@duckdb/node-api';
import type { EventContext } from '../../../record/record.ts';

/** A text that was read as bytes: as VARCHAR a leading U+FEFF would be lost. */
export function textAt(vector: DuckDBBlobVector | undefined, at: number): string | undefined {
  const bytes = vector?.getItemBytes(at) ?? null;
  return bytes === null ? undefined : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

/** Different contexts in a store are few; they are parsed once. */
const contexts = new Map<string, EventContext>();
const MOST_CONTEXTS = 1000;

/** The context of a row, by what is in its column. */
export function contextOf(text: string): EventContext {
  let context = contexts.get(text);
  if (context === undefined) {
    if (contexts.size >= MOST_CONTEXTS) contexts.clear();
    context = JSON.parse(text) as EventContext;
    contexts.set(text, context);
  }
  return context;
}
