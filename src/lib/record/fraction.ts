/**
 * A text or bytes as a number from 0 to below 1, evenly spread and always the same: what share of many is chosen, by
 * whichever process. FNV-1a (draft-eastlake-fnv) over bytes or UTF-16 units, and the finalizer of MurmurHash3.
 */
export function fractionOf(value: string | Uint8Array): number {
  let hash = 0x811c9dc5;
  if (typeof value === 'string') {
    for (let at = 0; at < value.length; at += 1) hash = Math.imul(hash ^ value.charCodeAt(at), PRIME);
  } else for (const byte of value) hash = Math.imul(hash ^ byte, PRIME);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

const PRIME = 0x01000193;
