import type { Draft } from './draft.ts';

/**
 * Whether the time inside a container's line is to be trusted above the container's own. Formats that leave out zone,
 * year or date are not: the container's time is the same moment, whole.
 */
export function namesOwnTime(inner: Draft): boolean {
  return inner.format !== 'plain' && inner.format !== 'klog' && inner.format !== 'syslog-3164';
}
