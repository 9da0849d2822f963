import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { LogsError } from '../errors.ts';
import type { EventContext } from '../record/record.ts';
import { jsonWithCrc } from './crc.ts';
import { writeAll } from './durable.ts';
import { fileFailure, syncFailure } from './failure.ts';
import type { FrameHeader } from './frame.ts';
import type { PackedIds } from './frame-ids.ts';
import type { PackedOrigin } from './frame-origin.ts';
import type { Fs, OpenFile } from './fs.ts';
import { logFileName } from './log-file.ts';

/** What one frame is to hold; the rest of its header is the log file's own. */
export interface NewFrame {
  readonly payload: Uint8Array;
  /** Lines in the payload. */
  readonly lines: number;
  readonly join?: readonly number[];
  /** Log ids that the events came with, one each. */
  readonly ids?: PackedIds;
  /** Events in the payload, where the header is to say so. */
  readonly events?: number;
  /** Where they came from, where the header is to say so. */
  readonly origin?: PackedOrigin;
  readonly context: EventContext;
  readonly source?: { readonly id: string; readonly from: number; readonly to: number; readonly hash?: string };
}

/** Where a frame is in its file. */
export interface PlacedFrame {
  readonly seq: number;
  /** Receive time, milliseconds. */
  readonly t: number;
  /** Offsets of its first byte and behind its last. */
  readonly start: number;
  readonly end: number;
}

/** How far a log file is; what the marker of a released one says, so that it can be continued without reading it. */
export interface LogFileState {
  readonly file: string;
  readonly bytes: number;
  readonly seq: number;
  /** Receive times of the first and the last frame, milliseconds. */
  readonly since: number;
  readonly t: number;
}

interface Waiting {
  readonly frame: NewFrame;
  resolve(placed: PlacedFrame): void;
  reject(error: LogsError): void;
}

/** Bytes written and synced together, at most, unless a single frame is larger. */
const GROUP_BYTES = 8 * 2 ** 20;
const NOTHING = new Uint8Array(0);

/**
 * Appends frames to one log file. All frames that wait are written by one writev and made durable by one fdatasync
 * (group commit). The folder of a new file is synced before its first frame can be acknowledged.
 */
export class LogFileWriter {
  readonly file: string;
  readonly path: string;
  readonly life: string;
  readonly #clock: () => number;
  readonly #open: OpenFile;
  #end: number;
  #durableEnd: number;
  #seq: number;
  #since: number | undefined;
  #t: number;
  /** Highest `seq` known durable, and the highest that a frame in the file says. */
  #durable: number;
  #recorded: number;
  #unsynced = false;
  #context: string | undefined;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #pump: Promise<void> | undefined;
  #failed: LogsError | undefined;
  #ended: LogsError | undefined;

  private constructor(
    folder: string,
    open: OpenFile,
    life: string,
    from: Omit<LogFileState, 'since'> & { since?: number },
    clock: () => number,
  ) {
    this.#open = open;
    this.#clock = clock;
    this.life = life;
    this.file = from.file;
    this.path = join(folder, from.file);
    this.#end = from.bytes;
    this.#durableEnd = from.bytes;
    this.#seq = from.seq;
    this.#durable = from.seq;
    this.#recorded = from.seq;
    this.#since = from.since;
    this.#t = from.t;
  }

  /** A new, empty file. No frame of it gets a receive time below `notBefore`. */
  static async create(
    fs: Fs,
    folder: string,
    n: number,
    notBefore: number,
    clock: () => number,
  ): Promise<LogFileWriter> {
    const life = randomBytes(8).toString('hex');
    const file = logFileName(n, life);
    const path = join(folder, file);
    try {
      const open = await fs.open(path, 'create');
      await fs.syncFolder(folder);
      return new LogFileWriter(folder, open, life, { file, bytes: 0, seq: 0, t: notBefore }, clock);
    } catch (error) {
      throw fileFailure(error, path, 'create');
    }
  }

  /** Goes on with a file that was released in this state. */
  static async resume(
    fs: Fs,
    folder: string,
    life: string,
    state: LogFileState,
    clock: () => number,
  ): Promise<LogFileWriter> {
    const path = join(folder, state.file);
    try {
      return new LogFileWriter(folder, await fs.open(path, 'update'), life, state, clock);
    } catch (error) {
      throw fileFailure(error, path, 'open');
    }
  }

  /** Bytes in the file and bytes that wait for it or are being written. */
  get bytes(): number {
    return this.#end + this.#waitingBytes;
  }

  get frames(): number {
    return this.#seq + this.#waiting.length;
  }

  /** Receive time of the first frame; undefined while there is none. */
  get since(): number | undefined {
    return this.#since;
  }

  /** Receive time of the last frame; no later frame of the same writer may have a smaller one. */
  get t(): number {
    return this.#t;
  }

  /** Why nothing can be appended any more; the file then is dirty. */
  get failed(): LogsError | undefined {
    return this.#failed;
  }

  /**
   * Whether frames that could be read for a moment were taken back. Whoever follows the file takes their `seq` for given:
   * it gets no more frames, which need a file of their own. What it holds is whole.
   */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /**
   * Resolves when the frame is durable; the payload must not be changed before. Rejects with NO_SPACE (a later call may
   * succeed, unless the file has ended), or with SYNC_FAILED and others, and then for ever. A failure rejects all that waits: no frame is durable
   * in place of an earlier one. `refused` is called with the reason before any later frame can be appended, which whoever
   * awaits the promise may be a moment too late for.
   */
  append(frame: NewFrame, refused: (error: LogsError) => void = () => undefined): Promise<PlacedFrame> {
    return new Promise((resolve, fail) => {
      const reject = (error: LogsError): void => {
        refused(error);
        fail(error);
      };
      const refusal = this.#failed ?? this.#ended;
      if (refusal !== undefined) {
        reject(refusal);
        return;
      }
      this.#waiting.push({ frame, resolve, reject });
      this.#waitingBytes += frame.payload.length;
      this.#pump ??= this.#run();
    });
  }

