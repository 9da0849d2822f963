/** Severity numbers of OpenTelemetry's log data model (the first of each range of four); UNKNOWN has none. */
export const LEVELS = { TRACE: 1, DEBUG: 5, INFO: 9, WARN: 13, ERROR: 17, FATAL: 21, UNKNOWN: 0 } as const;

export type Level = keyof typeof LEVELS;

/** How senders spell each level; compared without case, blanks and brackets. */
export const LEVEL_NAMES: { readonly [L in Exclude<Level, 'UNKNOWN'>]: readonly string[] } = {
  TRACE: ['trace', 'trc', 'finest', 'finer', 'verbose', 'vrb', 'silly', 't', 'v'],
  DEBUG: ['debug', 'dbg', 'debu', 'fine', 'config', 'd'],
  INFO: ['info', 'inf', 'information', 'informational', 'notice', 'note', 'default', 'log', 'i', 'n'],
  WARN: ['warn', 'warning', 'wrn', 'w'],
  ERROR: ['error', 'err', 'erro', 'eror', 'severe', 'failure', 'e'],
  FATAL: ['fatal', 'ftl', 'critical', 'crit', 'alert', 'emerg', 'emergency', 'panic', 'dpanic', 'f', 'c', 'a'],
};

const BY_NAME = new Map<string, Level>();
for (const [level, names] of Object.entries(LEVEL_NAMES)) {
  for (const name of names) {
    for (const spelling of [name, name.toUpperCase(), name[0]?.toUpperCase() + name.slice(1)]) {
      BY_NAME.set(spelling, level as Level);
    }
  }
}
BY_NAME.set('unknown', 'UNKNOWN').set('UNKNOWN', 'UNKNOWN');

/** Every word that means a level just as it stands; others may after trimming. */
export function allLevelWords(): ReadonlyMap<string, Level> {
  return BY_NAME;
}

/** Spellings that say no more than the level's own name does: the original text need not be kept beside the level. */
const PLAIN = new Set(
  'trace trc t debug debu dbg d info information inf i warn warning wrn w error erro err e fatal ftl f unknown'.split(
    ' ',
  ),
);

/** Names of fields whose bare number is a syslog severity (RFC 5424, 6.2.1) or a whole PRI value. */
const SYSLOG_KEYS = new Set(['severity', 'pri', 'priority', 'syslog_severity', 'syslog.severity']);
const OTEL_KEYS = new Set(['severity_number', 'severitynumber']);
const SYSLOG: readonly Level[] = ['FATAL', 'FATAL', 'FATAL', 'ERROR', 'WARN', 'INFO', 'INFO', 'DEBUG'];
const PINO: readonly Level[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

/**
 * The level that a sender's word or number means; UNKNOWN where it means none.
 * `key` is the name of the field it stood in, because bare numbers differ: pino's 10–60 under `level` (the default),
 * syslog's 0–7 under `severity`, `pri` (there also facility * 8 + severity up to 191), OpenTelemetry's 1–24 under
 * `severity_number`, Python's 10–50 under `levelno`.
 */
export function parseLevel(value: string | number, key = 'level'): Level {
  if (typeof value === 'number') return levelOfNumber(value, key);
  const known = BY_NAME.get(value);
  if (known !== undefined) return known;
  const text = value.trim().toLowerCase();
  if (/^\d{1,3}$/.test(text)) return levelOfNumber(Number(text), key);
  const bare = text.replace(/^[[(<]\s*|\s*[\])>:]$/g, '');
  // OpenTelemetry's severity texts INFO2, ERROR4 and so on.
  return (
    BY_NAME.get(bare) ?? BY_NAME.get(bare.replace(/(?<=^(?:trace|debug|info|warn|error|fatal))[1-4]$/, '')) ?? 'UNKNOWN'
  );
}

/** Whether the level alone loses what the sender said: `notice`, `crit`, pino's 35, an unknown word. */
export function losesText(value: string | number, level: Level, key: string): boolean {
  if (level === 'UNKNOWN') return true;
  if (typeof value === 'string' && !/^\d+$/.test(value)) return !PLAIN.has(value.toLowerCase());
  const n = Number(value);
  const name = key.toLowerCase();
  if (OTEL_KEYS.has(name)) return n !== LEVELS[level];
  if (SYSLOG_KEYS.has(name)) return n > 7 || n === 0 || n === 1 || n === 5;
  return n % 10 !== 0;
}

function levelOfNumber(n: number, key: string): Level {
  if (!Number.isInteger(n) || n < 0) return 'UNKNOWN';
  const name = key.toLowerCase();
  if (OTEL_KEYS.has(name)) return n >= 1 && n <= 24 ? (PINO[(n - 1) >> 2] ?? 'UNKNOWN') : 'UNKNOWN';
  if (SYSLOG_KEYS.has(name)) return n <= 191 ? (SYSLOG[n & 7] ?? 'UNKNOWN') : 'UNKNOWN';
  if (name === 'levelno') return PINO[Math.floor(n / 10)] ?? 'UNKNOWN';
  return n >= 10 && n < 70 ? (PINO[Math.floor(n / 10) - 1] ?? 'UNKNOWN') : 'UNKNOWN';
}
