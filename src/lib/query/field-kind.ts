const TIME_FIELDS = new Set(['@timestamp', 'received_at']);
const TEXT_FIELDS = new Set(['message', 'error.message', 'error.stack_trace', 'stack']);

/** What a field's values are compared as: levels by severity, times as instants, text by words, all others as exact values. */
export function fieldKind(field: string): 'level' | 'time' | 'text' | 'value' {
  if (field === 'level') return 'level';
  if (TIME_FIELDS.has(field)) return 'time';
  if (TEXT_FIELDS.has(field) || field.startsWith('exception.')) return 'text';
  return 'value';
}
