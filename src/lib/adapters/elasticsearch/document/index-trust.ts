import { decimalOf } from '../../../query/decimal.ts';
import { RawNumber } from '../../../record/record.ts';
import { MAX_KEYWORD } from './names.ts';

/** What Java's `Double.parseDouble` takes for a number, and so the index does. */
const JAVA_NUMBER =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Java trims them
  /^[\u0000- ]*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|0[xX][\da-fA-F]*\.?[\da-fA-F]*[pP][+-]?\d+)[dDfF]?[\u0000- ]*$/;
/** Below this a double has fewer digits. */
const SMALLEST = 1e-290;
const WORDS = /[\p{L}\p{M}\p{Nd}_]+/gu;

/** Whether the index has a plain value just as a query compares it: as a keyword and, where it is a number, as a double. */
export function isIndexedExactly(value: string | number | RawNumber): boolean {
  if (typeof value === 'number') return Math.abs(value) >= SMALLEST || value === 0;
  if (value instanceof RawNumber) return isExactNumber(value.text);
  if (value.length > MAX_KEYWORD) return false;
  // Letters, and most punctuation, begin no number.
  if (!(value.charCodeAt(0) <= 0x39) || !JAVA_NUMBER.test(value)) return true;
  return decimalOf(value) !== undefined && isExactNumber(value);
}

/** Up to 15 digits every decimal has a double of its own, and no other decimal of as many digits shares it. */
function isExactNumber(text: string): boolean {
  if (text.length <= 15 && !/[eE]/.test(text)) return true;
  const near = Number(text);
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '');
  if (digits === '') return true;
  return digits.length <= 15 && Number.isFinite(near) && Math.abs(near) >= SMALLEST;
}

const TYPED_TEXT = /^(?:true|false|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/;

/** Whether a text is what a number or a boolean would be in the index too. */
export function looksTyped(text: string): boolean {
  return text.length <= MAX_KEYWORD && TYPED_TEXT.test(text);
}

/** Whether every word of a text is whole in the index, which cuts those that are longer than a keyword may be. */
export function hasWholeWords(text: string): boolean {
  if (text.length <= MAX_KEYWORD) return true;
  for (const [word] of text.matchAll(WORDS)) if (word.length > MAX_KEYWORD) return false;
  return true;
}
