import { removeIfThere } from '../../buffer/durable.ts';
import { fileFailure } from '../../buffer/failure.ts';
import type { Fs } from '../../buffer/fs.ts';
import { LogFileWriter, type PlacedFrame } from '../../buffer/log-file-writer.ts';
import { parseLogFileName } from '../../buffer/log-file.ts';
import { LogsError } from '../../errors.ts';
import type { SizedBatch, SourceRange } from '../../record/batch.ts';
import { frameOf } from './batch-frame.ts';
import type { Lane } from './lane.ts';
import { newLaneFile } from './lane-file.ts';
import type { QueueLimits } from './queue-limits.ts';

/** A 24-bit line number is part of every log id. */
const MAX_LINES = 2 ** 24;
/** So much is written between two looks at the free space. */
const LOOK_BYTES = 8 * 2 ** 20;
/** Space that appends leave free, so that checkpoints still have some; at most 1 % of the volume. */
const RESERVE_BYTES = 32 * 2 ** 20;

/** Appends batches to the log files of a folder that is ours. */
export class OwnLog {
  readonly #fs: Fs;
  readonly #lane: Lane;
  readonly #now: () => number;
  readonly #limits: QueueLimits;
  #n = 0;
  #t = 0;
  #file: LogFileWriter | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #unlooked = LOOK_BYTES;
  #failed: LogsError | undefined;
  /** Sources that a batch of was refused: where it begins, and why. */
  readonly #torn = new Map<string, { readonly from: number; readonly error: LogsError }>();

  constructor(fs: Fs, lane: Lane, now: () => number, limits: QueueLimits) {
    this.#fs = fs;
    this.#lane = lane;
    this.#now = now;
    this.#limits = limits;
  }

  /**
   * Resolves when the batch is durable. Rejects with NO_SPACE: the same batch may be accepted later, and others of its
   * source only after it, so that the source has no gap. Any other failure is for ever.
   */
  async append(batch: SizedBatch): Promise<void> {
    if (batch.bytes.length > 0 && batch.bytes.at(-1) !== 10)
      throw new LogsError('INTERNAL', 'a batch must end with LF');
    if (batch.lines >= MAX_LINES) throw new LogsError('INTERNAL', `a batch of ${batch.lines} lines is too large`);
    if (batch.ids !== undefined && batch.ids.length !== batch.events)
      throw new LogsError('INTERNAL', `${batch.ids.length} ids for ${batch.events} events`);
    const frame = frameOf(batch);
    const placed = this.#turn.then(() => this.#place(batch, frame));
    this.#turn = placed.catch(() => undefined);
    await (await placed).durable;
  }

  /** Ends the file at hand; nothing is appended any more. */
  async finish(): Promise<void> {
    await this.#turn;
    await this.#end();
  }

  async #place(batch: SizedBatch, frame: ReturnType<typeof frameOf>): Promise<{ readonly durable: Promise<void> }> {
    const refused = (error: LogsError): void => this.#tear(batch.source, error);
    try {
      this.#refuse(batch.source);
      await this.#look(batch.bytes.length);
      const file = await this.#fileFor(batch.bytes.length);
      // What was under way may have failed meanwhile.
      this.#refuse(batch.source);
      const durable = file
        .append(frame, (error) => {
          this.#failed ??= file.failed;
          refused(error);
          if (error.code === 'NO_SPACE') this.#giveBack(file);
        })
        .then((placed: PlacedFrame) => this.#lane.push(placed, batch));
      // Told where it is awaited, which may be a turn later.
      durable.catch(() => undefined);
      return { durable };
    } catch (error) {
      const failure = fileFailure(error, this.#lane.folder, 'write to');
      refused(failure);
      throw failure;
    }
  }

  #tear(source: SourceRange | undefined, error: LogsError): void {
    if (source !== undefined && !this.#torn.has(source.id)) this.#torn.set(source.id, { from: source.from, error });
  }

  /** A batch behind one that was refused would be taken for the whole of the source up to there. */
  #refuse(source: SourceRange | undefined): void {
    if (this.#failed !== undefined) throw this.#failed;
    const torn = source === undefined ? undefined : this.#torn.get(source.id);
    if (source === undefined || torn === undefined) return;
    if (source.from > torn.from) throw torn.error;
    this.#torn.delete(source.id);
  }

  async #fileFor(bytes: number): Promise<LogFileWriter> {
    const file = this.#file;
    const full =
      file !== undefined &&
      file.bytes > 0 &&
      (file.bytes + bytes > this.#limits.rotateBytes || file.frames >= this.#limits.rotateFrames);
    if (file?.ended === true || full) await this.#end();
    if (this.#file !== undefined) return this.#file;
    // A new file counts its frames from 1 again: a later time keeps its log ids apart from those of the file before.
    const next = await LogFileWriter.create(this.#fs, this.#lane.folder, this.#n + 1, this.#t + 1, this.#now);
    this.#n += 1;
    const life = parseLogFileName(next.file)?.life ?? '';
    this.#lane.addFile(newLaneFile(this.#lane.folder, next.file, this.#n, life));
    this.#file = next;
    return next;
  }

  /** Ends a file that found no space: what is in it may be done, and is the space that is missing. */
  #giveBack(file: LogFileWriter): void {
    this.#turn = this.#turn
      .then(() => (this.#file === file ? this.#end() : undefined))
      .catch((error: unknown) => {
        this.#failed ??= fileFailure(error, file.path, 'write to');
      });
  }

  async #end(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    if (file === undefined) return;
    const state = await file.finish();
    this.#t = Math.max(this.#t, file.t);
    if (state?.seq === 0) await removeIfThere(this.#fs, file.path);
    this.#lane.endFile();
  }

  async #look(bytes: number): Promise<void> {
    this.#unlooked += bytes;
    if (this.#unlooked < LOOK_BYTES) return;
    const { freeBytes, totalBytes } = await this.#fs.volume(this.#lane.folder);
    if (freeBytes < Math.min(RESERVE_BYTES, totalBytes / 100)) {
      throw new LogsError('NO_SPACE', `only ${freeBytes} bytes are free for the queue ${this.#lane.folder}`, {
        hint: 'free some space on that file system; what is queued goes on being delivered',
      });
    }
    this.#unlooked = 0;
  }
}
