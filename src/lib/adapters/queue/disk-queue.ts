import { join } from 'node:path';
import { ensureFolder, ensureFolders } from '../../buffer/durable.ts';
import { fileFailure } from '../../buffer/failure.ts';
import { errorCode, type Fs, nodeFs } from '../../buffer/fs.ts';
import { refuseRemoteVolume } from '../../buffer/local-volume.ts';
import { scanFrames } from '../../buffer/log-file.ts';
import { listWriterLogs, listWriters } from '../../buffer/log-folder.ts';
import { sweepSources } from '../../buffer/source-claims.ts';
import { newFolder } from '../../buffer/writer-folder.ts';
import { LogsError } from '../../errors.ts';
import type { SizedBatch, SourceMark } from '../../record/batch.ts';
import type { BatchQueue, QueuedBatch, QueueDepth } from '../../send/batch-queue.ts';
import { adoptFree } from './adopt.ts';
import { sourceIn } from './batch-frame.ts';
import { Covered } from './covered.ts';
import { Lane, type LanePlace } from './lane.ts';
import { NOTHING_DONE, readTaken } from './layout.ts';
import { OwnLog } from './own-log.ts';
import { QUEUE_LIMITS, type QueueLimits } from './queue-limits.ts';
import { readAllTaken } from './taken-log.ts';

export interface DiskQueueOptions {
  /** Folder of the queue; made where it is not there. */
  readonly dir: string;
  /** Hears of damage found, and of what goes wrong beside appends. */
  readonly tell: (problem: LogsError) => void;
  readonly fs?: Fs;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly limits?: Partial<QueueLimits>;
}

/** Folders of dead processes that are worked off at once: each has some of a file in memory. */
const MAX_ADOPTED = 16;
/** Between two looks for processes that have died. */
const LOOK_MS = 5_000;

/** Opens the queue in a folder. Throws NOT_WRITABLE, NO_SPACE, STORE_UNSUITABLE (a network file system) naming it. */
export async function openDiskQueue(options: DiskQueueOptions): Promise<BatchQueue> {
  const { dir, fs = nodeFs } = options;
  try {
    await ensureFolders(fs, dir);
    await refuseRemoteVolume(fs, dir);
    await ensureFolder(fs, join(dir, 'log'));
    const queue = new DiskQueue(options);
    await queue.adopt();
    return queue;
  } catch (error) {
    throw ofQueue(fileFailure(error, dir, 'write to the queue'));
  }
}

/**
 * A queue made of log files: of a folder of its own, made at the first append, and of those that processes left which
 * have ended. Any number of processes may work on one queue at once, each on its folders.
 */
class DiskQueue implements BatchQueue {
  readonly #fs: Fs;
  readonly #dir: string;
  readonly #tell: (problem: LogsError) => void;
  readonly #now: () => number;
  readonly #place: LanePlace;
  readonly #adopted: Lane[] = [];
  /** Processes left more than is taken over at once. */
  #moreLeft = false;
  #own: { readonly lane: Lane; readonly log: OwnLog } | undefined;
  #opening: Promise<{ readonly lane: Lane; readonly log: OwnLog }> | undefined;
  #appending = 0;
  #ended = false;
  #closed = false;
  #looked = 0;
  /** What takes batches out does so one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Counts what may have given `take` something to do. */
  #changes = 0;
  #wake: () => void = () => undefined;

  constructor({ dir, tell, fs = nodeFs, now = Date.now, limits }: DiskQueueOptions) {
    this.#fs = fs;
    this.#dir = dir;
    this.#tell = (problem) => tell(ofQueue(problem));
    this.#now = now;
    this.#place = { fs, dir, limits: { ...QUEUE_LIMITS, ...limits }, tell: this.#tell, changed: () => this.#changed() };
  }

