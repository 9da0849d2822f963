import { SIZE_UNITS } from '../query/duration.ts';

/** Bytes as `parseSize` reads them back, in the largest unit that is exact: `4MiB`, `10MB`, `1500`. */
export function sizeText(bytes: number): string {
  for (const unit of ['GiB', 'MiB', 'KiB', 'GB', 'MB', 'KB'] as const) {
    const size = Number(SIZE_UNITS[unit]);
    if (bytes !== 0 && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}
