import { LogsError } from '../../errors.ts';

/** What kafkajs put into an error and the errors behind it. */
interface Told {
  readonly names: ReadonlySet<string>;
  readonly types: ReadonlySet<string>;
  readonly codes: ReadonlySet<string>;
  readonly message: string;
}

function toldBy(error: unknown): Told {
  const names = new Set<string>();
  const types = new Set<string>();
  const codes = new Set<string>();
  let message = '';
  for (let at = error; at instanceof Error && !names.has(`${at.name}: ${at.message}`); at = at.cause) {
    names.add(at.name).add(`${at.name}: ${at.message}`);
    if ('type' in at && typeof at.type === 'string') types.add(at.type);
    if ('code' in at && typeof at.code === 'string') codes.add(at.code);
    message = at.message;
  }
  return { names, types, codes, message: message === '' ? String(error) : message };
}

/** The protocol's name of what a broker refused, such as `MESSAGE_TOO_LARGE`, or undefined. https://kafka.apache.org/protocol#protocol_error_codes */
export function errorType(error: unknown): string | undefined {
  return [...toldBy(error).types][0];
}

const DENIED = /AUTHORIZATION_FAILED$|^TRANSACTIONAL_ID_AUTHORIZATION|^SECURITY_DISABLED$/;
const NO_TOPIC = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION', 'UNKNOWN_TOPIC_ID']);
const TLS = /certificate|self-signed|self signed|SSL|TLS|EPROTO|ERR_TLS/i;
const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
]);
const AWAY_NAMES = [
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
];
const BUSY = new Set([
  'THROTTLING_QUOTA_EXCEEDED',
  'COORDINATOR_LOAD_IN_PROGRESS',
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
]);

/**
 * What went wrong between us and a cluster, in one line that names its address. `doing`: what was tried, as in
 * `cannot <doing>`.
 */
export function kafkaFailure(error: unknown, url: string, doing: string): LogsError {
  if (error instanceof LogsError) return error;
  const told = toldBy(error);
  const { names, types, codes, message } = told;
  const fail = (code: LogsError['code'], what: string, hint: string) =>
    new LogsError(code, `${url}: cannot ${doing}: ${what}`, { hint, cause: error });
  if (names.has('KafkaJSSASLAuthenticationError') || types.has('SASL_AUTHENTICATION_FAILED')) {
    return fail(
      'REMOTE_DENIED',
      'the user or the password is wrong',
      'check both, and that sasl= (plain, scram-sha-256, scram-sha-512) is what the broker has for this user',
    );
  }
  if (types.has('ILLEGAL_SASL_STATE')) {
    return fail(
      'REMOTE_DENIED',
      'it asks for no user and password at this port',
      'leave them out, or use its port for SASL',
    );
  }
  if (types.has('UNSUPPORTED_SASL_MECHANISM') || /SASL .*mechanism is not supported/i.test(message)) {
    return fail('REMOTE_DENIED', plain(message), 'choose another with sasl=plain, scram-sha-256 or scram-sha-512');
  }
  const denied = [...types].find((type) => DENIED.test(type));
  if (denied !== undefined || /not authorized|authorization failed/i.test(message)) {
    return fail(
      'REMOTE_DENIED',
      plain(message),
      'an administrator allows it: kafka-acls --add --allow-principal User:NAME --operation Read|Write|Describe --topic …',
    );
  }
  if ([...codes].some((code) => TLS.test(code)) || TLS.test(message)) return tlsFailure(told, fail);
  if ([...types].some((type) => NO_TOPIC.has(type))) {
    return fail(
      'REMOTE_UNSUITABLE',
      'there is no such topic',
      'logs kafka topics URL lists them, logs kafka create makes one',
    );
  }
  const code = [...codes].find((each) => AWAY.has(each));
  if (code !== undefined || AWAY_NAMES.some((name) => names.has(name))) {
    return fail('UNREACHABLE', reasonOf(code, message), hintOf(code, message));
  }
  // What kafkajs meets when a connection ends in the middle of an answer: it takes what is not there apart.
  if (error instanceof TypeError) {
    return fail('UNREACHABLE', 'the connection broke off', 'check that the broker runs, and try again');
  }
  if ([...types].some((type) => BUSY.has(type))) return fail('REMOTE_BUSY', plain(message), 'try again later');
  return fail('REMOTE_FAILED', plain(message), 'try again; if it stays so, look at the log of the broker');
}

function tlsFailure({ message, codes }: Told, fail: (code: 'REMOTE_TLS', what: string, hint: string) => LogsError) {
  if (
    codes.has('EPROTO') ||
    /wrong version number|packet length too long|before secure TLS connection/i.test(message)
  ) {
    return fail('REMOTE_TLS', 'it speaks no TLS at this port', 'write kafka:// for a port without TLS');
  }
  if (/alert|certificate required|handshake failure/i.test(message)) {
    return fail('REMOTE_TLS', 'it does not take our certificate', 'give one that it trusts with cert= and tls-key=');
  }
  return fail(
    'REMOTE_TLS',
    `its certificate is not trusted (${plain(message)})`,
    'give the certificate of its authority with ca=FILE; insecure=true asks for none, for tests alone',
  );
}

function reasonOf(code: string | undefined, message: string): string {
  if (code === 'ECONNREFUSED') return 'nobody listens there';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the name of the host is unknown';
  if (code === 'ECONNRESET' || /closed connection/i.test(message)) return 'it closed the connection';
  if (code === 'ETIMEDOUT' || /timeout/i.test(message)) return 'no answer in time';
  return plain(message);
}

function hintOf(code: string | undefined, message: string): string {
  if (code === 'ECONNRESET' || /closed connection/i.test(message)) {
    return 'a port with TLS needs kafka+tls://, one with SASL a user and a password';
  }
  return 'check host and port, and that the broker runs; it must be reachable by the address it advertises too';
}

/** One line of what was said, without the names of connections that kafkajs puts before it. */
function plain(message: string): string {
  return message
    .replace(/\s+/g, ' ')
    .replace(/^(?:Connection error|Failed to connect): ?/i, '')
    .trim();
}
