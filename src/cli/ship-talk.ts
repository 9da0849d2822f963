import type { SingleBar } from 'cli-progress';
import type { ShipProgress, ShipSummary } from '../lib/app/ship-result.ts';
import { size } from './store-summary.ts';

/** A bar is drawn only for what takes longer. */
const SHOW_AFTER_MS = 1000;

export interface ProgressBar {
  readonly show: (done: ShipProgress) => void;
  readonly stop: () => void;
}

/** Steps of a bar. */
const WHOLE = 1000;

/**
 * Amount and rate on standard error while it takes over a second, and a bar with the time left where that is known;
 * nothing where standard error is no terminal, or in CI.
 */
export function shipProgress(): ProgressBar {
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
    show(now) {
      if (!wanted || stopped) return;
      const seconds = (performance.now() - began) / 1000;
      if (bar !== undefined) bar.update(steps(now), { text: progressText(now, seconds) });
      else if (!loading && seconds * 1000 > SHOW_AFTER_MS) {
        loading = true;
        void import('cli-progress').then(({ default: progress }) => {
          if (stopped) return;
          const format = now.ahead === undefined ? 'shipping {text}' : 'shipping {bar} {percentage}%, {text}';
          bar = new progress.SingleBar({
            format,
            barsize: 20,
            clearOnComplete: true,
            hideCursor: true,
            stream: process.stderr,
          });
          bar.start(WHOLE, steps(now), { text: progressText(now, seconds) });
        });
      }
    },
    stop,
  };
}

function steps({ ahead }: ShipProgress): number {
  if (ahead === undefined || ahead.total === 0) return 0;
  return Math.floor(WHOLE * (1 - ahead.left / ahead.total));
}

/** How much came in so many seconds, how fast, and how long the rest will take at that rate. */
export function progressText({ bytes, events, ahead }: ShipProgress, seconds: number): string {
  const rate = bytes / seconds;
  const left = ahead === undefined || rate === 0 ? '' : `, ${timeLeft(ahead.left / rate)} left`;
  return `${size(bytes)}, ${count(events, 'event')}, ${size(rate)}/s${left}`;
}

function timeLeft(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.ceil(whole / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** One or two lines for people: what was shipped, and what of it was odd. */
export function summaryLines(summary: ShipSummary): string[] {
  const { events, bytes, seconds, unparsed, files } = summary;
  const rate = seconds > 0 ? `, ${size(bytes / seconds)}/s` : '';
  const amount = bytes > 0 ? `, ${size(bytes)} in ${seconds.toFixed(2)} s${rate}` : '';
  const first = `${count(events, 'event')}${amount}${events > 0 ? `, ${unparsed.toLocaleString('en-US')} unparsed` : ''}`;
  const odd = [
    ...Object.entries(summary.dropped ?? {}).map(([why, levels]) => `left out by ${why}: ${byLevel(levels)}`),
    ...(summary.rejected > 0 ? [`${summary.rejected.toLocaleString('en-US')} in the dead letters (logs dlq ls)`] : []),
    ...(summary.truncated > 0 ? [`${count(summary.truncated, 'event')} cut at 1 MiB`] : []),
    ...(summary.nulBytes > 0 ? [`${summary.nulBytes.toLocaleString('en-US')} NUL bytes left out`] : []),
    ...(files.unchanged > 0 ? [`${count(files.unchanged, 'file')} with nothing new (--again sends all)`] : []),
    ...(files.empty > 0 ? [count(files.empty, 'empty file')] : []),
    ...(files.skipped > 0 ? [`${count(files.skipped, 'file')} damaged or left out`] : []),
  ];
  return odd.length === 0 ? [first] : [first, odd.join(', ')];
}

function byLevel(levels: { readonly [level: string]: number }): string {
  const parts = Object.entries(levels).map(([level, events]) => `${events.toLocaleString('en-US')} ${level}`);
  return parts.join(', ');
}

function count(n: number, what: string): string {
  return `${n.toLocaleString('en-US')} ${what}${n === 1 ? '' : 's'}`;
}
