import { LogsError } from '../errors.ts';
import { nearest } from '../query/nearest.ts';
import { hideSecrets, isRemoteUrl, withoutSecrets } from './remote-url.ts';
import type { AddressUse } from './setting.ts';

/**
 * Reads an address of servers as its adapter will, and connects to nothing. Throws USAGE naming what is wrong with it,
 * CONFIG for a secret that is not there, NOT_READABLE for a certificate that cannot be read.
 */
export type RemoteReading = (text: string, use: AddressUse) => Promise<unknown>;

export interface AddressRules {
  readonly readRemote: RemoteReading;
  /** Whether secrets and certificates have to be there. */
  readonly secrets: 'needed' | 'not needed';
}

const PLACEHOLDERS = /\$\{(?:env|file):[^}]*\}/g;
const KAFKA = ['kafka://', 'kafka+tls://'];
const REMOTE = [...KAFKA, 'es://', 'es+https://', 'opensearch://', 'opensearch+https://'];

/**
 * Looks at an address without connecting; gives what is worth saying of it.
 * @throws LogsError USAGE, CONFIG or NOT_READABLE
 */
export async function checkAddress(text: string, use: AddressUse, rules: AddressRules): Promise<string | undefined> {
  if (!isRemoteUrl(text)) {
    checkLocal(text, use);
    return undefined;
  }
  if (rules.secrets === 'needed') {
    await rules.readRemote(text, use);
    return exposureOf(text);
  }
  try {
    // A digit can stand for any part of an address.
    await rules.readRemote(text.replace(PLACEHOLDERS, '1'), use);
  } catch (error) {
    if (!(error instanceof LogsError && error.code === 'NOT_READABLE')) throw error;
  }
  return undefined;
}

function checkLocal(text: string, use: AddressUse): void {
  const [, scheme] = /^([a-z0-9+]+:\/\/)/i.exec(text) ?? [];
  if (use === 'source' ? scheme === undefined : isLocalTarget(text)) return;
  const known = use === 'source' ? KAFKA : ['store:', 'file:', 'null:', ...REMOTE];
  const meant = nearest(scheme ?? `${text.split(':', 1)[0]}:`, known);
  const all =
    use === 'source'
      ? 'it takes files, folders, patterns, - and kafka://HOST/TOPIC'
      : `it takes store, store:DIR, file:PATH, - (standard output), null:, and what begins with ${REMOTE.join(', ')}`;
  throw new LogsError('USAGE', `cannot ${use === 'source' ? 'read from' : 'ship to'} ${hideSecrets(text)}`, {
    hint: meant === undefined ? all : `did you mean ${meant}? ${all}`,
  });
}

function isLocalTarget(text: string): boolean {
  return text === 'store' || text === '-' || text === 'null:' || /^(?:store|file):(?!\/\/(?!\/)).+/s.test(text);
}

/** What to say of an address that has a secret in the open; undefined where there is none. */
export function exposureOf(text: string): string | undefined {
  if (withoutSecrets(text) === text) return undefined;
  return `a secret of ${hideSecrets(text)} stands in the open: write \${env:NAME} or \${file:PATH} for it`;
}
