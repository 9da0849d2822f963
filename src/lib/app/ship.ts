import { setMaxListeners } from 'node:events';
import { LogsError } from '../errors.ts';
import type { SizedBatch, SourceMark } from '../record/batch.ts';
import type { BatchSource } from '../read/batch-source.ts';
import { placeOf } from '../read/source-id.ts';
import type { LogSource } from '../read/source.ts';
import type { CountedLetters } from '../send/counted-letters.ts';
import type { Dropped } from '../send/dropped.ts';
import type { LogSink } from '../send/sink.ts';
import { newBuffers } from '../read/blocks.ts';
import type { BufferPool } from '../read/buffer-pool.ts';
import { DeliveryWindow } from './delivery-window.ts';
import { shipStream } from './ship-stream.ts';
import type { ShipProgress, ShipResult } from './ship-result.ts';
import { batchesOf, type ReadOptions, type SourceEnd, type Tally } from './ship-source.ts';
import { countUnparsed } from '../parse/unparsed.ts';

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
  /** Bytes that may be under way to the sink; where it does not say, enough for a disk. */
  readonly inFlight?: number | undefined;
  /** Where events go that nobody takes, or that a topic holds and nobody can read. */
  readonly deadLetters?: CountedLetters;
  /** Counts what is left out on purpose, which `sink` accepts. */
  readonly dropped?: Dropped;
  /** Events that are still in queues, when `sink` is closed. */
  readonly left?: () => number;
}

export interface ShipOptions {
  readonly sources: readonly SourceToOpen[];
  /** Topics, read after the sources above, all at once. */
  readonly streams?: readonly BatchSource[];
  /** Go on with what arrives in topics, until the signal; else end at what is there. */
  readonly follow?: boolean;
  /** Milliseconds that what was read has to arrive, once the signal has said to stop. Absent: none. */
  readonly grace?: number;
  readonly read: ReadOptions;
  readonly target: ShipTarget;
  /** Ship files from their start, whatever was shipped of them. */
  readonly again: boolean;
  /** Called often. */
  readonly progress?: (done: ShipProgress) => void;
}

/** Files whose claims and positions are taken together: reading positions costs, and so do open claims. */
const GROUP = 256;
/** Claims that are taken at once: each waits for the disk. */
const CLAIMS = 16;

interface Opened {
  readonly source: LogSource;
  readonly place: string | undefined;
  /** Claimed, where it has to be. */
  ready: boolean;
  release: () => Promise<void>;
}

/**
 * Ships sources into a sink: everything whole that could be read is acknowledged when it returns, also after an
 * interruption. A source that cannot be read, is damaged or is shipped by someone else does not stop the others.
 * `failed` is what the sink failed with: what was acknowledged before stays, and is not sent again by the next ship.
 */
export async function ship(options: ShipOptions, signal: AbortSignal): Promise<ShipResult> {
  return new Shipment(options, signal).run();
}

class Shipment {
  private readonly options: ShipOptions;
  private readonly signal: AbortSignal;
  private readonly window: DeliveryWindow;
  private readonly tally: Tally = { blank: 0, truncated: 0, nulBytes: 0 };
  private readonly files = { shipped: 0, unchanged: 0, empty: 0, skipped: 0 };
  private readonly failures: LogsError[] = [];
  private readonly places = new Set<string>();
  /** Of what is read into, where the sink leaves it: used again for what is read next. */
  private readonly buffers: BufferPool | undefined;
  private groupSize = GROUP;
  private total: number | undefined;
  /** Size of the sources that were dealt with. */
  private passed = 0;
  private unparsed = 0;

  constructor(options: ShipOptions, signal: AbortSignal) {
    this.options = options;
    this.signal = signal;
    const { target, grace } = options;
    const late = later(signal, grace);
    // Every batch under way waits for it.
    setMaxListeners(0, late);
    this.window = new DeliveryWindow(target.sink, late, target.inFlight);
    this.buffers = target.sink.leavesBytes === true ? newBuffers() : undefined;
  }

