/** A decimal number exactly as written: digits × 10^exponent. */
export interface Decimal {
  readonly near: number;
  readonly text: string;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,15}))?$/;

/** A text that is wholly a number (`500`, `-1.5`, `5e2`, `.5`); undefined for any other. */
export function decimalOf(text: string): Decimal | undefined {
  const first = text.charCodeAt(0);
  // Most values are no numbers: the first character says so.
  if (!((first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d || first === 0x2e)) return undefined;
  if (!NUMBER.test(text) || !/\d/.test(text.split(/[eE]/)[0] ?? '')) return undefined;
  return { near: Number(text), text };
}

/** Below, equal or above 0 as `a` is to `b`; exact beyond what a double holds (2^53 + 1, 1e400). */
export function compareDecimals(a: Decimal, b: Decimal): number {
  // Rounding to doubles keeps order, so only equal ones need their digits; what is nearly 0 has become 0 (1e-400).
  if (a.near !== b.near) return a.near - b.near;
  const isExact = Number.isSafeInteger(a.near) && a.near !== 0 && a.text.length < 16 && b.text.length < 16;
  if (a.text === b.text || isExact) return 0;
  return compareExact(exact(a.text), exact(b.text));
}

/** The same text for equal numbers, however they were written, and for no others. */
export function decimalKey({ text }: Decimal): string {
  const { sign, digits, magnitude } = exact(text);
  return sign === 0 ? '0' : `${sign}.${digits}e${magnitude}`;
}

interface Exact {
  readonly sign: number;
  /** Without leading and trailing zeros; empty for 0. */
  readonly digits: string;
  /** Of the first digit. */
  readonly magnitude: number;
}

function exact(text: string): Exact {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  const all = `${whole}${fraction}`;
  const leading = all.search(/[1-9]/);
  if (leading < 0) return { sign: 0, digits: '', magnitude: 0 };
  let end = all.length;
  while (all.charCodeAt(end - 1) === 0x30) end--;
  return {
    sign: sign === '-' ? -1 : 1,
    digits: all.slice(leading, end),
    magnitude: whole.length - leading + Number(exponent),
  };
}

function compareExact(a: Exact, b: Exact): number {
  if (a.sign !== b.sign) return a.sign - b.sign;
  if (a.magnitude !== b.magnitude) return a.sign * (a.magnitude - b.magnitude);
  return a.digits === b.digits ? 0 : a.sign * (a.digits < b.digits ? -1 : 1);
}
