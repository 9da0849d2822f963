import { LogsError } from '../../errors.ts';
import type { RemoteUrl } from '../../config/remote-url.ts';

/** What a server says of an error, from the body of its answer. */
export interface Complaint {
  readonly type: string | undefined;
  readonly reason: string;
}

/** Reads the body of an answer that is an error: `{"error": {"type", "reason", "root_cause"}}`, `{"error": "…"}` or any text. */
export function complaintOf(text: string): Complaint {
  try {
    const body: unknown = JSON.parse(text);
    const error = member(body, 'error');
    if (typeof error === 'string') return { type: undefined, reason: oneLine(error) };
    const type = member(error, 'type');
    const reason = member(error, 'reason') ?? member(body, 'message');
    const cause = member(member(error, 'caused_by'), 'reason');
    if (typeof reason === 'string') {
      const why = typeof cause === 'string' && !reason.includes(cause) ? `${reason}: ${cause}` : reason;
      return { type: typeof type === 'string' ? type : undefined, reason: oneLine(why) };
    }
  } catch {
    // A proxy's page.
  }
  return { type: undefined, reason: oneLine(text.replace(/<[^>]*>/g, ' ')) };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as { readonly [name: string]: unknown })[name]
    : undefined;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

/** A disk that is nearly full blocks writing with 403, newer versions with 429: it ends when there is room again. */
export function isFloodStage({ type, reason }: Complaint): boolean {
  return (
    type === 'cluster_block_exception' &&
    /FORBIDDEN\/(?:12|13)\/|TOO_MANY_REQUESTS\/12\/|read-only \/ allow delete|flood/i.test(reason)
  );
}

/** An answer that is an error, as what it means to us. */
export function statusFailure(url: RemoteUrl, status: number, text: string, retryAfter: string | undefined): LogsError {
  const complaint = complaintOf(text);
  const said = complaint.reason === '' ? `status ${status}` : complaint.reason;
  const at = url.shown;
  const cause = { status, ...complaint };
  if (status === 401) {
    const who = url.user ?? (url.params.has('api-key') ? 'the API key' : undefined);
    return new LogsError(
      'REMOTE_DENIED',
      `${at} ${who === undefined ? 'wants a user and a password' : `does not accept ${url.user === undefined ? who : `the password of ${who}`}`}`,
      {
        hint:
          who === undefined
            ? `es://USER:\${env:PASSWORD}@${hostsOf(url)} or ?api-key=\${env:KEY}`
            : 'check it, and that the login is still there',
        cause,
      },
    );
  }
  if (status === 403 && isFloodStage(complaint)) return busy(at, `its disk is nearly full: ${said}`, cause);
  if (status === 403) {
    return new LogsError('REMOTE_DENIED', `${at} forbids it: ${said}`, {
      hint: `give ${url.user ?? 'the API key'} the right to do it, or use another login`,
      cause,
    });
  }
  if (status === 413) {
    return new LogsError('TOO_LARGE', `${at} takes no request of this size: ${said}`, {
      hint: 'it is sent in smaller parts; http.max_content_length of the server is the limit',
      cause,
    });
  }
  if (status === 429 || status === 503) {
    return busy(
      at,
      said,
      cause,
      retryAfter !== undefined && /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : undefined,
    );
  }
  if (status === 404) {
    return new LogsError('NOT_FOUND', `${at}: ${said}`, { hint: `logs index status ${at} shows what is there`, cause });
  }
  if (status >= 500 || status === 408) {
    return new LogsError('REMOTE_FAILED', `${at} failed: ${said}`, { hint: 'look into the log of the server', cause });
  }
  if (/plain ?text|HTTP request (?:was )?sent to (?:an )?HTTPS/i.test(text)) return spokenPlainly(url, cause);
  return new LogsError('REMOTE_UNSUITABLE', `${at} refuses the request: ${said}`, {
    hint: 'Elasticsearch 8 or 9 and OpenSearch 2 or 3 are supported',
    cause,
  });
}

function busy(at: string, why: string, cause: unknown, retryAfterMs?: number): LogsError {
  return new LogsError('REMOTE_BUSY', `${at} takes nothing now: ${why}`, {
    hint: 'try again later',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    cause,
  });
}

function spokenPlainly(url: RemoteUrl, cause: unknown): LogsError {
  return new LogsError('REMOTE_TLS', `${url.shown} wants TLS`, {
    hint: `write ${url.scheme}+https://${hostsOf(url)}`,
    cause,
  });
}

const NOT_REACHED =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|Connect Timeout|connect ETIMEDOUT|ECONNABORTED/;
const TLS_TROUBLE =
  /certificate|self-signed|CERT_|altname|wrong version number|EPROTO|SSL routines|handshake|unable to (?:verify|get)|TLS|alert/i;

/** A request that got no answer. `error`: what the client threw; `connecting`: nothing of the request can have arrived. */
export function connectionFailure(url: RemoteUrl, error: Error): LogsError {
  const { message } = error;
  const at = url.shown;
  if (NOT_REACHED.test(message)) {
    const why = /ENOTFOUND|EAI_AGAIN/.test(message)
      ? 'no such host'
      : /ECONNREFUSED/.test(message)
        ? 'nothing listens there'
        : oneLine(message);
    return new LogsError('UNREACHABLE', `cannot reach ${at}: ${why}`, {
      hint: 'check the address and the port, and that the server runs',
      cause: error,
    });
  }
  if (url.tls && /wrong version number|EPROTO|packet length too long/.test(message)) {
    return new LogsError('REMOTE_TLS', `${at} does not speak TLS`, {
      hint: `write ${url.scheme}://${hostsOf(url)}`,
      cause: error,
    });
  }
  if (url.tls && TLS_TROUBLE.test(message)) {
    return new LogsError('REMOTE_TLS', `${at}: ${oneLine(message.split(';')[0] ?? message)}`, {
      hint: /altname/i.test(message)
        ? 'use the name that its certificate is for'
        : '?ca=FILE names the certificate that signed it; ?insecure=true trusts anything',
      cause: error,
    });
  }
  // A TLS server closes at the first plain byte, or answers with an alert, which is no HTTP.
  if (!url.tls && /Expected HTTP\/|HPE_|Parse Error|invalid constant/i.test(message)) return spokenPlainly(url, error);
  return new LogsError(
    'REMOTE_FAILED',
    `the connection to ${at} broke: ${oneLine(message.split(' - Local:')[0] ?? message)}`,
    {
      hint: url.tls ? 'look into the log of the server' : `if it wants TLS write ${url.scheme}+https://${hostsOf(url)}`,
      cause: error,
    },
  );
}

export function timeoutFailure(url: RemoteUrl, ms: number): LogsError {
  return new LogsError('REMOTE_FAILED', `${url.shown} did not answer within ${Math.round(ms / 1000)} s`, {
    hint: 'the server may be overloaded; try again later',
  });
}

function hostsOf(url: RemoteUrl): string {
  return `${url.hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',')}${url.path.map((part) => `/${part}`).join('')}`;
}
