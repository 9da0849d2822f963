import { LogsError } from '../errors.ts';
import type { SizedBatch } from '../record/batch.ts';
import { closeAll } from './close-all.ts';
import type { Delivery, RemoteSink } from './sink.ts';

export interface FailoverSettings {
  /** Milliseconds after which a sink that failed is looked at again. */
  readonly probeMs: number;
}

/**
 * Sinks that stand for each other, the first that can be reached taking it: those before it are asked from time to time
 * whether they are back, and are then used again. It is to be delivered to like any other (`deliver`): it fails where
 * all of them do. A batch whose answer was lost on the way may be in two of them, under the same ids.
 */
export function failover(
  sinks: readonly [RemoteSink, ...RemoteSink[]],
  tell: (text: string) => void,
  settings: FailoverSettings = { probeMs: 30_000 },
): RemoteSink {
  return new Failover(sinks, tell, settings);
}

interface Place {
  readonly sink: RemoteSink;
  /** When it failed, or was last looked at; undefined while it is well. Milliseconds of `performance.now`. */
  downSince: number | undefined;
}

class Failover implements RemoteSink {
  readonly name: string;
  readonly limits: RemoteSink['limits'];
  readonly #places: readonly Place[];
  readonly #tell: (text: string) => void;
  readonly #probeMs: number;

  constructor(
    sinks: readonly [RemoteSink, ...RemoteSink[]],
    tell: (text: string) => void,
    { probeMs }: FailoverSettings,
  ) {
    const least = (limit: 'events' | 'bytes' | 'inFlight') => Math.min(...sinks.map(({ limits }) => limits[limit]));
    this.name = sinks.map(({ name }) => name).join(', ');
    this.limits = { events: least('events'), bytes: least('bytes'), inFlight: least('inFlight') };
    this.#places = sinks.map((sink) => ({ sink, downSince: undefined }));
    this.#tell = tell;
    this.#probeMs = probeMs;
  }

  async send(batch: SizedBatch, signal: AbortSignal): Promise<Delivery> {
    const failures: LogsError[] = [];
    // Where all are down, any may be back.
    const up = this.#places.filter(({ downSince }) => downSince === undefined);
    for (const place of up.length === 0 ? this.#places : up) {
      try {
        const delivery = await place.sink.send(batch, signal);
        this.#rose(place);
        this.#lookBefore(place, signal);
        return delivery;
      } catch (error) {
        if (signal.aborted || !(error instanceof LogsError) || ITS_OWN.has(error.code)) throw error;
        failures.push(error);
        this.#fell(place, error);
      }
    }
    throw worst(failures);
  }

  async check(signal: AbortSignal): Promise<void> {
    const failures: LogsError[] = [];
    for (const place of this.#places) {
      try {
        await place.sink.check(signal);
      } catch (error) {
        if (signal.aborted || !(error instanceof LogsError)) throw error;
        failures.push(error);
        place.downSince = performance.now();
      }
    }
    if (failures.length === this.#places.length) throw worst(failures);
    for (const { message } of failures) this.#tell(`${message}; going on with ${this.#current()}`);
  }

  async marks(): ReturnType<RemoteSink['marks']> {
    return (this.#places[0] as Place).sink.marks();
  }

  close(): Promise<void> {
    return closeAll(this.#places.map(({ sink }) => sink));
  }

  #fell(place: Place, { message }: LogsError): void {
    const before = place.downSince;
    place.downSince = performance.now();
    if (before !== undefined) return;
    const next = this.#current();
    if (next !== undefined) this.#tell(`${message}; going on with ${next}`);
  }

  #rose(place: Place): void {
    if (place.downSince === undefined) return;
    place.downSince = undefined;
    this.#tell(`${place.sink.name} is back`);
  }

  #current(): string | undefined {
    return this.#places.find(({ downSince }) => downSince === undefined)?.sink.name;
  }

  /** Asks those that would have come first, beside the sending. */
  #lookBefore(used: Place, signal: AbortSignal): void {
    for (const place of this.#places) {
      if (place === used) return;
      if (place.downSince === undefined || performance.now() - place.downSince < this.#probeMs) continue;
      place.downSince = performance.now();
      place.sink.check(signal).then(
        () => this.#rose(place),
        () => undefined,
      );
    }
  }
}

/** What another sink would say of the batch as well, or what is over before the other is reached. */
const ITS_OWN: ReadonlySet<string> = new Set(['TOO_LARGE', 'REMOTE_BUSY']);

/** What may pass counts for more than what never will: with it, all is tried again. */
function worst(failures: readonly LogsError[]): LogsError {
  return failures.find(({ canRetry }) => canRetry) ?? (failures[0] as LogsError);
}
