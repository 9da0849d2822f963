import { LogsError } from '../errors.ts';
import { placeOf } from '../read/source-id.ts';
import type { LogSource } from '../read/source.ts';
import type { LogSink } from '../send/sink.ts';
import { DeliveryWindow } from './delivery-window.ts';
import { batchesOf, type ReadOptions, type Tally } from './ship-source.ts';
import { countUnparsed } from './unparsed.ts';

/** A source not yet opened. */
export interface SourceToOpen {
  /** `-`, or a path. */
  readonly name: string;
  open(): Promise<LogSource>;
}

/** The right to ship one file into a store while nobody else does. */
export interface SourceClaims {
  /** Throws SOURCE_CLAIMED, naming the process that has it. */
  claim(place: string, name: string): Promise<{ release(): Promise<void> }>;
}

export interface ShipTarget {
  readonly sink: LogSink;
  /** Where the sink keeps positions of sources: claims on them. */
  readonly claims: SourceClaims | undefined;
}

export interface ShipOptions {
  readonly sources: readonly SourceToOpen[];
  readonly read: ReadOptions;
  readonly target: ShipTarget;
  /** Ship files from their start, whatever was shipped of them. */
  readonly again: boolean;
  /** Called often, with what was acknowledged so far. */
  readonly progress?: (done: { readonly bytes: number; readonly events: number }) => void;
}

/** What `logs ship --json` prints. Bytes are those of the events' text, inflated; seconds are wall clock. */
export interface ShipSummary {
  readonly events: number;
  readonly bytes: number;
  readonly rejected: number;
  /** Kept whole, with the reason in `_parse_error`. */
  readonly unparsed: number;
  /** Empty lines. */
  readonly blank: number;
  /** Longer than 1 MiB: the head was kept. */
  readonly truncated: number;
  /** In runs of more than 4 KiB, left out. */
  readonly nulBytes: number;
  readonly files: { readonly shipped: number; readonly unchanged: number; readonly skipped: number };
  readonly seconds: number;
}

export interface ShipResult {
  readonly summary: ShipSummary;
  /** Sources that were left out or cut short, in order, for the command to tell and to end with. */
  readonly failures: readonly LogsError[];
}

/** Files whose claims and positions are taken together: reading positions costs, and so do open claims. */
const GROUP = 32;

/**
 * Ships sources into a sink: everything whole that could be read is acknowledged when it returns, also after an
 * interruption. A source that cannot be read, is damaged or is shipped by someone else does not stop the others.
 * Throws what the sink failed with: then what was acknowledged stays, and is not sent again by the next ship.
 */
export async function ship(options: ShipOptions, signal: AbortSignal): Promise<ShipResult> {
  return new Shipment(options, signal).run();
}

class Shipment {
  private readonly options: ShipOptions;
  private readonly signal: AbortSignal;
  private readonly window: DeliveryWindow;
  private readonly tally: Tally = { blank: 0, truncated: 0, nulBytes: 0 };
  private readonly files = { shipped: 0, unchanged: 0, skipped: 0 };
  private readonly failures: LogsError[] = [];
  private readonly hashes = new Map<string, string>();
  private readonly places = new Set<string>();
  private unparsed = 0;

  constructor(options: ShipOptions, signal: AbortSignal) {
    this.options = options;
    this.signal = signal;
    this.window = new DeliveryWindow(options.target.sink, signal);
  }

  async run(): Promise<ShipResult> {
    const began = performance.now();
    const { sources, target } = this.options;
    try {
      for (let at = 0; at < sources.length && !this.signal.aborted; at += GROUP) {
        await this.shipGroup(sources.slice(at, at + GROUP));
      }
    } finally {
      await target.sink.close({ hashes: this.hashes });
    }
    const { accepted, bytes, rejected } = this.window;
    const { tally, files } = this;
    const unparsed = target.sink.unparsed?.() ?? this.unparsed;
    const seconds = (performance.now() - began) / 1000;
    return {
      summary: { events: accepted, bytes, rejected, unparsed, ...tally, files, seconds },
      failures: this.failures,
    };
  }

  private async shipGroup(group: readonly SourceToOpen[]): Promise<void> {
    const open: { source: LogSource; release: () => Promise<void> }[] = [];
    try {
      for (const entry of group) {
        await this.orFailure(async () => {
          const claimed = await this.openOne(entry);
          if (claimed !== undefined) open.push(claimed);
        });
      }
      // After the claims: whoever had one before has told how far it came.
      const marks = this.options.target.claims === undefined ? undefined : await this.options.target.sink.marks();
      for (const { source } of open) {
        if (this.signal.aborted) break;
        await this.orFailure(() => this.shipOne(source, marks));
      }
      await this.window.settle();
    } finally {
      for (const { source, release } of open) {
        await source.close();
        await release();
      }
    }
  }

  private async openOne(entry: SourceToOpen) {
    const source = await entry.open();
    const { claims } = this.options.target;
    const place = source.identity === undefined ? undefined : placeOf(source.identity);
    if (place === undefined) return { source, release: async () => undefined };
    if (this.places.has(place)) {
      // A second name of the same file.
      await source.close();
      return undefined;
    }
    this.places.add(place);
    try {
      const claim = await claims?.claim(place, source.name);
      return { source, release: async () => claim?.release() };
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  private async shipOne(source: LogSource, marks: Awaited<ReturnType<LogSink['marks']>> | undefined): Promise<void> {
    const { read, again } = this.options;
    const batches = batchesOf(source, { read, marks, again, tally: this.tally, signal: this.signal });
    let sent = 0;
    for (;;) {
      const next = await batches.next();
      if (next.done === true) {
        if (next.value !== undefined) this.hashes.set(next.value.id, next.value.hash);
        break;
      }
      if (this.options.target.sink.unparsed === undefined) this.unparsed += countUnparsed(next.value);
      await this.window.send(next.value, next.value.covers);
      sent += 1;
      this.options.progress?.({ bytes: this.window.bytes, events: this.window.accepted });
    }
    if (source.identity === undefined) return;
    if (sent > 0 || (source.size ?? 0) === 0 || marks === undefined) this.files.shipped += 1;
    else this.files.unchanged += 1;
  }

  /** A fault of one source is noted and the next one's turn comes; a fault of the sink ends it all. */
  private async orFailure(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof LogsError) || !OF_A_SOURCE.has(error.code)) throw error;
      this.failures.push(error);
      this.files.skipped += 1;
    }
  }
}

const OF_A_SOURCE: ReadonlySet<string> = new Set([
  'NOT_FOUND',
  'NOT_READABLE',
  'SOURCE_CLAIMED',
  'INPUT_DAMAGED',
  'TOO_MANY_FILES',
]);
