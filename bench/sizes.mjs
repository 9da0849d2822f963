const UNITS = { '': 1, KB: 1e3, MB: 1e6, GB: 1e9 };

/** Bytes of `64KB`, `256MB`, `1.5GB` or a plain number. Throws for anything else. */
export function bytesOf(text) {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(|[KMG]B)$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`${text} is no size: write 500KB, 256MB or 1GB`);
  return Math.floor(Number(number) * UNITS[unit]);
}
