/** What decides whether a line belongs to the event before it. */
export interface Joiner {
  /** MUST be called with every line in order, without its LF: what went before decides too. */
  continues(line: Uint8Array): boolean;
}

/**
 * `auto` joins the stack traces of Java, Python, Node, Go and .NET to the line before them; `none` joins nothing;
 * a regular expression (the caller's choice of engine) is found in the first line of each event, other lines join.
 */
export function createJoiner(rule: 'auto' | 'none' | { test(line: string): boolean }): Joiner {
  if (rule === 'none') return { continues: () => false };
  if (rule === 'auto') return new TraceJoiner();
  let started = false;
  return {
    continues: (line) => {
      const begins = rule.test(Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString('utf8'));
      const joins = started && !begins;
      started = true;
      return joins;
    },
  };
}

/** A frame of Java, Node or .NET, or what stands between frames: `\tat x`, `... 3 more`, ` ---> System.X`. */
const FRAME =
  /^(?:\s+at \S|\s*\.\.\. \d+ (?:more|common frames omitted)|\s+--->? |\s*--- End of |\s*(?:Caused by|Suppressed): \S)/;
/** The first line of a trace as a logger prints it under its own line; `Error:` alone is any program's message, and no class begins with a digit. */
const EXCEPTION =
  /^(?:Uncaught )?(?!\d)(?:(?:[\w$]+\.)*[A-Z][\w$]*|(?:[\w$]+\.)+)(?:Exception|Error|Throwable|Fault)(?: \[\w+\])?(?:: |:?$)/;
const TRACEBACK = /^\s*(?:Traceback \(most recent call last\):|Exception Group Traceback)/;
const CHAINED = /^(?:During handling of the above exception|The above exception was the direct cause)/;
/** The last line of a Python trace: the exception's name, maybe with its modules and a text. */
const PYTHON_END = /^[A-Za-z_][\w.]*(?::|$)/;
const GO_START = /^(?:panic: |fatal error: |SIG[A-Z]+: |goroutine \d+ \[)/;
const GO_MORE =
  /^(?:goroutine \d+ \[|created by \S|exit status \d|\[signal |[\w./*()·[\]{}%-]+\(.*\)$|\tpanic: |r\w{1,3}\s+0x)/;
/** A line that a logger wrote, under which its trace may stand: it begins with a time or has a level or a panic in it. */
const LOGGED =
  /^[[(]?\d{2,4}[-/:.]\d\d|^[A-Z][a-z]{2} [ \d]\d |\b(?:ERROR|ERR|WARN(?:ING)?|FATAL|CRITICAL|SEVERE|INFO|DEBUG)\b|panic/i;
/** Bytes of a line that are looked at. */
const HEAD = 512;

type State = 'none' | 'frames' | 'python' | 'python-end' | 'go';

class TraceJoiner implements Joiner {
  #state: State = 'none';
  #before = '';
  #started = false;

  continues(line: Uint8Array): boolean {
    const first = line[0];
    // JSON carries its trace inside; the commonest line costs one comparison.
    if (first === 123 && line.length > 2) {
      this.#state = 'none';
      this.#before = '';
      this.#started = true;
      return false;
    }
    const head = Buffer.from(line.buffer, line.byteOffset, Math.min(line.byteLength, HEAD)).toString('latin1');
    const text = head.endsWith('\r') ? head.slice(0, -1) : head;
    const joins = this.#started && this.#joins(text);
    if (!joins) this.#state = startOf(text);
    if (text !== '') this.#before = text;
    if (text !== '' || joins) this.#started = true;
    return joins;
  }

  #joins(text: string): boolean {
    if (text === '') return this.#state !== 'none';
    if (this.#state === 'none' && !mayBegin(text)) return false;
    if (FRAME.test(text)) return this.#enter('frames');
    switch (this.#state) {
      case 'python':
        if (/^\s/.test(text)) return true;
        if (PYTHON_END.test(text)) return this.#enter('python-end');
        break;
      case 'python-end':
        if (CHAINED.test(text)) return true;
        if (TRACEBACK.test(text) && CHAINED.test(this.#before)) return this.#enter('python');
        break;
      case 'go':
        if (text.startsWith('\t') || GO_MORE.test(text)) return true;
        break;
      case 'frames':
        if (/^\s/.test(text) || text === '}' || /^Node\.js v\d/.test(text)) return true;
        return false;
      case 'none':
        break;
    }
    return this.#beginsUnderLog(text);
  }

  #beginsUnderLog(text: string): boolean {
    if (this.#state !== 'none') return false;
    const begun = TRACEBACK.test(text)
      ? 'python'
      : EXCEPTION.test(text)
        ? 'frames'
        : GO_START.test(text)
          ? 'go'
          : 'none';
    // Asked last: it looks through all of the line before.
    return begun !== 'none' && LOGGED.test(this.#before) && this.#enter(begun);
  }

  #enter(state: State): true {
    this.#state = state;
    return true;
  }
}

/** Whether a trace, or a frame of one, may begin with the first character of a text: most lines are judged by it. */
function mayBegin(text: string): boolean {
  const code = text.charCodeAt(0);
  return code <= 0x2e || (code >= 0x41 && code <= 0x5a) || code === 0x5f || (code >= 0x61 && code !== 0x7b);
}

/** What a line that begins an event lets follow. */
function startOf(text: string): State {
  if (!mayBegin(text)) return 'none';
  if (TRACEBACK.test(text)) return 'python';
  return GO_START.test(text) ? 'go' : 'none';
}