  async run(): Promise<ShipResult> {
    const began = performance.now();
    const { sources, target } = this.options;
    let failed: LogsError | undefined;
    try {
      for (let at = 0; at < sources.length && !this.signal.aborted; ) {
        at += await this.shipGroup(sources.slice(at, at + this.groupSize));
      }
      await this.shipStreams();
      await target.sink.close();
      await target.deadLetters?.close();
    } catch (error) {
      // What it failed with first is what to tell.
      await target.sink.close().catch(() => undefined);
      await target.deadLetters?.close().catch(() => undefined);
      if (!(error instanceof LogsError)) throw error;
      failed = error;
    }
    const { accepted, bytes, rejected } = this.window;
    const { tally, files } = this;
    const dropped = target.dropped?.toJSON() ?? {};
    const left = target.left?.() ?? 0;
    const unparsed = target.sink.unparsed?.() ?? this.unparsed;
    const seconds = (performance.now() - began) / 1000;
    return {
      summary: {
        events: accepted + rejected - (target.dropped?.total('drop', 'sample') ?? 0),
        bytes,
        rejected: target.deadLetters?.count ?? rejected,
        ...(left === 0 ? {} : { left }),
        ...(Object.keys(dropped).length === 0 ? {} : { dropped }),
        unparsed,
        ...tally,
        files,
        seconds,
      },
      failures: this.failures,
      ...(failed === undefined ? {} : { failed }),
    };
  }

  private async shipStreams(): Promise<void> {
    const { streams = [], follow = false, target } = this.options;
    if (streams.length === 0 || this.signal.aborted) return;
    const marks = await target.sink.marks();
    const stop = new AbortController();
    const signal = AbortSignal.any([this.signal, stop.signal]);
    const shipping = streams.map(async (source) => {
      try {
        await shipStream(source, {
          ...target,
          marks,
          follow,
          signal,
          send: (...sent) => this.send(...sent),
        });
      } catch (error) {
        // One that fails takes the others with it: whoever started them all wants to know.
        stop.abort();
        throw error;
      } finally {
        // What is under way has to arrive before the source hears that it is left.
        await this.window.over();
        await source.close();
      }
    });
    const ended = await Promise.allSettled(shipping);
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
    await this.window.settle();
  }

  private async send(batch: SizedBatch, covers: number, done?: () => void): Promise<void> {
    if (this.options.target.sink.unparsed === undefined) this.unparsed += countUnparsed(batch);
    await this.window.send(batch, covers, done);
  }

  /** Gives how many of the group were dealt with: none where they are too many to be open at once. */
  private async shipGroup(group: readonly SourceToOpen[]): Promise<number> {
    const open: Opened[] = [];
    let done: number;
    try {
      done = await this.shipOpened(group, open);
    } catch (error) {
      // What it failed with is what is told.
      await this.giveUp(open).catch(() => undefined);
      throw error;
    }
    await this.giveUp(open);
    return done;
  }

  private async shipOpened(group: readonly SourceToOpen[], open: Opened[]): Promise<number> {
    const marks = await this.openGroup(group, open);
    if (marks === 'too many files') return 0;
    if (group.length === this.options.sources.length) this.total = sizeOf(open.map(({ source }) => source));
    for (const { source, ready } of open) {
      if (this.signal.aborted) break;
      if (ready) await this.orFailure(() => this.shipOne(source, marks));
    }
    await this.window.settle();
    return group.length;
  }

