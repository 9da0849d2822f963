import { LogsError } from '../lib/errors.ts';
import { parseDuration } from '../lib/query/duration.ts';
import { Grid } from '../lib/render/grid.ts';
import { openPaint } from '../lib/render/paint.ts';

/** The one address that a command of `logs kafka` is about. */
export function clusterAddress(positionals: readonly string[], command: string): string {
  const [address, ...more] = positionals;
  const hint = `logs kafka ${command} kafka://HOST:9092`;
  if (address === undefined) throw new LogsError('USAGE', 'which cluster?', { hint });
  if (more.length > 0) throw new LogsError('USAGE', `one address at a time: ${more[0]} is a second`, { hint });
  if (!/^kafka(?:\+tls)?:\/\//i.test(address)) {
    throw new LogsError('USAGE', `${address} is no address of Kafka`, { hint });
  }
  return address;
}

/** Rows under names, with borders where they are few. */
export async function drawTable(columns: readonly string[], rows: readonly (readonly string[])[]): Promise<string> {
  const terminal = process.stdout.isTTY === true;
  const style = {
    terminal,
    width: (terminal && process.stdout.columns) || 80,
    zone: 'UTC',
    paint: await openPaint(false),
  };
  const grid = new Grid(columns, style);
  return grid.add(rows) + (await grid.end());
}

/** Milliseconds that `--retention` means; -1 for `all`. Throws TIME_SYNTAX. */
export function retentionFlag(text: string): number {
  return text === 'all' ? -1 : Number(parseDuration(text) / 1_000_000n);
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
] as const;

/** A retention for people: `7d`, `36h`, `for ever`; `-` where it is not known. */
export function shownRetention(ms: number | undefined): string {
  if (ms === undefined) return '-';
  if (ms < 0) return 'for ever';
  const [unit, size] = UNITS.find(([, each]) => ms % each === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
}
