import type { Level } from '../../../record/level.ts';
import type { Fields, LogRecord } from '../../../record/record.ts';

/** What stands for events that are alike: the members of a record that statistics, keys and filters read of them. */
export interface Likeness {
  ts: bigint;
  level: Level;
  service?: string;
  host?: string;
  trace_id?: string;
  span_id?: string;
  message?: string;
  readonly fields: Fields;
}

/** A likeness as a record. */
export function recordOf(likeness: Likeness): LogRecord {
  return {
    service: undefined,
    message: undefined,
    host: undefined,
    trace_id: undefined,
    span_id: undefined,
    ...likeness,
    raw: NO_BYTES,
    tsText: undefined,
    receivedAt: 0n,
    log_id: '',
    format: 'json',
  };
}

const NO_BYTES = new Uint8Array();
