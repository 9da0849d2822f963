/** Severity numbers of OpenTelemetry's log data model (the first of each range of four); UNKNOWN has none. */
export const LEVELS = { TRACE: 1, DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21, UNKNOWN: 0 } as const;

export type Level = keyof typeof LEVELS;
