import type { Level } from './level.ts';

/** A JSON number whose source text JavaScript cannot hold (2^53 + 1, 1e400, -0, 1.0): kept as it was written. */
export class RawNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type FieldValue = string | number | boolean | null | RawNumber | FieldValue[] | Fields;

/**
 * Fields as they came. Keys may be anything a sender chose (`__proto__`, `constructor`): read with `Object.hasOwn`,
 * write with `Object.defineProperty` or `JSON.parse`, never by plain assignment.
 */
export interface Fields {
  [key: string]: FieldValue;
}

/**
 * What ship adds to the bytes of an event, kept beside them for ever, so that the same bytes always give the same
 * record. Written into the store as JSON: every member is optional and plain.
 */
export interface EventContext {
  /** The format forced by `--format`, or found for the source. Absent: found for each line. */
  readonly format?: string;
  /** Defaults for the record's roles, used where the event itself says nothing. */
  readonly service?: string;
  readonly host?: string;
  readonly file?: string;
  /** `--field k=v`: added to the record; they win over a field of the same name in the event. */
  readonly fields?: { readonly [key: string]: string };
  /** IANA name or `+hh:mm` of the zone for times that name none. Absent: UTC. */
  readonly zone?: string;
  /** The event was longer than the limit: its length in bytes as received; what is kept is the head. */
  readonly truncated?: number;
}

/** One log event, as every backend returns it. Times are nanoseconds since 1970. */
export interface LogRecord {
  /** The bytes received, without the LF that ended them; several lines of one event are joined by LF. */
  readonly raw: Uint8Array;
  readonly ts: bigint;
  /** RFC 3339 with the precision and zone it came with, where the event had a time; else absent. */
  readonly tsText: string | undefined;
  readonly receivedAt: bigint;
  readonly level: Level;
  readonly service: string | undefined;
  readonly message: string | undefined;
  readonly host: string | undefined;
  readonly trace_id: string | undefined;
  readonly span_id: string | undefined;
  readonly log_id: string;
  /** Everything else, under the names it came with, in the order it came. Names starting with `_` are ours: `_parse_error`, `_ts_error`. */
  readonly fields: Fields;
  /** The format that read it: `json`, `logfmt`, `syslog`, …, `plain`. */
  readonly format: string;
}
