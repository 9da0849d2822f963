import { aliasOf, ROLE_NAMES } from '../record/aliases.ts';

const TEXT_FIELDS = new Set(['error.message', 'error.stack_trace', 'stack', 'exception']);

export type FieldKind = 'level' | 'time' | 'text' | 'value';

/** What a field's values are compared as: levels by severity, times as instants, text by words, all others as exact values. */
export function fieldKind(field: string): FieldKind {
  if (field === 'received_at') return 'time';
  if (TEXT_FIELDS.has(field) || field.startsWith('exception.')) return 'text';
  switch (aliasOf(field)?.role) {
    case 'level':
      return 'level';
    case 'time':
      return 'time';
    case 'message':
      return 'text';
    default:
      return 'value';
  }
}

/** The role whose own name this is (not an alias of it): no other field of the record is seen under it. */
export function soleRole(
  field: string,
): 'time' | 'level' | 'service' | 'message' | 'host' | 'trace_id' | 'span_id' | undefined {
  const role = aliasOf(field)?.role;
  return role !== undefined && ROLE_NAMES[role] === field ? role : undefined;
}

const OURS = new Set(['log_id', 'received_at', 'tenant', 'file', 'truncated', 'original_length', 'clock_skew']);

/** Whether a field's name and values need not stand in the event's bytes. */
export function isOurs(field: string): boolean {
  return field.startsWith('_') || OURS.has(field);
}
