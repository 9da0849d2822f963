import { aliasOf, FIELD_ALIASES, nestedAliases, RESERVED } from '../../../record/aliases.ts';

/** Fields whose text a bare word of a query is looked for in: their values are long, and read as texts. */
const TEXTS: ReadonlySet<string> = new Set(['error', 'exception', 'stack']);
/** Longer names are of senders that make up keys. */
const LONGEST = 64;

/**
 * Whether a key may have a column of its own: it is one field of the record and nothing else, whatever its value.
 * Names with a dot are paths too, names with `_` before them are ours, and a role has its column already.
 */
export function isPromotable(key: string): boolean {
  return (
    key !== '' &&
    key.length <= LONGEST &&
    !key.includes('.') &&
    !key.startsWith('_') &&
    !RESERVED.has(key) &&
    !FIELD_ALIASES.has(key) &&
    !TEXTS.has(key) &&
    aliasOf(key) === undefined &&
    nestedAliases(key) === undefined
  );
}
