import { withoutSecrets } from '../config/remote-url.ts';
import type { Example, Expectation } from '../config/examples.ts';
import type { PipelineTarget } from '../config/pipeline.ts';

import { valuesOf } from '../record/field-access.ts';
import { type FieldValue, type LogRecord, RawNumber } from '../record/record.ts';
import { formatTime } from '../record/time.ts';
import type { EventFlow } from './event-flow.ts';
import { type JudgedEvent, judgeEvents, textSource } from './judge-events.ts';
import type { ReadOptions } from './ship-source.ts';

/** Something that is other than expected, in words. */
export interface Difference {
  /** Of the input, from 1. */
  readonly event: number;
  /** `to`, `dropped`, `share`, or the field of the record. */
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

export interface ExampleResult {
  readonly name: string;
  readonly line: number;
  /** None: it passed. */
  readonly differences: readonly Difference[];
}

/** Runs examples through the reading, the sampling and the routes of a pipeline. */
export async function* tryExamples(
  examples: readonly Example[],
  { read, flow }: { readonly read: ReadOptions; readonly flow: EventFlow },
  signal: AbortSignal,
): AsyncGenerator<ExampleResult> {
  for (const { name, line, input, lagging, expect } of examples) {
    flow.lagging = lagging;
    const events: JudgedEvent[] = [];
    for await (const event of judgeEvents(textSource('-', input), { read, flow }, signal)) events.push(event);
    const differences = expect.flatMap((expected, at) => compare(expected, events[at], at + 1, flow.targets));
    if (events.length !== expect.length) {
      differences.unshift({
        event: 0,
        what: 'events',
        expected: String(expect.length),
        got: String(events.length),
      });
    }
    yield { name, line, differences };
  }
}

/** A target as examples name it: its addresses as they stand in the pipeline, secrets hidden. */
export function targetName({ urls }: PipelineTarget): string {
  return urls.map(withoutSecrets).join(',');
}

function compare(
  expected: Expectation,
  event: JudgedEvent | undefined,
  number: number,
  targets: readonly PipelineTarget[],
): Difference[] {
  if (event === undefined) return [];
  const { judgement, record } = event;
  const found: Difference[] = [];
  const differ = (what: string, wanted: string, got: string) => {
    if (wanted !== got) found.push({ event: number, what, expected: wanted, got });
  };
  const reached = judgement.targets.map((at) => targets[at] as PipelineTarget);
  if (expected.to !== undefined) {
    const wanted = typeof expected.to === 'string' ? [expected.to] : expected.to;
    const fits =
      wanted.length === reached.length &&
      wanted.every((name) => reached.some((target) => spellings(target).includes(name)));
    if (!fits) differ('to', listed(wanted.map(withoutSecrets)), whereTo(reached, judgement.dropped));
  }
  if (expected.dropped !== undefined) differ('dropped', expected.dropped, judgement.dropped ?? 'it is not');
  if (expected.share !== undefined) differ('share', String(expected.share), String(judgement.share));
  for (const [name, wanted] of Object.entries(expected.record ?? {})) {
    const got = shownValue(record, name);
    differ(
      name,
      wanted === null ? 'nothing' : JSON.stringify(wanted),
      got === undefined || got === 'null' ? 'nothing' : got,
    );
  }
  return found;
}

function whereTo(reached: readonly PipelineTarget[], dropped: string | undefined): string {
  return dropped === undefined ? listed(reached.map(targetName)) : `dropped by ${dropped}`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'nowhere' : names.join(' and ');
}

/** As written, and without user, password and settings. */
function spellings({ urls }: PipelineTarget): string[] {
  const short = urls.map((url) => url.replace(/^([a-z0-9+]+:\/\/)(?:.*@)?([^?]*).*$/is, '$1$2'));
  return [urls.join(','), short.join(',')];
}

/** The value of a field as JSON; undefined where there is none. */
function shownValue(record: LogRecord, name: string): string | undefined {
  if (name === '@timestamp') return JSON.stringify(record.tsText ?? formatTime(record.ts));
  const own = Object.hasOwn(record.fields, name) ? record.fields[name] : undefined;
  const values = own === undefined ? valuesOf(record, name) : [own];
  if (values.length === 0) return undefined;
  return json(values.length === 1 ? (values[0] as FieldValue) : values);
}

function json(value: FieldValue): string {
  return JSON.stringify(value, (_key, part: unknown) => (part instanceof RawNumber ? Number(part.text) : part));
}
