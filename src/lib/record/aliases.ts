/** What every log event has in common; each is a property of `LogRecord` (`time` is `@timestamp`). */
export const ROLES = ['time', 'level', 'service', 'message', 'host', 'trace_id', 'span_id'] as const;
export type Role = (typeof ROLES)[number];

/** The name of each role on the wire, in queries and in output. */
export const ROLE_NAMES: { readonly [R in Role]: string } = {
  time: '@timestamp',
  level: 'level',
  service: 'service',
  message: 'message',
  host: 'host',
  trace_id: 'trace_id',
  span_id: 'span_id',
};

/**
 * The names under which senders put each role. Earlier ones win where an event has several. A dotted name is the
 * literal key and the nested path alike. Each is also known in UPPER CASE and with a Capital.
 */
export const ALIASES: { readonly [R in Role]: readonly string[] } = {
  time: [
    '@timestamp', // Elastic Common Schema, Logstash
    'timestamp',
    'ts', // zap, Loki, bunyan ports
    'time', // slog, pino, bunyan, Docker
    '_time', // VictoriaLogs, Splunk
    'datetime', // Monolog
    'timeUnixNano', // OTLP
    'time_unix_nano',
    'eventTime', // AWS CloudTrail
    'event_time',
    'time_iso8601', // nginx
    'time_local',
    'timeMillis', // log4j 2
    '@t', // Serilog's compact format
    'asctime', // Python
    'log_time',
    'logtime',
    'syslog_timestamp',
    '__REALTIME_TIMESTAMP', // journald
    'event.created',
    'observedTimeUnixNano',
    'date', // Fluent Bit
  ],
  level: [
    'level', // pino, zap, slog, bunyan
    'severity', // Google Cloud, syslog
    'lvl',
    'log.level', // Elastic Common Schema
    'severityText', // OTLP
    'severity_text',
    'levelname', // Python
    'level_name', // Monolog
    'loglevel',
    'log_level',
    'logLevel',
    '@l', // Serilog
    'severityNumber', // OTLP
    'severity_number',
    'levelno', // Python
    'syslog_severity',
    'syslog.severity',
    'priority', // journald
    'pri',
  ],
  service: [
    'service',
    'service.name', // Elastic Common Schema, OpenTelemetry
    'service_name',
    'serviceName',
    'app',
    'application',
    'app_name',
    'appName',
    'appname',
    'syslog_identifier', // journald
    'source',
  ],
  message: [
    'message',
    'msg', // pino, zap, slog
    'body', // OTLP
    'log', // Docker, Fluent Bit
    'text',
    '@m', // Serilog
    '@mt',
    'short_message', // GELF
    'textPayload', // Google Cloud
    'fields.message', // Rust's tracing
  ],
  host: ['host', 'host.name', 'hostname', 'host_name', 'hostName', '_HOSTNAME', 'syslog_hostname', 'machineName'],
  trace_id: [
    'trace_id',
    'traceId',
    'traceID',
    'trace.id',
    'traceid',
    'otelTraceID',
    'dd.trace_id',
    '@tr',
    'logging.googleapis.com/trace',
    'X-B3-TraceId',
  ],
  span_id: [
    'span_id',
    'spanId',
    'spanID',
    'span.id',
    'spanid',
    'otelSpanID',
    'dd.span_id',
    '@sp',
    'logging.googleapis.com/spanId',
    'X-B3-SpanId',
  ],
};

/** Other fields that are known under two names: the first is accepted on input and in queries, kept as the second. */
export const FIELD_ALIASES: ReadonlyMap<string, string> = new Map([['pod_id', 'pod']]);

/** Names that are ours to give. A field of the sender's with such a name that is not the role's value gets a `_` before it. */
export const RESERVED: ReadonlySet<string> = new Set([...Object.values(ROLE_NAMES), 'tenant', 'log_id', 'received_at']);

/** A role and how early its alias stands in the table. */
export interface Alias {
  readonly role: Role;
  readonly rank: number;
}

const BY_NAME = new Map<string, Alias>();
const NESTED = new Map<string, Map<string, Alias>>();
for (const role of ROLES) {
  ALIASES[role].forEach((name, rank) => {
    const alias = { role, rank };
    for (const spelling of [name, name.toUpperCase(), name[0]?.toUpperCase() + name.slice(1)]) {
      if (!BY_NAME.has(spelling)) BY_NAME.set(spelling, alias);
    }
    const dot = name.indexOf('.');
    if (dot < 0 || name.includes('/')) return;
    const parent = name.slice(0, dot);
    const children = NESTED.get(parent) ?? new Map<string, Alias>();
    NESTED.set(parent, children.set(name.slice(dot + 1), alias));
  });
}

/** The role that a field's name stands for, or undefined. */
export function aliasOf(name: string): Alias | undefined {
  return BY_NAME.get(name);
}

/** Every name that stands for a role, in all its spellings. */
export function allAliases(): ReadonlyMap<string, Alias> {
  return BY_NAME;
}

/** `nestedAliases` of every key that has any. */
export function allNestedAliases(): ReadonlyMap<string, ReadonlyMap<string, Alias>> {
  return NESTED;
}

/** For a key whose value is an object: which of its keys are roles (`log` → `level`). */
export function nestedAliases(key: string): ReadonlyMap<string, Alias> | undefined {
  return NESTED.get(key);
}
