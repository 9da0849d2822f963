import { RESERVED, type Role } from '../record/aliases.ts';
import type { Fields, FieldValue } from '../record/record.ts';
import type { FormatName } from './formats.ts';

/** A value that may become a role of the record, and the name of the field it stood in. */
export interface Claim {
  readonly key: string;
  readonly value: FieldValue;
  readonly rank: number;
}

/** What a parser found in a line, before it is settled which value fills which role. */
export interface Draft {
  format: FormatName;
  /** Best first; those that do not fill the role stay fields under their own names. */
  readonly claims: { [R in Role]: Claim[] };
  readonly fields: Fields;
  /** The line (or the one inside it) could not be read and is the message whole: why. */
  failure?: string;
}

/** Why a line is not of the format. Columns count UTF-16 units from 1. */
export interface ParseFailure {
  readonly error: string;
  readonly column?: number;
}

/** One format. It MUST be pure and never throw, and MUST say why it cannot read a line rather than guess. */
export type Parser = (text: string, context: ParseContext) => Draft | ParseFailure;

export interface ParseContext {
  /** Nanoseconds since 1970. */
  readonly receivedAt: bigint;
  readonly zone: string | undefined;
  /** Reads a line inside a line (what a container wrote) by detection; too many inside one another are a message. */
  readonly inner: (text: string) => Draft;
}

export function newDraft(format: FormatName): Draft {
  return {
    format,
    claims: { time: [], level: [], service: [], message: [], host: [], trace_id: [], span_id: [] },
    fields: {},
  };
}

export function isFailure(result: Draft | ParseFailure): result is ParseFailure {
  return 'error' in result;
}

/** Fills a role with what the format itself says it is. */
export function claim(draft: Draft, role: Role, value: FieldValue | undefined, key: string = role): void {
  if (value !== undefined) draft.claims[role].push({ key, value, rank: -1 });
}

/** Keeps the claims of a role in the order of their ranks, equal ones as they came. */
export function addClaim(claims: Claim[], added: Claim): void {
  let at = claims.length;
  while (at > 0 && (claims[at - 1] as Claim).rank > added.rank) at--;
  claims.splice(at, 0, added);
}

/** Sets a field of any name: ours get a `_` before them, and `__proto__` is a name like any other. */
export function setField(fields: Fields, key: string, value: FieldValue): void {
  define(fields, RESERVED.has(key) ? `_${key}` : key, value);
}

/** Sets an own property of any name. */
export function define(fields: Fields, name: string, value: FieldValue): void {
  if (name === '__proto__') {
    Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  } else fields[name] = value;
}
