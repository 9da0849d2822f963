import type { SizedBatch } from '../record/batch.ts';
import { joinBatches } from './join-batches.ts';
import type { Delivery, LogSink, Refusal } from './sink.ts';
import { type BatchSize, splitBatch } from './split-batch.ts';

export interface RebatchSettings extends BatchSize {
  /** Milliseconds after which events go on in whatever batch they are. */
  readonly afterMs: number;
}

/** Contexts whose events are collected at once; of more, the ones begun first go on as they are. */
const MAX_GROUPS = 64;

/** A sink that collects. */
export interface RebatchingSink extends LogSink {
  /** Sends on what is collected, now: nothing more will come for a while. */
  flush(): void;
}

/**
 * Joins batches that are smaller than a sink wants and splits those that are larger. A batch has one context, so only
 * equal contexts are joined. What comes out covers no range of a source: it is for sinks that keep no positions. Each
 * `send` resolves when all events given with it are done, with what became of them. The order of events of one source
 * is kept.
 */
export function rebatch(sink: LogSink, settings: RebatchSettings): RebatchingSink {
  const groups = new Groups(sink, settings);
  return {
    send: (batch, signal) => groups.send(batch, signal),
    flush: () => groups.flush(),
    marks: () => sink.marks(),
    async close() {
      groups.flush();
      await sink.close();
    },
    ...(sink.unparsed === undefined ? {} : { unparsed: () => sink.unparsed?.() ?? 0 }),
  };
}

/** A batch as it was given, until all of its events are done. */
class Given {
  readonly done: Promise<Delivery>;
  private left: number;
  private accepted = 0;
  private readonly rejected: Refusal[] = [];
  private readonly retry: Refusal[] = [];
  private resolve: (delivery: Delivery) => void = () => undefined;
  fail: (error: unknown) => void = () => undefined;

  constructor(events: number) {
    this.left = events;
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.fail = reject;
    });
    if (events === 0) this.resolve({ accepted: 0, rejected: [] });
  }

  take(events: number, rejected: readonly Refusal[], retry: readonly Refusal[]): void {
    this.left -= events;
    this.accepted += events - rejected.length - retry.length;
    this.rejected.push(...rejected);
    this.retry.push(...retry);
    if (this.left > 0) return;
    this.resolve({
      accepted: this.accepted,
      rejected: this.rejected,
      ...(this.retry.length === 0 ? {} : { retry: this.retry }),
    });
  }
}

/** A batch that is collected, and where its events stand in the one that was given. */
interface Part {
  readonly batch: SizedBatch;
  readonly given: Given;
  readonly first: number;
}

interface Group {
  readonly key: string;
  readonly parts: [Part, ...Part[]];
  readonly sources: Set<string | undefined>;
  readonly signals: Set<AbortSignal>;
  readonly timer: NodeJS.Timeout;
  events: number;
  bytes: number;
}

class Groups {
  readonly #sink: LogSink;
  readonly #settings: RebatchSettings;
  /** In the order in which they were begun. */
  readonly #groups = new Map<string, Group>();
  readonly #heard = new WeakSet<AbortSignal>();
  #last: { readonly context: SizedBatch['context']; readonly json: string } | undefined;

  constructor(sink: LogSink, settings: RebatchSettings) {
    this.#sink = sink;
    this.#settings = settings;
  }

  send(batch: SizedBatch, signal: AbortSignal): Promise<Delivery> {
    const given = new Given(batch.events);
    let first = 0;
    for (const part of splitBatch(batch, this.#settings)) {
      if (part.events > 0) this.#add({ batch: part, given, first }, batch.source?.id, signal);
      first += part.events;
    }
    return given.done;
  }

  flush(): void {
    for (const group of this.#groups.values()) this.#send(group);
  }

  #add(part: Part, source: string | undefined, signal: AbortSignal): void {
    const { batch } = part;
    const key = this.#keyOf(batch);
    // Its events are older than these.
    for (const group of this.#groups.values()) if (group.key !== key && group.sources.has(source)) this.#send(group);
    let group = this.#groups.get(key);
    if (group !== undefined && !this.#fits(group, batch)) {
      this.#send(group);
      group = undefined;
    }
    if (group === undefined) group = this.#begin(key, part);
    else {
      group.parts.push(part);
      group.events += batch.events;
      group.bytes += batch.bytes.length;
    }
    group.sources.add(source);
    group.signals.add(signal);
    if (!this.#heard.has(signal)) {
      this.#heard.add(signal);
      signal.addEventListener('abort', () => this.flush(), { once: true });
    }
    const full = group.events >= this.#settings.events || group.bytes >= this.#settings.bytes;
    if (full || signal.aborted) this.#send(group);
  }

  #fits({ events, bytes }: Group, batch: SizedBatch): boolean {
    return events + batch.events <= this.#settings.events && bytes + batch.bytes.length <= this.#settings.bytes;
  }

  #begin(key: string, part: Part): Group {
    const [oldest] = this.#groups.values();
    if (oldest !== undefined && this.#groups.size >= MAX_GROUPS) this.#send(oldest);
    const group: Group = {
      key,
      parts: [part],
      sources: new Set(),
      signals: new Set(),
      timer: setTimeout(() => this.#send(group), this.#settings.afterMs),
      events: part.batch.events,
      bytes: part.batch.bytes.length,
    };
    this.#groups.set(key, group);
    return group;
  }

  /** Batches of a source mostly share the object of their context. */
  #keyOf({ context, ids }: SizedBatch): string {
    if (this.#last?.context !== context) this.#last = { context, json: JSON.stringify(context) };
    return `${ids === undefined ? '-' : '+'}${this.#last.json}`;
  }

  #send(group: Group): void {
    this.#groups.delete(group.key);
    clearTimeout(group.timer);
    const [first, ...others] = group.parts;
    const [only] = group.signals;
    const signal = group.signals.size === 1 && only !== undefined ? only : AbortSignal.any([...group.signals]);
    this.#sink.send(joinBatches([first.batch, ...others.map(({ batch }) => batch)]), signal).then(
      (delivery) => share(group.parts, delivery),
      (error: unknown) => {
        for (const { given } of group.parts) given.fail(error);
      },
    );
  }
}

/** Gives each batch its own of what became of them together. */
function share(parts: readonly Part[], { rejected, retry = [] }: Delivery): void {
  let from = 0;
  for (const { batch, given, first } of parts) {
    const to = from + batch.events;
    const begin = from;
    const own = (refusals: readonly Refusal[]): Refusal[] =>
      refusals
        .filter(({ event }) => event >= begin && event < to)
        .map(({ event, reason }) => ({ event: event - begin + first, reason }));
    given.take(batch.events, own(rejected), own(retry));
    from = to;
  }
}
