import { aliasOf, FIELD_ALIASES, ROLE_NAMES, type Role } from './aliases.ts';
import { type Fields, type FieldValue, type LogRecord, RawNumber } from './record.ts';
import { formatTime } from './time.ts';

/**
 * Every value that a query on a field's name sees. The name or alias of a role gives the role's value and that of a
 * field which kept that very name; times come as RFC 3339 in UTC. A dotted name is the literal key and the nested
 * path (also mixed: `a.b` → `c`); an array gives each of its elements, and paths go through arrays of objects.
 */
export function valuesOf(record: LogRecord, name: string): FieldValue[] {
  const out: FieldValue[] = [];
  if (name === 'log_id') return [record.log_id];
  if (name === 'received_at') return [formatTime(record.receivedAt)];
  const role = aliasOf(name)?.role;
  if (role !== undefined) {
    const value = roleValue(record, role);
    if (value !== undefined) out.push(value);
    if (name === ROLE_NAMES[role]) return out;
  }
  const other = FIELD_ALIASES.get(name);
  if (other !== undefined) collect(record.fields, other, out);
  collect(record.fields, name, out);
  return out;
}

/** The strings of the text fields, where a bare word of a query is looked for: message, error.message, error.stack_trace, exception.*, stack. */
export function textValuesOf(record: LogRecord): string[] {
  const out: string[] = record.message === undefined ? [] : [record.message];
  const found: FieldValue[] = [];
  collect(record.fields, 'error.message', found);
  collect(record.fields, 'error.stack_trace', found);
  collect(record.fields, 'stack', found);
  for (const key of Object.keys(record.fields)) {
    if (key === 'exception' || key.startsWith('exception.')) leaves(record.fields[key] as FieldValue, found);
  }
  for (const value of found) if (typeof value === 'string') out.push(value);
  return out;
}

/** Every value of a record, roles first: what `*:term` of a query is looked for in. */
export function allValuesOf(record: LogRecord): FieldValue[] {
  const out: FieldValue[] = [];
  for (const role of Object.keys(ROLE_NAMES) as Role[]) {
    const value = roleValue(record, role);
    if (value !== undefined) out.push(value);
  }
  out.push(record.log_id, formatTime(record.receivedAt));
  leaves(record.fields, out);
  return out;
}

function roleValue(record: LogRecord, role: Role): string | undefined {
  return role === 'time' ? formatTime(record.ts) : record[role];
}

function collect(at: FieldValue, path: string, out: FieldValue[]): void {
  if (Array.isArray(at)) {
    for (const element of at) collect(element, path, out);
    return;
  }
  if (!isFields(at)) return;
  if (Object.hasOwn(at, path)) spread(at[path] as FieldValue, out);
  for (let dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
    const head = path.slice(0, dot);
    if (Object.hasOwn(at, head)) collect(at[head] as FieldValue, path.slice(dot + 1), out);
  }
}

function spread(value: FieldValue, out: FieldValue[]): void {
  if (Array.isArray(value)) for (const element of value) spread(element, out);
  else out.push(value);
}

function leaves(value: FieldValue, out: FieldValue[]): void {
  if (Array.isArray(value)) for (const element of value) leaves(element, out);
  else if (isFields(value)) for (const key of Object.keys(value)) leaves(value[key] as FieldValue, out);
  else out.push(value);
}

function isFields(value: FieldValue): value is Fields {
  return typeof value === 'object' && value !== null && !(value instanceof RawNumber) && !Array.isArray(value);
}
