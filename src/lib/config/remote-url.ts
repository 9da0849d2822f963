import { LogsError } from '../errors.ts';
import { nearest } from '../query/nearest.ts';
import { resolveSecrets } from './secrets.ts';

export type RemoteScheme = 'kafka' | 'es' | 'opensearch';

/** An address of servers on other machines, read from text like `kafka+tls://ann@one:9092,two:9092/topic?acks=all`. */
export interface RemoteUrl {
  readonly scheme: RemoteScheme;
  readonly tls: boolean;
  /** At least one. */
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** The parts between slashes behind the hosts, decoded; no empty ones. */
  readonly path: readonly string[];
  /** The settings behind `?`, decoded, each given once. */
  readonly params: ReadonlyMap<string, string>;
  /** Without password and without the values of settings that are secret: for messages. */
  readonly shown: string;
  /** A secret stood in the text itself, not behind `${env:…}` or `${file:…}`: others may have seen it. */
  readonly exposed: boolean;
}

interface Known {
  readonly scheme: RemoteScheme;
  readonly tls: boolean;
  readonly port: number;
}

/** What may stand before `://`. */
const SCHEMES: { readonly [scheme: string]: Known } = {
  kafka: { scheme: 'kafka', tls: false, port: 9092 },
  'kafka+tls': { scheme: 'kafka', tls: true, port: 9093 },
  es: { scheme: 'es', tls: false, port: 9200 },
  'es+https': { scheme: 'es', tls: true, port: 9200 },
  opensearch: { scheme: 'opensearch', tls: false, port: 9200 },
  'opensearch+https': { scheme: 'opensearch', tls: true, port: 9200 },
};

/** Settings whose values are shown nowhere. */
const SECRET_PARAMS: ReadonlySet<string> = new Set(['api-key', 'key-passphrase', 'token']);

const URL_PARTS = /^([a-z0-9+]+):\/\/(?:([^@/?]*)@)?([^/?]*)(\/[^?]*)?(?:\?(.*))?$/is;

/** Whether text names servers on other machines: begins with a scheme of one. */
export function isRemoteUrl(text: string): boolean {
  const [, scheme] = /^([a-z0-9+]+):\/\//i.exec(text) ?? [];
  return scheme !== undefined && Object.hasOwn(SCHEMES, scheme.toLowerCase());
}

/**
 * Reads an address. Secrets may stand in it as `${env:NAME}` and `${file:PATH}`; everything is percent-decoded but what
 * they give. `params` are the settings that the caller knows.
 * @throws LogsError USAGE naming the part at fault, CONFIG for a secret that is not there
 */
export function parseRemoteUrl(text: string, params: readonly string[]): RemoteUrl {
  // The text of a placeholder may hold any character, so it is put away while the rest is taken apart.
  const kept: string[] = [];
  const plain = text.replace(/\$\{(?:env|file):[^}]*\}/g, (placeholder) => `\u0001${kept.push(placeholder) - 1}\u0001`);
  const parts = URL_PARTS.exec(plain);
  const known = parts?.[1] === undefined ? undefined : SCHEMES[parts[1].toLowerCase()];
  if (parts === null || known === undefined) {
    throw new LogsError('USAGE', `${hideSecrets(text)} is no address`, {
      hint: `it begins with ${Object.keys(SCHEMES).join('://, ')}://`,
    });
  }
  const [, scheme, login, hosts = '', path = '', query] = parts;
  const read = (part: string): string =>
    part
      .split(/(\u0001\d+\u0001)/)
      .map((piece) => {
        const at = /^\u0001(\d+)\u0001$/.exec(piece)?.[1];
        if (at === undefined) return decode(piece, text);
        return resolveSecrets(kept[Number(at)] as string);
      })
      .join('');
  const [user, ...rest] = login === undefined ? [] : login.split(':');
  const password = rest.length === 0 ? undefined : rest.join(':');
  const settings = new Map<string, string>();
  let exposed = password !== undefined && !/^\u0001\d+\u0001$/.test(password);
  for (const pair of query === undefined || query === '' ? [] : query.split('&')) {
    const at = pair.indexOf('=');
    const name = decode(at === -1 ? pair : pair.slice(0, at), text);
    if (!params.includes(name)) throw unknownParam(name, params, text);
    if (settings.has(name)) throw new LogsError('USAGE', `${name} stands twice in ${hideSecrets(text)}`);
    const value = at === -1 ? '' : pair.slice(at + 1);
    exposed ||= SECRET_PARAMS.has(name) && !/^\u0001\d+\u0001$/.test(value);
    settings.set(name, at === -1 ? 'true' : read(value));
  }
  const shownLogin = user === undefined ? '' : `${decode(user.replace(/\u0001\d+\u0001/g, '***'), text)}@`;
  return {
    scheme: known.scheme,
    tls: known.tls,
    hosts: hosts.split(',').map((host) => hostOf(read(host), known.port, text)),
    user: user === undefined ? undefined : read(user),
    password: password === undefined ? undefined : read(password),
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(read),
    params: settings,
    shown: `${scheme?.toLowerCase()}://${shownLogin}${hosts.replace(/\u0001\d+\u0001/g, '***')}${path.replace(/\u0001\d+\u0001/g, '***')}`,
    exposed,
  };
}

