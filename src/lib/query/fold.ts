const NOT_ASCII = /[^\u0000-\u007f]/;
const WORD = /[\p{L}\p{M}\p{Nd}_]/u;
const folded = new Map<string, string>();

/**
 * Simple case folding (Unicode CaseFolding.txt, statuses C and S), one character for one. A letter outside ASCII never
 * becomes an ASCII one (the Kelvin sign is no k), so that searching bytes for ASCII words misses nothing.
 */
export function fold(text: string): string {
  return NOT_ASCII.test(text) ? Array.from(text, foldCharacter).join('') : text.toLowerCase();
}

function foldCharacter(character: string): string {
  if (character <= '\u007f') return character.toLowerCase();
  let result = folded.get(character);
  if (result === undefined) {
    const upper = character.toUpperCase();
    const lower = (isOne(upper) ? upper : character).toLowerCase();
    result = isOne(lower) && lower > '\u007f' ? lower : character;
    folded.set(character, result);
  }
  return result;
}

function isOne(text: string): boolean {
  return text.length === 1 || (text.length === 2 && text.codePointAt(0) !== text.charCodeAt(0));
}

/** Whether the character that begins at `index`, or ends before it, belongs to a word. */
export function isWordAt(text: string, index: number): boolean {
  const code = text.codePointAt(index);
  return code !== undefined && isWord(code);
}

export function isWordBefore(text: string, index: number): boolean {
  if (index <= 0) return false;
  const last = text.charCodeAt(index - 1);
  const isPair = last >= 0xdc00 && last <= 0xdfff && index > 1;
  return isWord((isPair ? text.codePointAt(index - 2) : last) ?? last);
}

function isWord(code: number): boolean {
  if (code < 0x80)
    return (
      (code >= 0x30 && code <= 0x39) ||
      (code >= 0x61 && code <= 0x7a) ||
      (code >= 0x41 && code <= 0x5a) ||
      code === 0x5f
    );
  return WORD.test(String.fromCodePoint(code));
}
