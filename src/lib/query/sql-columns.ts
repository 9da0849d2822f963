/** The columns of a segment that a filter's SQL may name. The builder of segments writes them, one row an event. */
export const COLUMNS = {
  /** BIGINT, nanoseconds since 1970. */
  ts: 'ts',
  /** INTEGER, bits of `ROW_FLAGS`. */
  flags: 'tf',
  /** TINYINT, the number of `LEVELS`. */
  level: 'level',
  /** VARCHAR, NULL where absent: the record's role as `parseEvent` gives it. */
  service: 'service',
  host: 'host',
  traceId: 'trace_id',
  spanId: 'span_id',
  /** VARCHAR, the decoded message, with marks where the row has the flag `MARKS`; NULL where absent. */
  message: 'message',
  /** VARCHAR, the line with marks for what other columns hold; NULL where it is not UTF-8. */
  rest: 'rest',
  /** BLOB, the bytes received where they are not UTF-8. */
  lineBytes: 'line_b',
  /** VARCHAR, the `EventContext` as JSON. */
  context: 'ctx',
} as const;

/**
 * VARCHAR, the time that a message begins with, where that was taken out of it. Only segments that have such messages have
 * the column.
 */
export const MESSAGE_TIME = 'mt';

/** What a row's bytes hold that SQL over the text must not be trusted with. */
export const ROW_FLAGS = {
  /** Any byte >= 0x80 in the line. */
  NON_ASCII: 1,
  /** A backslash in the line: escapes may hide characters. */
  BACKSLASH: 2,
  /** `\u` or `\U` in the line: escapes may hide letters and digits. */
  UNICODE_ESCAPE: 4,
  /** The context adds fields that are not in the line. */
  CONTEXT_FIELDS: 8,
  /** The event had no readable time: `ts` is when it was received. */
  NO_TIME: 16,
  /** The line was read as a JSON object (or one wrapped in a container's line). */
  JSON: 32,
  /** `message` has marks. */
  MARKS: 64,
  /** `rest` is the line itself, without marks. */
  WHOLE: 128,
  /** A promoted key may be a field of the record with a value that its column does not have: the row may match always. */
  OPAQUE: 256,
} as const;
