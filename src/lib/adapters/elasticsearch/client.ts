import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { LogsError, systemReason } from '../../errors.ts';
import type { RemoteUrl } from '../../config/remote-url.ts';
import { Client, errors, Serializer, Transport } from './client-api.ts';
import { connectionFailure, statusFailure, timeoutFailure } from './failure.ts';
import { isLoopback, isOn, nodesOf } from './url.ts';

export interface EsRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** With its leading `/`, encoded. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string | number | boolean };
  /** JSON, as text or as an object. */
  readonly body?: string | object;
  /** Lines of JSON, for `_bulk` and `_msearch`. */
  readonly lines?: string | Buffer;
  /** Milliseconds until the answer must be there; 30 s where not said. */
  readonly timeout?: number;
  /** Statuses of 400 and above that are an answer, not an error. */
  readonly allow?: readonly number[];
}

export interface EsAnswer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
  /** As it came: read numbers from it with `readJson` where their text counts. */
  readonly text: string;
}

/** A connection to Elasticsearch or OpenSearch. It never retries: that is the business of who asks. */
export interface EsClient {
  readonly url: RemoteUrl;
  /**
   * Throws UNREACHABLE, REMOTE_TLS, REMOTE_DENIED, REMOTE_BUSY, REMOTE_FAILED, REMOTE_UNSUITABLE, TOO_LARGE or
   * NOT_FOUND, in one line that names the URL; the reason of `signal` when that stops it.
   */
  ask(request: EsRequest, signal?: AbortSignal): Promise<EsAnswer>;
  /** `ask`, and the answer read by `JSON.parse`. */
  json<T>(request: EsRequest, signal?: AbortSignal): Promise<T>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 30_000;

/**
 * The client's own headers name its version, which Elasticsearch 8 and OpenSearch refuse, and its product check
 * refuses OpenSearch; with these plain ones all four are one. What the server is, `findCluster` looks at.
 */
class PlainTransport extends Transport {
  constructor(options: ConstructorParameters<typeof Transport>[0]) {
    const { productCheck: _, ...rest } = options;
    super({
      ...rest,
      vendoredHeaders: {
        jsonContentType: 'application/json',
        ndjsonContentType: 'application/x-ndjson',
        accept: 'application/json',
      },
    });
  }
}

/** Answers stay text: what is in them is read where it is needed, once, and without rounding numbers. */
class TextSerializer extends Serializer {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the client's own signature
  override deserialize<T>(text: string): T {
    return text as T;
  }
}

/**
 * Opens a connection; nothing is sent yet. `warn` hears of what is unsafe.
 * @throws LogsError CONFIG for a certificate that cannot be read
 */
export function openClient(url: RemoteUrl, warn: (text: string) => void = () => undefined): EsClient {
  const insecure = isOn(url, 'insecure');
  if (insecure && url.tls)
    warn(`${url.shown}: insecure=true: whoever answers is trusted with the password and the logs`);
  const apiKey = url.params.get('api-key');
  const file = (name: string): { [name: string]: Buffer } => {
    const path = url.params.get(name);
    return path === undefined ? {} : { [name]: readPem(path, name, url) };
  };
  const client = new Client({
    nodes: nodesOf(url),
    Transport: PlainTransport,
    Serializer: TextSerializer,
    maxRetries: 0,
    sniffOnStart: false,
    sniffInterval: false,
    sniffOnConnectionFault: false,
    enableMetaHeader: false,
    ...(apiKey === undefined ? {} : { auth: { apiKey } }),
    ...(url.user === undefined ? {} : { auth: { username: url.user, password: url.password ?? '' } }),
    ...(url.tls ? { tls: { ...file('ca'), ...file('cert'), ...file('key'), rejectUnauthorized: !insecure } } : {}),
  });
  const isGzip = (url.params.get('compression') ?? (isLoopback(url) ? 'none' : 'gzip')) === 'gzip';
  const ask = (request: EsRequest, signal?: AbortSignal): Promise<EsAnswer> =>
    send({ client, url, isGzip }, request, signal);
  return {
    url,
    ask,
    json: async <T>(request: EsRequest, signal?: AbortSignal): Promise<T> => {
      const { text } = await ask(request, signal);
      try {
        return JSON.parse(text) as T;
      } catch (error) {
        throw new LogsError('REMOTE_UNSUITABLE', `${url.shown} answers with something other than JSON`, {
          hint: 'is it Elasticsearch or OpenSearch, and nothing in between?',
          cause: error,
        });
      }
    },
    close: () => client.close(),
  };
}

interface Connection {
  readonly client: Client;
  readonly url: RemoteUrl;
  readonly isGzip: boolean;
}

async function send({ client, url, isGzip }: Connection, request: EsRequest, outer?: AbortSignal): Promise<EsAnswer> {
  outer?.throwIfAborted();
  const ms = request.timeout ?? TIMEOUT_MS;
  // A signal of its own: the client fires events on the one it is given when time is up.
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  outer?.addEventListener('abort', onAbort, { once: true });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop.abort();
  }, ms);
  try {
    const sent = isGzip ? await zip(request) : plain(request);
    const { statusCode, headers, body } = await client.transport.request<unknown>(
      {
        method: request.method,
        path: request.path,
        ...(request.query === undefined ? {} : { querystring: request.query }),
        ...(sent.body === undefined ? {} : { body: sent.body }),
      },
      // Every status is an answer here.
      { signal: stop.signal, meta: true, ignore: ALL_STATUSES, headers: sent.headers },
    );
    const status = statusCode ?? 0;
    const text = typeof body === 'string' ? body : '';
    if (status >= 400 && request.allow?.includes(status) !== true) {
      throw statusFailure(url, status, text, single(headers?.['retry-after']));
    }
    return { status, headers: headers ?? {}, text };
  } catch (error) {
    if (error instanceof LogsError) throw error;
    outer?.throwIfAborted();
    if (late) throw timeoutFailure(url, ms);
    throw error instanceof errors.ElasticsearchClientError ? connectionFailure(url, error) : error;
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', onAbort);
  }
}

interface Sent {
  readonly body: string | Buffer | undefined;
  readonly headers: { readonly [name: string]: string };
}

function plain({ body, lines }: EsRequest): Sent {
  if (lines !== undefined)
    return { body: lines, headers: { 'content-type': 'application/x-ndjson', accept: JSON_TYPE } };
  if (body === undefined) return { body, headers: { accept: JSON_TYPE } };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { body: text, headers: { 'content-type': JSON_TYPE, accept: JSON_TYPE } };
}

const JSON_TYPE = 'application/json';
/** Below this gzip gains nothing. */
const MIN_GZIP = 1024;
const gzipped = promisify(gzip);

/** As the client's own compression, but at the fastest level: the default one takes four times as long for a tenth less. */
async function zip(request: EsRequest): Promise<Sent> {
  const { body, headers } = plain(request);
  const accepting = { ...headers, 'accept-encoding': 'gzip,deflate' };
  if (body === undefined || body.length < MIN_GZIP) return { body, headers: accepting };
  const packed = await gzipped(body, { level: constants.Z_BEST_SPEED });
  return { body: packed, headers: { ...accepting, 'content-encoding': 'gzip' } };
}

const ALL_STATUSES = Array.from({ length: 200 }, (_, index) => 400 + index);

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function readPem(path: string, name: string, url: RemoteUrl): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new LogsError('CONFIG', `${name}=${path} of ${url.shown}: cannot read it: ${systemReason(error)}`, {
      hint: 'it is a file in PEM form',
      cause: error,
    });
  }
}
