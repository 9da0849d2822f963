import type { SingleBar } from 'cli-progress';
import type { ShipSummary } from '../lib/app/ship.ts';
import { size } from './store-summary.ts';

/** A bar is drawn only for what takes longer. */
const SHOW_AFTER_MS = 1000;

export interface ShipProgress {
  readonly show: (done: { readonly bytes: number; readonly events: number }) => void;
  readonly stop: () => void;
}

/** Rate and amount on standard error while it takes over a second; nothing where that is no terminal, or in CI. */
export function shipProgress(): ShipProgress {
  const began = performance.now();
  let bar: SingleBar | undefined;
  let loading = false;
  let stopped = false;
  const wanted = process.stderr.isTTY === true && !process.env.CI;
  const stop = () => {
    stopped = true;
    bar?.stop();
    bar = undefined;
  };
  return {
    show({ bytes, events }) {
      if (!wanted || stopped) return;
      const seconds = (performance.now() - began) / 1000;
      if (bar !== undefined)
        bar.update(bytes, {
          amount: size(bytes),
          rate: size(bytes / seconds),
          events: events.toLocaleString('en-US'),
        });
      else if (!loading && seconds * 1000 > SHOW_AFTER_MS) {
        loading = true;
        void import('cli-progress').then(({ default: progress }) => {
          if (stopped) return;
          const format = 'shipping {amount}, {events} events, {rate}/s';
          bar = new progress.SingleBar({ format, clearOnComplete: true, hideCursor: true, stream: process.stderr });
          bar.start(0, 0, { amount: size(0), rate: size(0), events: '0' });
        });
      }
    },
    stop,
  };
}

/** One or two lines for people: what was shipped, and what of it was odd. */
export function summaryLines(summary: ShipSummary): string[] {
  const { events, bytes, seconds, unparsed, files } = summary;
  const rate = seconds > 0 ? `, ${size(bytes / seconds)}/s` : '';
  const amount = bytes > 0 ? `, ${size(bytes)} in ${seconds.toFixed(2)} s${rate}` : '';
  const first = `${count(events, 'event')}${amount}${events > 0 ? `, ${unparsed.toLocaleString('en-US')} unparsed` : ''}`;
  const odd = [
    ...(summary.rejected > 0 ? [`${summary.rejected.toLocaleString('en-US')} rejected`] : []),
    ...(summary.truncated > 0 ? [`${count(summary.truncated, 'event')} cut at 1 MiB`] : []),
    ...(summary.nulBytes > 0 ? [`${summary.nulBytes.toLocaleString('en-US')} NUL bytes left out`] : []),
    ...(files.unchanged > 0 ? [`${count(files.unchanged, 'file')} with nothing new (--again sends all)`] : []),
    ...(files.empty > 0 ? [count(files.empty, 'empty file')] : []),
    ...(files.skipped > 0 ? [`${count(files.skipped, 'file')} damaged or left out`] : []),
  ];
  return odd.length === 0 ? [first] : [first, odd.join(', ')];
}

function count(n: number, what: string): string {
  return `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`;
}
