import { detectFormat } from './detect.ts';

/** Formats that a line alone may not show; JSON and a container's wrapper always do. */
const SURE: ReadonlySet<string> = new Set(['logfmt', 'syslog', 'syslog-5424', 'syslog-3164', 'access', 'cri', 'klog']);
/** So many lines must agree. */
const ENOUGH_LINES = 3;

/**
 * The format that the whole lines at the start of a file agree on; then all of it is read so. Undefined where it is
 * better found for each line. Of a file alone: what a pipe has given so far depends on the moment.
 */
export function agreedFormat(head: Uint8Array): string | undefined {
  const text = Buffer.from(head).toString('latin1');
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.trim() !== '');
  if (lines.length < ENOUGH_LINES) return undefined;
  const format = detectFormat(lines.map((line) => Buffer.from(line, 'latin1')));
  return format !== undefined && SURE.has(format) ? format : undefined;
}
