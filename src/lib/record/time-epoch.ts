import { formatSeconds, type ParsedTime } from './time-parts.ts';

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

/**
 * An epoch number in seconds, milliseconds, microseconds or nanoseconds, told apart by size: below 10^11 seconds
 * (the year 5138; as milliseconds it would be 1973), below 10^14 milliseconds, below 10^17 microseconds. Decimal
 * arithmetic on the text, so that no digit is lost. Undefined where the text is no number or has more than 20 digits
 * before the point.
 */
export function parseEpoch(text: string): ParsedTime | undefined {
  const first = text.charCodeAt(0);
  if (first > 57 || first < 45) return undefined;
  const found = NUMBER.exec(text);
  if (found === null) return undefined;
  const exponent = Number(found[4] ?? 0);
  let whole = found[2] ?? '';
  let fraction = found[3] ?? '';
  if (exponent > 0) {
    if (exponent > 20) return undefined;
    const padded = fraction.padEnd(exponent, '0');
    whole += padded.slice(0, exponent);
    fraction = padded.slice(exponent);
  } else if (exponent < 0) {
    const padded = whole.padStart(1 - exponent, '0');
    fraction = padded.slice(exponent) + fraction;
    whole = padded.slice(0, exponent);
  }
  whole = whole.replace(/^0+(?=\d)/, '');
  if (whole.length > 20) return undefined;
  const decimals = whole.length <= 11 ? 0 : whole.length <= 14 ? 3 : whole.length <= 17 ? 6 : 9;
  if (decimals > 0) {
    fraction = whole.slice(-decimals) + fraction;
    whole = whole.slice(0, -decimals);
  }
  const size = BigInt(whole + fraction.slice(0, 9).padEnd(9, '0'));
  const ns = found[1] === '-' ? -size : size;
  const back = ns < 0n && ns % 1_000_000_000n !== 0n ? 1n : 0n;
  const seconds = Number(ns / 1_000_000_000n - back);
  const rest = String(ns - BigInt(seconds) * 1_000_000_000n).padStart(9, '0');
  const shown = formatSeconds(seconds, rest.slice(0, Math.min(fraction.length, 9)), 0);
  return { ns, text: shown, zoned: true, dated: true, length: text.length };
}