/** An address as it may be shown: what stands for a password and for secret settings is left out. */
export function hideSecrets(text: string): string {
  return text
    .replace(/^([a-z0-9+]+:\/\/[^:@/?]*):.*?@(?=[^@/?]*(?:[/?]|$))/is, '$1:***@')
    .replace(/([?&](?:api-key|key-passphrase|token)=)[^&]*/g, '$1***');
}

/** An address as it may be kept in a file: as it was typed, without passwords and settings that stand in it as such. */
export function withoutSecrets(text: string): string {
  const kept: string[] = [];
  const plain = text.replace(/\$\{(?:env|file):[^}]*\}/g, (placeholder) => `\u0001${kept.push(placeholder) - 1}\u0001`);
  const hide = (secret: string): string => (/^\u0001\d+\u0001$/.test(secret) ? secret : '***');
  return plain
    .replace(
      /^([a-z0-9+]+:\/\/[^:@/?]*:)(.*?)@(?=[^@/?]*(?:[/?]|$))/is,
      (_, login: string, secret: string) => `${login}${hide(secret)}@`,
    )
    .replace(
      /([?&](?:api-key|key-passphrase|token)=)([^&]*)/g,
      (_, name: string, secret: string) => name + hide(secret),
    )
    .replace(/\u0001(\d+)\u0001/g, (_, at: string) => kept[Number(at)] as string);
}

/** A line in which addresses stand as it may be shown, with what is secret starred out in its length: places in it stay. */
export function starSecrets(line: string): string {
  const star = (_all: string, before: string, secret: string): string =>
    before + (/^\$\{(?:env|file):[^}]*\}$/.test(secret) ? secret : '*'.repeat(secret.length));
  return line
    .replace(/(:\/\/[^:@/?\s'"]*:)((?:(?!\/\/)[^\s'"])*?)(?=@[^@/?]*(?:[/?\s'"\],}]|$))/g, star)
    .replace(/([?&][\w.-]*(?:key|token|pass|secret)[\w.-]*=)([^&\s'"\],}]+\}?)/gi, star);
}

function hostOf(text: string, port: number, url: string): { readonly host: string; readonly port: number } {
  const [, bracketed, bare, given] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = bracketed ?? bare;
  if (host === undefined || (given !== undefined && (Number(given) < 1 || Number(given) > 65_535))) {
    throw new LogsError('USAGE', `${JSON.stringify(text)} in ${hideSecrets(url)} is no host`, {
      hint: 'write host, host:port or [IPv6]:port; several with commas between them',
    });
  }
  return { host, port: given === undefined ? port : Number(given) };
}

function decode(text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new LogsError('USAGE', `${hideSecrets(url)} has a % that is no escape`, {
      hint: 'write % as %25',
      cause: error,
    });
  }
}

/** The value is not shown: it may be a secret whose name was misspelt. */
function unknownParam(name: string, params: readonly string[], text: string): LogsError {
  const meant = nearest(name, params);
  const known = params.length === 0 ? 'it takes none' : `known are ${[...params].sort().join(', ')}`;
  return new LogsError('USAGE', `unknown setting ${JSON.stringify(name)} in ${hideSecrets(text).split('?', 1)[0]}`, {
    hint: meant === undefined ? known : `did you mean ${meant}? ${known}`,
  });
}
