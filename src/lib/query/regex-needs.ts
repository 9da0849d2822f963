import { allOf, ANY, anyOf, type Needs, partOf } from './needs.ts';

/** Nested groups beyond this are not looked into. */
const MOST_DEPTH = 50;

/**
 * What a text must hold for a pattern of RE2's syntax to be found in it. Constructs that are not known here give no
 * need, so that the answer is never more than what is wanted.
 */
export function regexNeeds(source: string, flags: string): Needs {
  const [leading = '', set = ''] = /^\(\?([ims]+)\)/.exec(source) ?? [];
  const pattern = source.slice(leading.length);
  // Other flags inside a pattern and quoted literals change how the rest of it reads.
  if (/\(\?(?!:)|\\Q/.test(pattern)) return ANY;
  const reader = new Reader(pattern, `${flags}${set}`.includes('i'));
  const needs = reader.alternatives(0);
  return reader.isAtEnd && !reader.isLost ? needs : ANY;
}

/** Letters that others outside ASCII are folded to where case does not count: the long s, the Kelvin sign. */
const FOLDED = /[ks]/i;

class Reader {
  readonly #source: string;
  readonly #anyCase: boolean;
  #at = 0;
  /** Something in it is not understood: nothing is known of the whole. */
  isLost = false;

  constructor(source: string, anyCase: boolean) {
    this.#source = source;
    this.#anyCase = anyCase;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#source.length;
  }

  alternatives(depth: number): Needs {
    const branches = [this.#sequence(depth)];
    while (this.#source[this.#at] === '|') {
      this.#at++;
      branches.push(this.#sequence(depth));
    }
    return anyOf(branches);
  }

  #sequence(depth: number): Needs {
    const parts: Needs[] = [];
    let run = '';
    const endRun = (): void => {
      parts.push(partOf(run));
      run = '';
    };
    while (!this.isAtEnd && !'|)'.includes(this.#source.charAt(this.#at))) {
      const { character, needs } = this.#item(depth);
      const least = this.#count();
      if (least === undefined) {
        if (character !== undefined) run += character;
        else {
          endRun();
          parts.push(needs);
        }
        continue;
      }
      endRun();
      if (least > 0) {
        parts.push(needs);
        // What comes next stands behind the last of them.
        run = '';
      }
    }
    endRun();
    return allOf(parts);
  }

  /** One character, class or group: the word character it stands for, or what it needs. */
  #item(depth: number): { readonly character?: string; readonly needs: Needs } {
    const character = this.#source.charAt(this.#at++);
    switch (character) {
      case '(': {
        if (this.#source.startsWith('?:', this.#at)) this.#at += 2;
        if (depth >= MOST_DEPTH) this.isLost = true;
        const needs = this.isLost ? ANY : this.alternatives(depth + 1);
        this.#at++;
        return { needs };
      }
      case '[':
        this.#skipClass();
        return { needs: ANY };
      case '\\':
        this.#skipEscape();
        return { needs: ANY };
      default:
        return /\w/.test(character) && !(this.#anyCase && FOLDED.test(character))
          ? { character, needs: ANY }
          : { needs: ANY };
    }
  }

  /** The least number of times of the count that stands here; undefined where there is none. */
  #count(): number | undefined {
    const count = /^(?:[*+?]|\{(\d+)(?:,\d*)?\})[?+]?/.exec(this.#source.slice(this.#at, this.#at + 24));
    if (count === null) return undefined;
    this.#at += count[0].length;
    if (count[1] !== undefined) return Number(count[1]);
    return count[0].startsWith('+') ? 1 : 0;
  }

  #skipClass(): void {
    if (this.#source[this.#at] === '^') this.#at++;
    // A bracket straight behind the opening one is itself.
    if (this.#source[this.#at] === ']') this.#at++;
    while (!this.isAtEnd && this.#source[this.#at] !== ']') {
      const named = /^\[:\^?\w+:\]/.exec(this.#source.slice(this.#at, this.#at + 16))?.[0];
      if (named !== undefined) this.#at += named.length;
      else if (this.#source[this.#at] === '\\') {
        this.#at++;
        this.#skipEscape();
      } else this.#at++;
    }
    this.#at++;
  }

  #skipEscape(): void {
    const rest = this.#source.slice(this.#at, this.#at + 40);
    this.#at += /^(?:[pP](?:\{[^}]*\}|.)|x(?:\{[^}]*\}|..)|[0-7]{1,3}|[^])/u.exec(rest)?.[0].length ?? 1;
  }
}
