import type { Draft } from './draft.ts';
import { mergeInner } from './json.ts';

/** Formats whose times leave out zone, year or date: the container's own time is the same moment, whole. */
const VAGUE = new Set(['plain', 'klog', 'syslog-3164']);

/** Joins a container's line with the line of the program inside it, which was read by detection. */
export function mergeContainerLine(outer: Draft, inner: Draft): void {
  // The text of a plain line's time stays in its message; a field would say it again.
  if (inner.format === 'plain') inner.claims.time.length = 0;
  mergeInner(outer, inner, VAGUE.has(inner.format));
}
