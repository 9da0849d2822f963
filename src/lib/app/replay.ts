import type { HandledLetters } from '../send/dead-letters.ts';
import type { KeptLetter } from '../send/letter-events.ts';
import type { LogSink, SizedBatch } from '../send/sink.ts';

export interface ReplayOptions {
  readonly letters: AsyncIterable<KeptLetter>;
  readonly handled: HandledLetters;
  /** Opens the sink that a letter is for; its `rejected` stay dead letters. Called once for each address. */
  readonly open: (url: string) => Promise<LogSink>;
  /** Where all of them go; absent: each to what refused it. */
  readonly to?: string | undefined;
  readonly progress?: (report: ReplayReport) => void;
}

/** Events. */
export interface ReplayReport {
  readonly sent: number;
  /** Still dead letters. */
  readonly refused: number;
  /** Why the first of them was refused again. */
  readonly reason?: string;
}

/** Letters sent together, at most. */
const EVENTS = 1000;
const BYTES = 1_000_000;

/**
 * Sends dead letters again, each under the id that its event had, so that it arrives once however often it is sent.
 * What was accepted is noted as dealt with, and safe as such, before more is sent: killed in between, it is sent again.
 */
export async function replay(options: ReplayOptions, signal: AbortSignal): Promise<ReplayReport> {
  const targets = new Map<string, Target>();
  const report = { sent: 0, refused: 0 } as { sent: number; refused: number; reason?: string };
  const targetOf = async (url: string): Promise<Target> => {
    let target = targets.get(url);
    if (target === undefined) {
      target = new Target(await options.open(url));
      targets.set(url, target);
    }
    return target;
  };
  const flush = async (target: Target): Promise<void> => {
    const batch = target.take();
    if (batch === undefined) return;
    const { rejected } = await target.sink.send(batch.batch, signal);
    const refused = new Set(rejected.map(({ event }) => event));
    await options.handled.add(batch.keys.filter((_, event) => !refused.has(event)));
    report.sent += batch.keys.length - refused.size;
    report.refused += refused.size;
    if (rejected[0] !== undefined) report.reason ??= rejected[0].reason;
    options.progress?.({ ...report });
  };
  try {
    for await (const letter of options.letters) {
      signal.throwIfAborted();
      if (letter.letter.bytes.every((byte) => byte === LF)) {
        report.refused += 1;
        report.reason ??= 'there is nothing in it that could be sent';
        continue;
      }
      const target = await targetOf(options.to ?? letter.letter.from);
      if (!target.takes(letter)) await flush(target);
      target.add(letter);
    }
    for (const target of targets.values()) await flush(target);
  } finally {
    for (const { sink } of targets.values()) await sink.close();
  }
  return report;
}

/** An address, and the letters that are next to be sent there: of one context, as a batch has one. */
class Target {
  readonly sink: LogSink;
  private letters: KeptLetter[] = [];
  private bytes = 0;
  private context = '';

  constructor(sink: LogSink) {
    this.sink = sink;
  }

  takes({ letter }: KeptLetter): boolean {
    if (this.letters.length === 0) return true;
    if (this.letters.length >= EVENTS || this.bytes + letter.bytes.length > BYTES) return false;
    return JSON.stringify(letter.context) === this.context;
  }

  add(kept: KeptLetter): void {
    this.letters.push(kept);
    this.bytes += kept.letter.bytes.length;
    this.context = JSON.stringify(kept.letter.context);
  }

  take(): { readonly batch: SizedBatch; readonly keys: readonly string[] } | undefined {
    const { letters } = this;
    const [first] = letters;
    if (first === undefined) return undefined;
    this.letters = [];
    this.bytes = 0;
    const joins = letters.map(({ letter }) => letter.bytes.reduce((lines, byte) => lines + (byte === LF ? 1 : 0), 1));
    const lines = joins.reduce((sum, count) => sum + count, 0);
    return {
      keys: letters.map(({ key }) => key),
      batch: {
        bytes: Buffer.concat(letters.flatMap(({ letter }) => [letter.bytes, END])),
        lines,
        ...(lines > letters.length ? { joins } : {}),
        context: first.letter.context,
        events: letters.length,
        // A letter that never had an id of an event has its own for ever.
        ids: letters.map(({ key, letter }) => letter.id ?? key),
      },
    };
  }
}

const LF = 10;
const END = Buffer.of(LF);
