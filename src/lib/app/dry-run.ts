import { eachEvent } from '../record/events.ts';
import { parseEvent } from '../parse/parse-event.ts';
import type { LogRecord } from '../record/record.ts';
import { escapeToLine } from '../render/escape.ts';
import { formatTime } from '../record/time.ts';
import { isOfSource, type SourceToOpen } from './ship.ts';
import type { LogsError } from '../errors.ts';
import { batchesOf, type ReadOptions } from './ship-source.ts';

/** What would be stored of one event, and why. */
export interface SampledEvent {
  readonly source: string;
  /** The first line of the event in its source, from 1. */
  readonly line: number;
  readonly lines: number;
  readonly format: string;
  /** RFC 3339; as it came where the event has a time, else when it was received. */
  readonly ts: string;
  readonly tsFrom: 'event' | 'receipt';
  readonly level: string;
  readonly service: string | null;
  readonly host: string | null;
  readonly message: string | null;
  /** Names of the other fields. */
  readonly fields: readonly string[];
  /** Why it could not be read; it would be kept whole. */
  readonly parseError: string | null;
  readonly truncated: number | null;
}

export interface DryRunOptions {
  readonly sources: readonly SourceToOpen[];
  readonly read: ReadOptions;
  /** So many events of each source. */
  readonly sample: number;
}

export interface DryRunEnd {
  /** Sources without an event. */
  readonly empty: readonly string[];
  /** Sources that were left out or cut short. */
  readonly failures: readonly LogsError[];
}

/**
 * Reads the first events of each source as `ship` would, and stores nothing. A source that cannot be read does not
 * stop the others.
 */
export async function* dryRun(options: DryRunOptions, signal: AbortSignal): AsyncGenerator<SampledEvent, DryRunEnd> {
  const empty: string[] = [];
  const failures: LogsError[] = [];
  for (const entry of options.sources) {
    if (signal.aborted) break;
    try {
      const given = yield* sampleOf(entry, options, signal);
      if (given === 0) empty.push(entry.name);
    } catch (error) {
      if (!isOfSource(error)) throw error;
      failures.push(error);
    }
  }
  return { empty, failures };
}

/** Gives how many events were sampled. */
async function* sampleOf(
  entry: SourceToOpen,
  options: DryRunOptions,
  signal: AbortSignal,
): AsyncGenerator<SampledEvent, number> {
  const source = await entry.open();
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let given = 0;
  try {
    const tally = { blank: 0, truncated: 0, nulBytes: 0 };
    const batches = batchesOf(source, { read: options.read, marks: undefined, again: true, tally, signal: either });
    let line = 1;
    for await (const batch of batches) {
      const samples: SampledEvent[] = [];
      const starts: { start: number; end: number; line: number }[] = [];
      eachEvent(batch.bytes, batch.joins, (start, end, at) => {
        if (starts.length < options.sample - given) starts.push({ start, end, line: at });
      });
      for (const event of starts) {
        const raw = batch.bytes.subarray(event.start, event.end);
        const record = parseEvent(raw, batch.context, BigInt(Date.now()) * 1_000_000n, '');
        samples.push(sampled(record, source.name, line + event.line, batch.context.truncated));
      }
      yield* samples;
      given += samples.length;
      line += batch.lines;
      if (given >= options.sample) break;
    }
  } finally {
    stop.abort();
    await source.close();
  }
  return given;
}

function sampled(record: LogRecord, source: string, line: number, truncated: number | undefined): SampledEvent {
  const error = Object.hasOwn(record.fields, '_parse_error') ? record.fields['_parse_error'] : undefined;
  let lines = 1;
  for (const byte of record.raw) if (byte === 10) lines += 1;
  return {
    source,
    line,
    lines,
    format: record.format,
    ts: record.tsText ?? formatTime(record.ts),
    tsFrom: record.tsText === undefined ? 'receipt' : 'event',
    level: record.level,
    service: record.service ?? null,
    host: record.host ?? null,
    message: record.message ?? null,
    fields: Object.keys(record.fields),
    parseError: typeof error === 'string' ? error : null,
    truncated: truncated ?? null,
  };
}

/** A line on a sampled event, for people: nothing in it moves them or their terminal. */
export function describe(event: SampledEvent): string {
  const where = `${event.source}:${event.line}${event.lines > 1 ? `-${event.line + event.lines - 1}` : ''}`;
  const parts = [
    `${where}: ${event.format}`,
    `${event.ts} (${event.tsFrom === 'event' ? 'its own time' : 'no time in it: the time of receipt'})`,
    event.level,
    `service ${event.service ?? '-'}`,
    `message ${event.message === null ? '-' : JSON.stringify(shortened(event.message))}`,
  ];
  if (event.fields.length > 0) parts.push(`fields ${event.fields.join(', ')}`);
  if (event.truncated !== null) parts.push(`cut: it had ${event.truncated} bytes`);
  if (event.parseError !== null) parts.push(`kept whole: ${event.parseError}`);
  return escapeToLine(parts.join(' | '));
}

function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
