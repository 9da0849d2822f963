import { aliasOf, FIELD_ALIASES, nestedAliases, RESERVED, ROLES } from '../record/aliases.ts';
import { type Fields, type FieldValue, RawNumber } from '../record/record.ts';
import { addClaim, type Claim, type Draft, newDraft, type Parser, setField } from './draft.ts';
import { JsonError, readJson } from './json-reader.ts';

/** JSON inside JSON inside a container's line: beyond this many the text stays a message. */
const MAX_WRAPPINGS = 4;

/** One JSON object a line. */
export const parseJson: Parser = (text) => {
  try {
    const { value, duplicateKeys } = readJson(text);
    if (!isFields(value)) return { error: 'the line is JSON but not an object', column: 1 };
    const draft = draftOf(value, 0);
    if (duplicateKeys) draft.fields['_duplicate_keys'] = true;
    return draft;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return error.message === 'depth' ? { error: 'depth' } : { error: error.message, column: error.offset + 1 };
  }
};

/** A draft from an object that was read, with the JSON inside its message opened. */
export function draftOf(object: Fields, wrappings: number): Draft {
  const draft = newDraft('json');
  for (const key of Object.keys(object)) {
    const value = object[key] as FieldValue;
    const nested = isFields(value) ? nestedAliases(key) : undefined;
    if (nested !== undefined && isFields(value)) {
      takeNested(draft, key, value, nested);
      continue;
    }
    const alias = aliasOf(key);
    if (value === null && RESERVED.has(key)) continue; // A role that is null is a role that is absent.
    if (alias === undefined || value === null) setField(draft.fields, FIELD_ALIASES.get(key) ?? key, value);
    else addClaim(draft.claims[alias.role], { key, value, rank: alias.rank });
  }
  openMessage(draft, wrappings);
  return draft;
}

/** `log: {level, …}`, `service: {name, …}`: the role is taken out, the rest stays (under dotted names where the parent's is a role's). */
function takeNested(
  draft: Draft,
  key: string,
  value: Fields,
  nested: NonNullable<ReturnType<typeof nestedAliases>>,
): void {
  const rest: Fields = {};
  for (const child of Object.keys(value)) {
    const inside = value[child] as FieldValue;
    const alias = nested.get(child);
    if (alias !== undefined && inside !== null && typeof inside !== 'object') {
      addClaim(draft.claims[alias.role], { key: `${key}.${child}`, value: inside, rank: alias.rank });
    } else if (RESERVED.has(key)) setField(draft.fields, `${key}.${child}`, inside);
    else Object.defineProperty(rest, child, { value: inside, enumerable: true, configurable: true, writable: true });
  }
  if (Object.keys(rest).length > 0) setField(draft.fields, key, rest);
}

/** Opens the JSON object inside the message, as containers' logs have it (architecture.md, Names). */
export function openMessage(draft: Draft, wrappings: number): void {
  const [message] = draft.claims.message;
  if (message === undefined || wrappings >= MAX_WRAPPINGS) return;
  const read = innerObject(message.value);
  if (read === undefined) return;
  const inner = draftOf(read.object, wrappings + 1);
  if (read.duplicateKeys) draft.fields['_duplicate_keys'] = true;
  if (inner.claims.message.length > 0 || typeof message.value !== 'string') draft.claims.message.shift();
  mergeInner(draft, inner);
}

/**
 * Joins what a container's line says with what is inside: message, level, time and trace of the inside come first,
 * service and host of the outside, and on a clash of names the outside wins. A time inside that names no zone or date
 * (`timeOutside`) is no match for the container's.
 */
export function mergeInner(outer: Draft, inner: Draft, timeOutside = false): void {
  if (inner.failure !== undefined) outer.failure = inner.failure;
  for (const role of ROLES) {
    const ours = outer.claims[role];
    let theirs = inner.claims[role];
    if (theirs.length === 0) continue;
    const outside = role === 'service' || role === 'host' || (role === 'time' && timeOutside);
    if (outside) theirs = theirs.filter((claim) => !ours.some(({ key }) => key === claim.key));
    const both = outside ? [...ours, ...theirs] : [...theirs, ...ours];
    ours.length = 0;
    both.forEach((claim: Claim, rank) => ours.push({ ...claim, rank }));
  }
  for (const key of Object.keys(inner.fields)) {
    if (!Object.hasOwn(outer.fields, key)) setField(outer.fields, key, inner.fields[key] as FieldValue);
  }
}

function innerObject(value: FieldValue): { object: Fields; duplicateKeys: boolean } | undefined {
  if (isFields(value)) {
    // OTLP's AnyValue.
    if (Object.keys(value).length === 1 && typeof value['stringValue'] === 'string') {
      return innerObject(value['stringValue']) ?? { object: { message: value['stringValue'] }, duplicateKeys: false };
    }
    return { object: value, duplicateKeys: false };
  }
  if (typeof value !== 'string') return undefined;
  const start = value.charCodeAt(0) <= 32 ? value.trimStart() : value;
  if (start.charCodeAt(0) !== 123) return undefined;
  try {
    const { value: object, duplicateKeys } = readJson(start);
    return isFields(object) ? { object, duplicateKeys } : undefined;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return undefined;
  }
}

export function isFields(value: FieldValue | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RawNumber);
}
