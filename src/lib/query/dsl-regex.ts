/** Characters with a meaning in Lucene's regular expressions; escaped they are themselves. */
const LUCENE_SPECIAL = /[.?+*|{}[\]()"\\#@&<>~^$-]/;
/** Repetition beyond this makes automata that the server refuses. */
const MAX_REPEAT = 50;
const QUANTIFIER = /^(?:[*+?]|\{.*)$/;

/**
 * A pattern of RE2 as one of Lucene's that matches just the same whole texts, of whatever it is found anywhere in.
 * Undefined for what the two do not both have or read differently: look at the text on our side then.
 */
export function luceneRegex(source: string, flags: string): string | undefined {
  if (flags.includes('m') || (flags.includes('i') && !/^[\u0000-\u007f]*$/.test(source))) return undefined;
  const anchored = source.startsWith('^') || /(?<!\\)\$$/.test(source);
  const start = source.startsWith('^') ? 1 : 0;
  const end = /(?<!\\)\$$/.test(source) ? source.length - 1 : source.length;
  const body = translate(source.slice(start, end), flags);
  // `^a|b$` anchors only a part.
  if (
    body === undefined ||
    (anchored && source.includes('|') && !/^\((?:[^()\\]|\\.)*\)$/.test(source.slice(start, end)))
  )
    return undefined;
  return `${start === 1 ? '' : '.*'}(${body})${end < source.length ? '' : '.*'}`;
}

function translate(source: string, flags: string): string | undefined {
  const caseless = flags.includes('i');
  let out = '';
  /** What a repetition could follow. */
  let hasAtom = false;
  let depth = 0;
  const tokens =
    source.match(
      /\\(?:[^A-Za-z0-9]|[dwnt])|\[\^?(?:\\[^A-Za-z0-9bx]|[^\\\]])+\]|\{\d{1,3}(?:,\d{0,3})?\}|\(\?:|[^\\[{]/gsu,
    ) ?? [];
  if (tokens.join('') !== source) return undefined;
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1] ?? '';
    if (token === '(' && tokens[index + 1] === '?') return undefined;
    if (QUANTIFIER.test(token)) {
      // `a*?` takes less of what is found, but finds as much.
      if (token === '?' && QUANTIFIER.test(before)) continue;
      const counts = token.match(/\d+/g) ?? [];
      if (!hasAtom || counts.some((count) => Number(count) > MAX_REPEAT)) return undefined;
      out += token;
      hasAtom = false;
      continue;
    }
    if (token === '|' || token === '(' || token === '(?:' || token === ')') {
      if ((token === '|' || token === ')') && !hasAtom && !QUANTIFIER.test(before)) return undefined;
      depth += token === ')' ? -1 : token === '|' ? 0 : 1;
      out += token === '(?:' ? '(' : token;
      hasAtom = token === ')';
      if (depth < 0 || (token === '|' && index === tokens.length - 1)) return undefined;
      continue;
    }
    if (token === '^' || token === '$') return undefined;
    const atom = atomOf(token, caseless, flags.includes('s'));
    if (atom === undefined) return undefined;
    out += atom;
    hasAtom = true;
  }
  return depth === 0 ? out : undefined;
}

function atomOf(token: string, caseless: boolean, dotAll: boolean): string | undefined {
  if (token === '.') return dotAll ? '.' : '[^\n]';
  if (token === '\\d') return '[0-9]';
  // In any case RE2 has the Kelvin sign and the long s among them.
  if (token === '\\w') return caseless ? undefined : '[0-9A-Za-z_]';
  if (token === '\\n') return '\n';
  if (token === '\\t') return '\t';
  if (token.startsWith('[')) return classOf(token, caseless);
  const character = token.startsWith('\\') ? token.slice(1) : token;
  return caseless && /[A-Za-z]/.test(character) ? `[${casesOf(character)}]` : escaped(character);
}

/** A set of plain characters and ranges of them. */
function classOf(token: string, caseless: boolean): string | undefined {
  const inner = token.slice(token.startsWith('[^') ? 2 : 1, -1);
  // Of `[^]a]` this is `[^]`: a `]` that comes first is of the set, and does not end it.
  if (inner === '') return undefined;
  if (inner.includes('[') || /[^\u0020-\u007e]/.test(inner) || inner.startsWith(']')) return undefined;
  if (caseless && token.startsWith('[^')) return undefined;
  let out = token.startsWith('[^') ? '[^' : '[';
  const parts = inner.match(/(?:\\.|[^\\])-(?:\\.|[^\\])|\\.|[^\\]/gs) ?? [];
  for (const part of parts) {
    const range = /^(\\.|[^\\])-(\\.|[^\\])$/s.exec(part);
    if (range === null) {
      const character = part.startsWith('\\') ? part.slice(1) : part;
      out += caseless && /[A-Za-z]/.test(character) ? casesOf(character) : escaped(character);
      continue;
    }
    const [low = '', high = ''] = [range[1], range[2]].map((bound = '') =>
      bound.startsWith('\\') ? bound.slice(1) : bound,
    );
    if (low > high) return undefined;
    out += `${escaped(low)}-${escaped(high)}`;
    if (!caseless) continue;
    for (let code = low.charCodeAt(0); code <= high.charCodeAt(0); code++) {
      const character = String.fromCharCode(code);
      if (/[A-Za-z]/.test(character)) out += casesOf(character);
    }
  }
  return `${out}]`;
}

/** A letter of ASCII and what RE2 takes for it in any case: the Kelvin sign is a k and the long s an s. */
function casesOf(letter: string): string {
  const lower = letter.toLowerCase();
  return `${lower}${lower.toUpperCase()}${lower === 'k' ? '\u212a' : lower === 's' ? '\u017f' : ''}`;
}

function escaped(text: string): string {
  return Array.from(text, (character) => (LUCENE_SPECIAL.test(character) ? `\\${character}` : character)).join('');
}
