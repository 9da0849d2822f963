import { prettyTime } from '../lib/render/record-pretty.ts';
import { size } from './store-summary.ts';

/** What is told of one queue; bytes of events, milliseconds since 1970. */
export interface QueueSummary {
  readonly name: string;
  readonly target: string;
  readonly events: number;
  readonly bytes: number;
  readonly oldest?: number;
  readonly processes: readonly number[];
}

/** What a queue holds, for people: a line each of label and value. */
export function queueLines({ name, target, events, bytes, oldest, processes }: QueueSummary, zone: string): string[] {
  const lines: readonly (readonly [string, string])[] = [
    ['queue', name],
    ['target', target],
    ['events', `${events.toLocaleString('en-US')}, ${size(bytes)}`],
    ['oldest', oldest === undefined ? '-' : prettyTime(BigInt(oldest) * 1_000_000n, zone)],
    ['at work', processes.length === 0 ? 'no process' : `process ${processes.join(', ')}`],
  ];
  return lines.map(([label, value]) => `${label.padEnd(8)}  ${value}`);
}
