import { LogsError } from '../../../errors.ts';
import type { RemoteUrl } from '../../../config/remote-url.ts';
import { isFloodStage } from '../failure.ts';

/** One event's part of the answer to `_bulk`. */
export interface BulkItem {
  readonly status: number;
  readonly error?: {
    readonly type?: string;
    readonly reason?: string;
    readonly caused_by?: { readonly reason?: string };
  };
}

export type Outcome =
  | { readonly kind: 'accepted' }
  /** Does not fit the mapping as it is: another form of it may. */
  | { readonly kind: 'misfit'; readonly reason: string }
  | { readonly kind: 'rejected'; readonly reason: string }
  | { readonly kind: 'retry'; readonly reason: string };

const ACCEPTED: Outcome = { kind: 'accepted' };
const MISFITS = new Set([
  'mapper_parsing_exception',
  'document_parsing_exception',
  'strict_dynamic_mapping_exception',
  'illegal_argument_exception',
]);

/**
 * What became of an event. Created before under the same id is accepted: that is why it has one.
 * @throws LogsError where the answer is about all events alike: no right to write, no index and none may be made, no
 * room for further shards
 */
export function outcomeOf(item: BulkItem, url: RemoteUrl): Outcome {
  const { status, error } = item;
  if (status < 300 || status === 409) return ACCEPTED;
  const type = error?.type;
  const reason = reasonOf(item);
  if (status === 403 && type === 'security_exception') {
    throw new LogsError('REMOTE_DENIED', `${url.shown} forbids writing: ${reason}`, {
      hint: 'give the login the privileges create_doc and auto_configure on the indices',
    });
  }
  if (/maximum (?:normal |frozen )?shards open/.test(reason)) {
    throw new LogsError('REMOTE_UNSUITABLE', `${url.shown} can make no further index: ${reason}`, {
      hint: 'delete old indices, use fewer shards (logs index init --shards 1), or raise cluster.max_shards_per_node',
    });
  }
  if (status === 404) {
    throw new LogsError('REMOTE_UNSUITABLE', `${url.shown}: ${reason}`, {
      hint: 'let the server make indices (action.auto_create_index), or make it before',
    });
  }
  if (status === 429 || status >= 500 || isFloodStage({ type, reason })) return { kind: 'retry', reason };
  return { kind: status === 400 && type !== undefined && MISFITS.has(type) ? 'misfit' : 'rejected', reason };
}

function reasonOf({ status, error }: BulkItem): string {
  const text = error?.reason ?? `status ${status}`;
  const cause = error?.caused_by?.reason;
  const whole = cause === undefined || text.includes(cause) ? text : `${text}: ${cause}`;
  const line = whole.replace(/\s+/g, ' ').replace(/ in document with id '[^']*'/, '');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/** The names that a complaint about a mapping has in brackets: `mapper [a.b] cannot be changed`, `failed to parse field [a]`. */
export function namesIn(reason: string): string[] {
  return Array.from(reason.matchAll(/\[([^[\]]+)\]/g), ([, name]) => name as string);
}

/** Fields of a record that a complaint about these names can be about: the field itself, what is above or below it. */
export function fieldsNamed(names: readonly string[], fields: readonly string[]): Set<string> {
  const of = (name: string, field: string): boolean =>
    name === field || name.startsWith(`${field}.`) || field.startsWith(`${name}.`);
  return new Set(fields.filter((field) => names.some((name) => of(name, field))));
}
