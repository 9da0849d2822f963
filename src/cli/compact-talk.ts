import { count, size } from './store-summary.ts';

/** What is told of one tenant whose segments were merged; bytes. */
export interface CompactedSummary {
  readonly tenant: string;
  readonly before: Totals;
  readonly after?: Totals;
  readonly sealed: { readonly logs: number; readonly bytes: number };
  readonly steps: readonly Step[];
}

interface Totals {
  readonly segments: number;
  readonly rawBytes: number;
  readonly diskBytes: number;
}

interface Step {
  readonly day: string;
  readonly days: number;
  readonly segments: number;
  readonly rawBytes: number;
  readonly split: boolean;
}

/** What was done, for people: a line a tenant. */
export function compactedLine({ tenant, before, after = before }: CompactedSummary): string {
  if (after.segments === 0) return `${tenant}: no segments`;
  const ratio = after.rawBytes / after.diskBytes;
  const smaller = ratio < 1 ? '' : `, ${ratio.toFixed(1)} times smaller than received`;
  const now = `${count(after.segments, 'segment')}, ${size(after.diskBytes)}${smaller}`;
  if (before.segments === after.segments && before.diskBytes === after.diskBytes)
    return `${tenant}: nothing to compact, ${now}`;
  if (before.segments === 0) return `${tenant}: ${now}`;
  const old = `${count(before.segments, 'segment')}, ${size(before.diskBytes)}`;
  return `${tenant}: ${now}; before ${old}, whose files go with the first ship or compact in ten minutes`;
}

/** What would be done: a line for what would be sealed, and one a step. */
export function plannedLines({ tenant, before, sealed, steps }: CompactedSummary): string[] {
  const first =
    sealed.logs === 0 ? [] : [`${tenant}: ${count(sealed.logs, 'log file')} to seal, ${size(sealed.bytes)}`];
  if (first.length + steps.length === 0)
    return [`${tenant}: nothing to compact in ${count(before.segments, 'segment')}`];
  return [...first, ...steps.map((step) => `${tenant}: ${stepText(step)}`)];
}

/** One step: `12 segments of 2026-01-02, 240 MB received, into one`. */
export function stepText({ day, days, segments, rawBytes, split }: Step): string {
  const first = day.replaceAll('.', '-');
  const of = days === 1 ? first : `${count(days, 'day')} from ${first} on`;
  return `${count(segments, 'segment')} of ${of}, ${size(rawBytes)} received, into ${split ? 'one a day' : 'one'}`;
}
