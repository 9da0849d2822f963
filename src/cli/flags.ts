import * as Flags from '@oclif/core/flags';
import { RECORD_FORMATS } from '../lib/render/output.ts';

/** When: the window of a query and the zone its times are read and shown in. */
export const timeFlags = {
  since: Flags.string({
    char: 'S',
    aliases: ['from-time'],
    helpValue: 'TIME',
    summary: 'events from this time on: 15m, 2h, 3d, today, friday, 14:05, RFC 3339, epoch; all',
    helpGroup: 'TIME',
  }),
  until: Flags.string({
    char: 'U',
    aliases: ['to-time'],
    helpValue: 'TIME',
    summary: 'events before this time',
    helpGroup: 'TIME',
  }),
  timezone: Flags.string({
    char: 'Z',
    helpValue: 'ZONE',
    summary: 'zone of times typed, shown and grouped by: Europe/Berlin, +02:00; default the local one',
    helpGroup: 'TIME',
  }),
  utc: Flags.boolean({ summary: 'the same as --timezone UTC', exclusive: ['timezone'], helpGroup: 'TIME' }),
};

/** Where: what is asked instead of the embedded store. */
export const fromFlags = {
  from: Flags.string({
    helpValue: 'URL',
    summary:
      'ask es://HOST/logs, opensearch://HOST/logs, kafka://HOST/TOPIC or store:DIR; the last 24 hours unless said',
    helpGroup: 'SOURCE',
  }),
  strict: Flags.boolean({
    summary: 'refuse what a server cannot answer exactly by itself, instead of checking its events here',
    dependsOn: ['from'],
    helpGroup: 'SOURCE',
  }),
};

/** Which: what every reading command can narrow by beside the query. */
export const filterFlags = {
  level: Flags.string({
    char: 'l',
    helpValue: 'LEVEL',
    summary: 'that level and above: trace, debug, info, warn, error, fatal',
    helpGroup: 'MATCH',
  }),
  'allow-partial': Flags.boolean({
    summary: 'exit 0 or 1 although damage kept some events out of the answer',
    helpGroup: 'MATCH',
  }),
};

/** What of each event is shown. */
export const fieldFlags = {
  fields: Flags.string({
    char: 'k',
    multiple: true,
    delimiter: ',',
    helpValue: 'FIELDS',
    summary: 'only these fields, in this order',
    helpGroup: 'OUTPUT',
  }),
  'exclude-fields': Flags.string({
    char: 'K',
    multiple: true,
    delimiter: ',',
    exclusive: ['fields'],
    helpValue: 'FIELDS',
    summary: 'all fields but these',
    helpGroup: 'OUTPUT',
  }),
};

/** How and where the answer is written. */
export const outputFlags = {
  output: Flags.string({
    char: 'o',
    options: [...RECORD_FORMATS],
    helpValue: 'FORMAT',
    summary: `pretty on a terminal, ndjson in a pipe; ${RECORD_FORMATS.join(', ')}`,
    helpGroup: 'OUTPUT',
  }),
  out: Flags.string({
    helpValue: 'FILE',
    summary: 'write the answer to a file; .json, .csv and .tsv say the format',
    helpGroup: 'OUTPUT',
  }),
};

export const explainFlag = {
  explain: Flags.boolean({
    summary: 'show the query in pipe form, its SQL and its plan; read nothing',
    helpGroup: 'OUTPUT',
  }),
};

/** Waiting for events, and when to stop. */
export const followFlags = {
  timeout: Flags.string({
    helpValue: 'DURATION',
    summary: 'stop following after this long; exit 1 if nothing matched',
    helpGroup: 'FOLLOW',
  }),
  'stop-on': Flags.string({
    helpValue: 'QUERY',
    summary: 'stop following, with exit 0, at an event shown that matches this',
    helpGroup: 'FOLLOW',
  }),
  'fail-on': Flags.string({
    helpValue: 'QUERY',
    summary: 'stop following, with exit 1, at an event shown that matches this',
    helpGroup: 'FOLLOW',
  }),
};

/** `-n 20`: a whole number from 0, where 0 means all. */
export function limitFlag(summary: string) {
  return Flags.integer({
    char: 'n',
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    helpValue: 'N',
    summary,
    helpGroup: 'MATCH',
  });
}
