import { MONTHS } from './calendar.ts';
import { namedOffset, type Reading, readZone } from './time-parts.ts';

const CLOCK = '(?<H>\\d\\d):(?<M>\\d\\d):(?<S>\\d\\d)(?:[.,:](?<f>\\d{1,9})(?!\\d))?';
const SHORT_CLOCK = '(?<H>\\d\\d):(?<M>\\d\\d)(?::(?<S>\\d\\d)(?:[.,](?<f>\\d+))?)?';
const MONTH = '(?<mon>[A-Z][a-z]{2})';
const DAY_NAME = '(?:[A-Z][a-z]{2,8},? +)';

/** The forms of a time at the start of a text, but for RFC 3339's own. The name says who writes it. */
export const TIME_FORMS: readonly { readonly name: string; readonly example: string; readonly pattern: RegExp }[] = [
  {
    name: 'ISO 8601 without seconds',
    example: '2024-01-02T03:04Z',
    pattern: new RegExp(`(?<y>\\d{4})-(?<m>\\d\\d)-(?<d>\\d\\d)[T ]${SHORT_CLOCK}(?!\\d)`, 'y'),
  },
  { name: 'ISO 8601 date', example: '2024-01-02', pattern: /(?<y>\d{4})-(?<m>\d\d)-(?<d>\d\d)(?![\dT:-])/y },
  {
    name: 'ISO 8601 basic',
    example: '20240102T030405.678Z',
    pattern: /(?<y>\d{4})(?<m>\d\d)(?<d>\d\d)[T -]?(?<H>\d\d):?(?<M>\d\d):?(?<S>\d\d)(?:[.,]?(?<f>\d+))?(?!\d)/y,
  },
  {
    name: 'Go log, nginx error log',
    example: '2024/01/02 03:04:05.678901',
    pattern: new RegExp(`(?<y>\\d{4})/(?<m>\\d\\d)/(?<d>\\d\\d)[ T]${CLOCK}`, 'y'),
  },
  {
    name: 'dots',
    example: '2024.01.02 03:04:05',
    pattern: new RegExp(`(?<y>\\d{4})\\.(?<m>\\d\\d)\\.(?<d>\\d\\d)[ T]${CLOCK}`, 'y'),
  },
  {
    name: 'common log format',
    example: '02/Jan/2024:03:04:05 +0100',
    pattern: new RegExp(`(?<d>\\d{1,2})/${MONTH}/(?<y>\\d{4})[: ]${CLOCK}`, 'y'),
  },
  {
    name: 'RFC 2822; day, month name and year',
    example: 'Tue, 2 Jan 2024 03:04:05 +0100',
    pattern: new RegExp(`${DAY_NAME}?(?<d>\\d{1,2})[ -]${MONTH}[ -](?<y>\\d{4})[ :] *${SHORT_CLOCK}`, 'y'),
  },
  {
    name: 'ctime, Apache error log, date(1)',
    example: 'Tue Jan  2 03:04:05.678 2024',
    pattern: new RegExp(
      `${DAY_NAME}?${MONTH} +(?<d>\\d{1,2}) ${CLOCK}(?<z>(?: [A-Z]{3,4})?) (?<y>(?:19|20)\\d\\d)(?!\\d)`,
      'y',
    ),
  },
  {
    name: 'Java util.logging',
    example: 'Jan 02, 2024 3:04:05 AM',
    pattern: new RegExp(
      `${MONTH} (?<d>\\d{1,2}),? (?<y>\\d{4}),? (?<H>\\d{1,2}):(?<M>\\d\\d):(?<S>\\d\\d)(?:[.,](?<f>\\d+))?(?: (?<ap>[AP])M)?`,
      'y',
    ),
  },
  {
    name: 'syslog RFC 3164, Cisco with a year',
    example: 'Jan  2 03:04:05',
    pattern: new RegExp(`${MONTH} +(?<d>\\d{1,2}) (?:(?<y>\\d{4}) )?${CLOCK}`, 'y'),
  },
  {
    name: 'logcat',
    example: '01-02 03:04:05.678',
    pattern: new RegExp(`(?<m>\\d\\d)-(?<d>\\d\\d) ${CLOCK}`, 'y'),
  },
  {
    name: 'klog',
    example: '0102 03:04:05.678901',
    pattern: new RegExp(`(?<m>\\d\\d)(?<d>\\d\\d) ${CLOCK}`, 'y'),
  },
  {
    name: 'time of day',
    example: '03:04:05.678',
    pattern: new RegExp(`${CLOCK}(?!\\d|:)`, 'y'),
  },
];

/** The reading of the first form that a text begins with. */
export function matchForm(text: string): Reading | undefined {
  for (const { pattern } of TIME_FORMS) {
    pattern.lastIndex = 0;
    const groups = pattern.exec(text)?.groups;
    if (groups !== undefined) {
      const reading = toReading(groups, text, pattern.lastIndex);
      if (reading !== undefined) return reading;
    }
  }
  return undefined;
}

function toReading(g: Record<string, string | undefined>, text: string, end: number): Reading | undefined {
  const monthByName = g['mon'] === undefined ? undefined : MONTHS.indexOf(g['mon'].toLowerCase()) + 1;
  if (monthByName === 0) return undefined;
  const month = monthByName ?? (g['m'] === undefined ? undefined : Number(g['m']));
  let hour = Number(g['H'] ?? 0);
  if (g['ap'] !== undefined) {
    if (hour < 1 || hour > 12) return undefined;
    hour = (hour % 12) + (g['ap'] === 'P' ? 12 : 0);
  }
  // date(1) puts the zone before the year. One that is not known must not be taken for the default zone.
  const named = g['z'] === undefined || g['z'] === '' ? undefined : namedOffset(g['z'].trim());
  if (g['z'] && named === undefined) return undefined;
  const zone = g['H'] === undefined ? undefined : named === undefined ? readZone(text, end) : { offset: named, end };
  return {
    year: g['y'] === undefined ? undefined : Number(g['y']),
    month,
    day: g['d'] === undefined ? undefined : Number(g['d']),
    hour,
    minute: Number(g['M'] ?? 0),
    second: Number(g['S'] ?? 0),
    fraction: g['f'] ?? '',
    offset: zone?.offset,
    length: zone?.end ?? end,
  };
}
