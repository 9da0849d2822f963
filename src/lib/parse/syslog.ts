import type { Draft } from './draft.ts';
import { claim } from './draft.ts';

/** Names of the facilities 0–23 (RFC 5424, 6.2.1, as rsyslog spells them). */
export const FACILITIES: readonly string[] = [
  'kern',
  'user',
  'mail',
  'daemon',
  'auth',
  'syslog',
  'lpr',
  'news',
  'uucp',
  'cron',
  'authpriv',
  'ftp',
  'ntp',
  'audit',
  'alert',
  'clock',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
];

const PRI = /^<(\d{1,3})>/;

/** The length of `<PRI>` at the start of a text, 0 where there is none. */
export function priLength(text: string): number {
  return PRI.exec(text)?.[0].length ?? 0;
}

/** Takes level and facility from `<PRI>`; one above 191 is told and passed over (RFC 5424, 6.2.1). */
export function takePri(draft: Draft, text: string): void {
  const digits = PRI.exec(text)?.[1];
  if (digits === undefined) return;
  const pri = Number(digits);
  if (pri > 191) {
    draft.fields['_syslog_error'] = `PRI ${digits} is above 191`;
    return;
  }
  claim(draft, 'level', pri & 7, 'severity');
  draft.fields['facility'] = FACILITIES[pri >> 3] ?? String(pri >> 3);
}