  /**
   * Waits for all frames, records what is durable, and closes the file. Gives the state to continue from, which only a
   * file that has not ended may be, or undefined when a write failed so that it is not known what the file holds.
   */
  async finish(): Promise<LogFileState | undefined> {
    await this.#pump;
    await this.#recordIfDue();
    if (this.#failed === undefined && this.#unsynced) await this.#sync().catch(() => undefined);
    await this.#open.close();
    if (this.#failed !== undefined || this.#unsynced) return undefined;
    return { file: this.file, bytes: this.#end, seq: this.#seq, since: this.#since ?? this.#t, t: this.#t };
  }

  async #run(): Promise<void> {
    // Whoever appends several frames in one go gets them synced in one go.
    await nextTurn();
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        const placed = await this.#write(group.map((waiting) => waiting.frame));
        for (const { frame } of group) this.#waitingBytes -= frame.payload.length;
        await this.#sync();
        for (const [at, waiting] of group.entries()) waiting.resolve(placed[at] as PlacedFrame);
      } catch (error) {
        const failure = fileFailure(error, this.path, 'write to');
        for (const waiting of [...group, ...this.#waiting.splice(0)]) waiting.reject(failure);
        this.#waitingBytes = 0;
      }
      // Whoever was acknowledged may have more at hand; only when nobody has is there time for the empty frame.
      await nextTurn();
      if (this.#waiting.length === 0) await this.#recordIfDue();
    }
    this.#pump = undefined;
  }

  #takeGroup(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const { frame } of this.#waiting) {
      if (count > 0 && bytes + frame.payload.length > GROUP_BYTES) break;
      bytes += frame.payload.length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** Writes frames, or leaves the file as it was before. */
  async #write(frames: readonly NewFrame[]): Promise<PlacedFrame[]> {
    const before = { end: this.#end, seq: this.#seq, recorded: this.#recorded, since: this.#since };
    const buffers: Uint8Array[] = [];
    const placed: PlacedFrame[] = [];
    for (const frame of frames) {
      const header = this.#header(frame);
      buffers.push(header, frame.payload);
      const start = placed.at(-1)?.end ?? before.end;
      placed.push({ seq: this.#seq, t: this.#t, start, end: start + header.length + frame.payload.length });
    }
    try {
      this.#end = await writeAll(this.#open, buffers, before.end);
      this.#unsynced = true;
      return placed;
    } catch (error) {
      const failure = fileFailure(error, this.path, 'write to');
      this.#end = before.end;
      this.#seq = before.seq;
      this.#recorded = before.recorded;
      this.#since = before.since;
      this.#context = undefined;
      const frame = (buffers[0]?.length ?? 0) + (buffers[1]?.length ?? 0);
      await this.#cutBack(before.end, before.end + frame, failure);
      throw failure;
    }
  }

  /**
   * Takes back what a failed write left. A file that is as it was can be written to again, if only space was missing and
   * the first frame was not whole, with its end at `whole`.
   */
  async #cutBack(end: number, whole: number, failure: LogsError): Promise<void> {
    try {
      if ((await this.#open.size()) >= whole) this.#ended = failure;
      await this.#open.truncate(end);
      if (failure.code !== 'NO_SPACE') this.#failed = failure;
    } catch {
      this.#failed = failure;
    }
  }

  /**
   * After a failed fdatasync the kernel may have dropped the pages and call them clean, so a second one that succeeds
   * proves nothing (Rebello et al., USENIX ATC 2020): the file is given up. What was not acknowledged is cut off, if
   * that still works, so that it does not turn up beside the copy that its sender sends again.
   */
  async #sync(): Promise<void> {
    try {
      await this.#open.datasync();
      this.#durable = this.#seq;
      this.#unsynced = false;
    } catch (error) {
      this.#failed = syncFailure(error, this.path);
      await this.#open.truncate(this.#durableEnd).catch(() => undefined);
      throw this.#failed;
    }
    this.#durableEnd = this.#end;
  }

  /** An empty frame that says what is durable: lets recovery tell damage from a torn tail. Worth no failure of its own. */
  async #recordIfDue(): Promise<void> {
    if (this.#failed !== undefined || this.#ended !== undefined || this.#recorded >= this.#durable) return;
    await this.#write([{ payload: NOTHING, lines: 0, context: {} }]).catch(() => undefined);
  }

  #header(frame: NewFrame): Buffer {
    const context = frame.lines === 0 ? this.#context : JSON.stringify(frame.context);
    const changed = context !== this.#context;
    this.#context = context;
    this.#seq += 1;
    this.#recorded = this.#durable;
    this.#t = Math.max(this.#t, this.#clock());
    this.#since ??= this.#t;
    const { source } = frame;
    const header: Omit<FrameHeader, 'crc'> = {
      '~f': 1,
      life: this.life,
      seq: this.#seq,
      synced: this.#durable,
      t: this.#t,
      ...(source === undefined ? {} : { src: source.id, from: source.from, pos: source.to }),
      ...(source?.hash === undefined ? {} : { hash: source.hash }),
      ...(changed ? { ctx: frame.context } : {}),
      ...(frame.join === undefined ? {} : { join: frame.join }),
      ...(frame.ids === undefined ? {} : { ids: frame.ids }),
      ...(frame.events === undefined ? {} : { events: frame.events }),
      ...(frame.origin === undefined ? {} : { origin: frame.origin }),
      n: frame.lines,
      len: frame.payload.length,
    };
    return jsonWithCrc(header, frame.payload);
  }
}