  async append(batch: SizedBatch): Promise<void> {
    if (this.#ended || this.#closed) throw new LogsError('INTERNAL', 'append after end');
    this.#appending += 1;
    try {
      const { log } = this.#own ?? (await this.#open());
      await log.append(batch);
    } catch (error) {
      throw ofQueue(fileFailure(error, this.#dir, 'write to the queue'));
    } finally {
      this.#appending -= 1;
      this.#changed();
    }
  }

  async *take(signal: AbortSignal): AsyncGenerator<QueuedBatch> {
    while (!signal.aborted && !this.#closed) {
      const seen = this.#changes;
      const next = await this.oldest();
      if (next !== undefined) yield next;
      else if (this.#isOver()) return;
      else await this.#change(seen, signal);
    }
  }

  oldest(): Promise<QueuedBatch | undefined> {
    return this.#inTurn(() => this.#next());
  }

  depth(): QueueDepth {
    let events = 0;
    let bytes = 0;
    let oldest: number | undefined;
    for (const lane of this.#lanes()) {
      const of = lane.depth();
      events += of.events;
      bytes += of.bytes;
      if (of.oldest !== undefined) oldest = Math.min(oldest ?? of.oldest, of.oldest);
    }
    return { events, bytes, oldest };
  }

  /** The log files are read before what is kept of deleted ones: what goes in between is in both. */
  async marks(): Promise<ReadonlyMap<string, SourceMark>> {
    const covered = new Covered();
    const ours = new Set(this.#lanes().map(({ writer }) => writer));
    for (const lane of this.#lanes()) lane.covered(covered);
    for (const writer of await listWriters(this.#fs, this.#dir)) {
      if (!ours.has(writer)) await this.#coveredElsewhere(writer, covered);
    }
    covered.addAll((await readAllTaken(this.#fs, this.#dir)).ranges());
    return covered.marks();
  }

  async end(): Promise<void> {
    this.#ended = true;
    this.#changed();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#ended = true;
    this.#closed = true;
    this.#changed();
    await this.#inTurn(async () => {
      const own = await this.#opening;
      await own?.log.finish();
      for (const lane of this.#lanes()) {
        await this.#orTell(lane, () => (lane.settled ? lane.finish() : lane.release()));
      }
    });
    await sweepSources(this.#fs, this.#dir, this.#now()).catch((error: unknown) =>
      this.#tell(fileFailure(error, this.#dir, 'tidy up')),
    );
  }

  /** Takes over what processes left that have ended. */
  async adopt(): Promise<void> {
    this.#looked = performance.now();
    const room = MAX_ADOPTED - this.#adopted.length;
    if (room === 0) return;
    const { lanes, more } = await adoptFree(this.#place, room, this.#now());
    this.#adopted.push(...lanes);
    this.#moreLeft = more;
  }

  #lanes(): Lane[] {
    return this.#own === undefined ? this.#adopted : [...this.#adopted, this.#own.lane];
  }

  #open(): Promise<{ readonly lane: Lane; readonly log: OwnLog }> {
    this.#opening ??= this.#begin().catch((error: unknown) => {
      // The next append tries again.
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #begin(): Promise<{ readonly lane: Lane; readonly log: OwnLog }> {
    const nothing = { files: [], done: NOTHING_DONE, taken: new Covered(), events: 0, bytes: 0, oldest: undefined };
    const lane = new Lane(this.#place, { ...(await newFolder(this.#fs, this.#dir)), ...nothing });
    this.#own = { lane, log: new OwnLog(this.#fs, lane, this.#now, this.#place.limits) };
    return this.#own;
  }

  /** Of what dead processes left first, then our own. */
  async #next(): Promise<QueuedBatch | undefined> {
    if (this.#closed) return undefined;
    await this.#upkeep();
    let first: { readonly t: number; readonly lane: Lane } | undefined;
    for (const lane of this.#adopted) {
      const t = await lane.peek();
      // Folders of several processes one after the other may have parts of one source.
      if (t !== undefined && (first === undefined || t < first.t)) first = { t, lane };
    }
    if (first !== undefined) return first.lane.take();
    if (this.#moreLeft) return undefined;
    return (await this.#own?.lane.peek()) === undefined ? undefined : this.#own?.lane.take();
  }

  /** Deletes adopted folders that are done, and looks for others now and then. */
  async #upkeep(): Promise<void> {
    const done = this.#adopted.filter(({ settled }) => settled);
    for (const lane of done) {
      this.#adopted.splice(this.#adopted.indexOf(lane), 1);
      await this.#orTell(lane, () => lane.finish());
    }
    if (done.length > 0 || performance.now() - this.#looked > LOOK_MS) await this.adopt();
  }

  /** Nothing will come any more, and all that was there is done. */
  #isOver(): boolean {
    return this.#ended && this.#appending === 0 && !this.#moreLeft && this.#lanes().every(({ settled }) => settled);
  }

  #changed(): void {
    this.#changes += 1;
    this.#wake();
  }

  /** Resolves when something may have changed since so many changes were counted. */
  async #change(seen: number, signal: AbortSignal): Promise<void> {
    if (this.#changes !== seen || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.#wake = wake;
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #orTell(lane: Lane, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#tell(fileFailure(error, lane.folder, 'tidy up'));
    }
  }

  /** What another process has taken in, or left. */
  async #coveredElsewhere(writer: string, covered: Covered): Promise<void> {
    for (const log of await listWriterLogs(this.#fs, this.#dir, writer)) {
      let bytes: Buffer;
      try {
        bytes = await this.#fs.readFile(log.path);
      } catch (error) {
        if (errorCode(error) === 'ENOENT') continue;
        throw error;
      }
      for (const frame of scanFrames(bytes, log.life).frames) {
        const source = sourceIn(frame);
        if (source !== undefined) covered.add(source);
      }
    }
    const taken = await readTaken(this.#fs, join(this.#dir, 'log', writer));
    if (taken !== undefined) covered.addAll(taken.ranges());
  }
}

/** The hints of what stores and queues share name the flag of a store. */
function ofQueue(error: LogsError): LogsError {
  if (error.hint?.includes('--store') !== true) return error;
  const hint = error.hint.replaceAll('--store', '--queue-dir');
  return new LogsError(error.code, error.message, { hint, cause: error.cause });
}
