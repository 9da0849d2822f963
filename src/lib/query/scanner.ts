import { LogsError } from '../errors.ts';
import { QUERY_LIMITS } from './limits.ts';
import { nearest } from './nearest.ts';

/** A word as written: its text without escapes, the pattern if it has wildcards, and where it stands. */
export interface Word {
  readonly text: string;
  /** Set where an unescaped `*` or `?` is in it: the text with `\*`, `\?` and `\\` kept. */
  readonly pattern: string | undefined;
  /** Something in it was escaped: it is text, whatever it looks like. */
  readonly escaped: boolean;
  readonly offset: number;
  readonly length: number;
}

const BLANK = /\s/u;
/** A field's name as it may stand unquoted. `-` ends none (`a->b` is text), and digits and dots alone are an address or a time. */
const FIELD_NAME = /(?![\d.]+[:=<>!\s])(?:[\p{L}\p{M}\p{N}_@$#]|\\[^\s])(?:[\p{L}\p{M}\p{N}_.@$#/-]|\\[^\s])*(?<!-)/uy;
/** What makes the name before it a field. `://` is an address, `::` a name of a program or IPv6. */
const FIELD_OPERATOR = /:(?!\/\/|:)|\s*(?:>=|<=|!=|>|<|=)/uy;

/** A cursor over the text of a query. The grammar has no tokens independent of place (`/`, `-`, `[` mean several things), so the parser asks for what it needs. */
export class Scanner {
  readonly text: string;
  position = 0;
  #depth = 0;

  constructor(text: string) {
    this.text = text;
    if (text.length > QUERY_LIMITS.text) {
      throw new LogsError(
        'QUERY_SYNTAX',
        `the query has ${text.length} characters; at most ${QUERY_LIMITS.text} are read`,
        {
          hint: 'put long lists of values into a file and use field:in(@file)',
        },
      );
    }
  }

  get atEnd(): boolean {
    return this.position >= this.text.length;
  }

  get next(): string {
    return this.text.charAt(this.position);
  }

  skipBlanks(): void {
    while (!this.atEnd && BLANK.test(this.next)) this.position++;
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.position);
  }

  /** Takes `text` if it stands here. */
  take(text: string): boolean {
    if (!this.startsWith(text)) return false;
    this.position += text.length;
    return true;
  }

  /** Takes what a sticky expression finds here. */
  takeMatch(sticky: RegExp): string | undefined {
    const found = this.match(sticky);
    if (found !== undefined) this.position += found.length;
    return found;
  }

  match(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.position;
    return sticky.exec(this.text)?.[0];
  }

  /** The keyword here, upper-cased, if it is one of `words`: a whole word, not the start of a longer term or a field. */
  keyword(words: readonly string[]): string | undefined {
    const found = this.match(/[A-Za-z]+(?=[\s()"|[{]|$)/y)?.toUpperCase();
    return found !== undefined && words.includes(found) ? found : undefined;
  }

  /** Takes `name:` or `name` before an operator (blanks between are left). Undefined where a bare term stands. */
  takeFieldName(): string | undefined {
    const start = this.position;
    const name = this.next === '"' ? this.takeQuoted() : unescape(this.takeMatch(FIELD_NAME) ?? '');
    if (name !== '' && this.match(FIELD_OPERATOR) !== undefined) return name;
    this.position = start;
    return undefined;
  }

  /** Takes a quoted text; `\"` and `\\` are escapes, any other backslash is itself (`"C:\temp"`). */
  takeQuoted(): string {
    const start = this.position;
    let text = '';
    for (this.position++; !this.atEnd; this.position++) {
      const character = this.next;
      if (character === '"') {
        this.position++;
        return text;
      }
      const following = this.text.charAt(this.position + 1);
      if (character === '\\' && (following === '"' || following === '\\')) {
        text += following;
        this.position++;
      } else {
        text += character;
      }
    }
    throw this.error('the quote is never closed', {
      offset: start,
      length: this.text.length - start,
      hint: 'close it with "',
    });
  }

  /** Takes characters up to a blank, a bracket, `|` or one of `stops`. A backslash takes the next character as it is. */
  takeWord(stops = ''): Word | undefined {
    const offset = this.position;
    let text = '';
    let pattern = '';
    let wild = false;
    let escaped = false;
    while (!this.atEnd) {
      const character = this.next;
      if (BLANK.test(character) || '()|"'.includes(character) || stops.includes(character)) break;
      this.position++;
      if (character === '\\' && !this.atEnd) {
        const literal = this.next;
        this.position++;
        escaped = true;
        text += literal;
        pattern += '*?\\'.includes(literal) ? `\\${literal}` : literal;
      } else {
        wild ||= character === '*' || character === '?';
        text += character;
        pattern += character === '\\' ? '\\\\' : character;
      }
    }
    const length = this.position - offset;
    if (length === 0) return undefined;
    if (this.next === '"') {
      throw this.error('a quote stands inside a word', {
        length: 1,
        hint: 'put a blank before it, or write \\" for the character',
      });
    }
    return { text, pattern: wild ? pattern : undefined, escaped, offset, length };
  }

  /** Runs `parse` one level deeper; refuses what is nested too deep. */
  nested<T>(parse: () => T): T {
    if (++this.#depth > QUERY_LIMITS.nesting) {
      throw this.error(`brackets and negations are nested more than ${QUERY_LIMITS.nesting} deep`, { length: 1 });
    }
    const result = parse();
    this.#depth--;
    return result;
  }

  /** An error here: `wrong` says what stands in the way and `expected` what may stand there. */
  error(
    wrong: string,
    at: { offset?: number; length?: number; hint?: string; code?: 'QUERY_SYNTAX' | 'QUERY_UNSUPPORTED' } = {},
  ): LogsError {
    const offset = at.offset ?? this.position;
    const place = { text: this.text, offset, length: Math.max(1, at.length ?? 1) };
    return new LogsError(
      at.code ?? 'QUERY_SYNTAX',
      wrong,
      at.hint === undefined ? { at: place } : { at: place, hint: at.hint },
    );
  }

  /** An error for what stands here: names it, what was expected, and the nearest of `known`. */
  unexpected(expected: string, known: Iterable<string> = []): LogsError {
    const found = this.match(/[\p{L}\p{N}_]+|[^\s]/uy);
    const suggestion = found === undefined ? undefined : nearest(found, known);
    const wrong =
      found === undefined ? `the query ends where ${expected} was expected` : `expected ${expected}, found ${found}`;
    const length = found?.length ?? 1;
    return this.error(wrong, suggestion === undefined ? { length } : { length, hint: `did you mean ${suggestion}?` });
  }
}

/** Whether a bare word beginning so would be read as `field:` or `field>`. */
export function looksLikeField(text: string): boolean {
  return new Scanner(text).takeFieldName() !== undefined;
}

function unescape(text: string): string {
  return text.replace(/\\(.)/gsu, '$1');
}
