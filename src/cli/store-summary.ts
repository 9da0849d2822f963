import { LEVELS, type Level } from '../lib/record/level.ts';
import { prettyTime } from '../lib/render/record-pretty.ts';

/** What is told of one tenant; bytes, and nanoseconds since 1970. */
export interface TenantSummary {
  readonly tenant: string;
  readonly events: number;
  readonly segments: number;
  readonly days: number;
  readonly rawBytes: number;
  readonly diskBytes: number;
  readonly ratio?: number;
  readonly unsealedBytes: number;
  readonly oldest?: bigint;
  readonly newest?: bigint;
  readonly levels: { readonly [L in Level]?: number };
}

/** What a tenant holds, for people: a line each of label and value. */
export function tenantLines(of: TenantSummary, zone: string): string[] {
  // Of a few events the names of the columns are most of it.
  const smaller = of.ratio === undefined || of.ratio < 1 ? '' : `, ${of.ratio.toFixed(1)} times smaller`;
  const time = (at: bigint | undefined): string => (at === undefined ? '-' : prettyTime(at, zone));
  const lines: readonly (readonly [string, string])[] = [
    ['tenant', of.tenant],
    ['events', number(of.events)],
    ['received', size(of.rawBytes)],
    ['on disk', `${size(of.diskBytes)} in ${count(of.segments, 'segment')} of ${count(of.days, 'day')}${smaller}`],
    ['not yet sealed', size(of.unsealedBytes)],
    ['oldest', time(of.oldest)],
    ['newest', time(of.newest)],
    ...levelLines(of.levels),
  ];
  return lines.map(([label, value]) => `${label.padEnd(14)}  ${value}`);
}

/** Most severe first, in columns. */
function levelLines(levels: TenantSummary['levels']): (readonly [string, string])[] {
  const found = (Object.keys(LEVELS) as Level[])
    .sort((a, b) => LEVELS[b] - LEVELS[a])
    .flatMap((level) => (levels[level] === undefined ? [] : [[level, number(levels[level])] as const]));
  const width = Math.max(0, ...found.map(([, events]) => events.length));
  return found.map(([level, events], index) => [
    index === 0 ? 'levels' : '',
    `${level.padEnd(7)}  ${events.padStart(width)}`,
  ]);
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in the largest decimal unit that leaves at least one of it, to three digits. */
export function size(bytes: number): string {
  let unit = 0;
  let left = bytes;
  // 999.5 would be shown as 1,000 of the smaller unit.
  for (; left >= 999.5 && unit < UNITS.length - 1; unit++) left /= 1000;
  const digits = unit === 0 || left >= 99.95 ? 0 : left >= 9.995 ? 1 : 2;
  return `${left.toLocaleString('en-US', { maximumFractionDigits: digits })} ${UNITS[unit] ?? ''}`;
}

function number(n: number): string {
  return n.toLocaleString('en-US');
}

/** `1 segment`, `1,200 segments`. */
export function count(n: number, what: string): string {
  return `${number(n)} ${what}${n === 1 ? '' : 's'}`;
}