  /** Closes files and gives back their claims, each whatever becomes of the others; throws what the first failed with. */
  private async giveUp(open: readonly Opened[]): Promise<void> {
    // Whoever claims one of them next must find in the store what is still on its way there.
    await this.window.over();
    const failures: unknown[] = [];
    for (const { source, release } of open) {
      for (const end of [() => source.close(), release]) await end().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  /**
   * Opens and claims the files of a group into `open`, and gives the positions. Where the system has no file
   * descriptors left, nothing of it counts and the next group is smaller: half of what could be opened, for the store
   * needs some as well. Throws TOO_MANY_FILES when one file alone is too many.
   */
  private async openGroup(group: readonly SourceToOpen[], open: Opened[]): Promise<Marks | 'too many files'> {
    const failed = this.failures.length;
    const { skipped } = this.files;
    const places: string[] = [];
    try {
      for (let at = 0; at < group.length; at += CLAIMS) {
        const from = open.length;
        for (const entry of group.slice(at, at + CLAIMS)) await this.orFailure(() => this.openOne(entry, places, open));
        await this.claim(open.slice(from));
      }
      // After the claims: whoever had one before has told how far it came.
      return this.options.target.claims === undefined ? undefined : await this.options.target.sink.marks();
    } catch (error) {
      if (!isOutOfFiles(error) || this.groupSize === 1) throw error;
      this.groupSize = Math.max(1, Math.floor(open.length / 2));
      this.failures.length = failed;
      this.files.skipped = skipped;
      for (const place of places) this.places.delete(place);
      return 'too many files';
    }
  }

  private async openOne(entry: SourceToOpen, places: string[], open: Opened[]): Promise<void> {
    const source = await entry.open();
    const place = source.identity === undefined ? undefined : placeOf(source.identity);
    if (place !== undefined && this.places.has(place)) {
      // A second name of the same file.
      await source.close();
      return;
    }
    open.push({ source, place, ready: true, release: async () => undefined });
    if (place === undefined) return;
    this.places.add(place);
    places.push(place);
  }

  /** Claims files, several at once; those that are someone else's are failures, in order. */
  private async claim(opened: readonly Opened[]): Promise<void> {
    const { claims } = this.options.target;
    if (claims === undefined) return;
    const attempts = opened.map(async (one) => {
      if (one.place === undefined) return;
      one.ready = false;
      const claim = await claims.claim(one.place, one.source.name);
      one.release = () => claim.release();
      one.ready = true;
    });
    // All have to be over before any is given up.
    await Promise.allSettled(attempts);
    for (const attempt of attempts) await this.orFailure(() => attempt);
  }

  private async shipOne(source: LogSource, marks: Marks): Promise<void> {
    const { read, again } = this.options;
    const { buffers } = this;
    const batches = batchesOf(source, {
      read,
      marks,
      again,
      tally: this.tally,
      ...(buffers === undefined ? {} : { buffers }),
      signal: this.signal,
    });
    let sent = 0;
    let end: SourceEnd;
    for (;;) {
      const next = await batches.next();
      if (next.done === true) {
        end = next.value;
        break;
      }
      const { bytes, covers } = next.value;
      await this.send(next.value, covers, () => buffers?.give(bytes));
      sent += 1;
      this.options.progress?.({ bytes: this.window.bytes, events: this.window.accepted, ...this.ahead(next.value.to) });
    }
    this.passed += source.size ?? 0;
    if (source.identity === undefined) return;
    if (sent > 0) this.files.shipped += 1;
    else if (end.began > 0) this.files.unchanged += 1;
    else if (!this.signal.aborted) this.files.empty += 1;
  }

  private ahead(position: number): Pick<ShipProgress, 'ahead'> {
    const { total, passed } = this;
    return total === undefined ? {} : { ahead: { total, left: Math.max(0, total - passed - position) } };
  }

  /** A fault of one source is noted and the next one's turn comes; a fault of the sink ends it all. */
  private async orFailure(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!isOfSource(error)) throw error;
      this.failures.push(error);
      this.files.skipped += 1;
    }
  }
}

/** Aborted so many milliseconds after a signal, with its reason; at once without a number. */
function later(signal: AbortSignal, ms: number | undefined): AbortSignal {
  if (ms === undefined) return signal;
  const controller = new AbortController();
  const stop = () => setTimeout(() => controller.abort(signal.reason), ms).unref();
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  return controller.signal;
}

/** What is to be read of some sources; undefined where one of them does not say, or inflates. */
function sizeOf(sources: readonly LogSource[]): number | undefined {
  let sum = 0;
  for (const { name, size } of sources) {
    if (size === undefined || name.endsWith('.gz')) return undefined;
    sum += size;
  }
  return sum;
}

/** Whether only the source at hand is at fault. */
export function isOfSource(error: unknown): error is LogsError {
  return error instanceof LogsError && OF_A_SOURCE.has(error.code);
}

const OF_A_SOURCE: ReadonlySet<string> = new Set(['NOT_FOUND', 'NOT_READABLE', 'SOURCE_CLAIMED', 'INPUT_DAMAGED']);

type Marks = ReadonlyMap<string, SourceMark> | undefined;

function isOutOfFiles(error: unknown): boolean {
  return error instanceof Error && 'code' in error && OUT_OF_FILES.has(String(error.code));
}

/** As the system says it, and as we do. */
const OUT_OF_FILES: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE', 'TOO_MANY_FILES']);
