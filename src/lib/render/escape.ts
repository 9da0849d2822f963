/**
 * Everything in log text that a terminal would obey rather than show: C0 but TAB and LF, DEL, C1, the bidirectional
 * controls (Unicode 9.0 TR 9: they can make a line read as another) and the line and paragraph separators.
 */
const OBEYED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The same text for a terminal, with what it would obey made visible: `\x1b`, `\r`, `\u202e`. */
export function escapeForTerminal(text: string): string {
  return text.replace(OBEYED, visible);
}

/** As `escapeForTerminal`, for text that must stay on one line: TAB and LF are shown as `\t` and `\n`. */
export function escapeToLine(text: string): string {
  return escapeForTerminal(text).replace(/[\t\n]/g, visible);
}

/** As `escapeForTerminal`, for JSON text (an object a line, or indented): what it gives is the same JSON. */
export function escapeJson(json: string): string {
  return json.replace(OBEYED, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const SHORT: { readonly [char: string]: string } = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function visible(char: string): string {
  const code = char.charCodeAt(0);
  return (
    SHORT[char] ??
    (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`)
  );
}
