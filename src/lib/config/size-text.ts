import { SIZE_UNITS } from '../query/duration.ts';

/** Bytes as `parseSize` reads them back, in the unit that makes it shortest: `4MiB`, `10MB`, `1500`. */
export function sizeText(bytes: number): string {
  let best = String(bytes);
  for (const unit of ['KB', 'KiB', 'MB', 'MiB', 'GB', 'GiB'] as const) {
    const size = Number(SIZE_UNITS[unit]);
    const text = `${bytes / size}${unit}`;
    if (bytes !== 0 && bytes % size === 0 && text.length <= best.length) best = text;
  }
  return best;
}
