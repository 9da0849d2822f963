import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeForTerminal, escapeJson, escapeToLine } from '../../../src/lib/render/escape.ts';

/** Written apart from the code: what a terminal obeys, by code point. */
function obeyed(code: number): boolean {
  if (code === 0x09 || code === 0x0a) return false;
  return (
    code < 0x20 ||
    (code >= 0x7f && code <= 0x9f) ||
    code === 0x61c ||
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    code === 0x200e ||
    code === 0x200f
  );
}

describe('text for a terminal', () => {
  it('holds nothing a terminal would obey, whatever the text', () => {
    const hostile = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 0xa0 }), fc.integer({ min: 0x2000, max: 0x2070 }), fc.constant(0x61c)),
    );
    fc.assert(
      fc.property(hostile, (codes) => {
        const out = escapeForTerminal(String.fromCharCode(...codes));
        expect([...out].some((char) => obeyed(char.charCodeAt(0)))).toBe(false);
      }),
    );
  });

  it('leaves ordinary text, TAB and LF as they are', () => {
    expect(escapeForTerminal('a\tb\n日本 é 🎉')).toBe('a\tb\n日本 é 🎉');
  });

  it('shows what it replaces', () => {
    expect(escapeForTerminal('\x1b[31m\r\x07\x9b\u202e')).toBe('\\x1b[31m\\r\\x07\\x9b\\u202e');
    expect(escapeToLine('a\n\tb')).toBe('a\\n\\tb');
  });

  it('leaves JSON the same JSON', () => {
    const value = { '\x9b\u202e': '\x1b\x7f\u2028 é', list: [1, '\n'] };
    const shown = escapeJson(`${JSON.stringify(value)}\n`);
    expect([...shown].some((char) => obeyed(char.charCodeAt(0)))).toBe(false);
    expect(JSON.parse(shown)).toEqual(value);
  });
});
