import { dirname, join } from 'node:path';
import { removeIfThere } from '../../../buffer/durable.ts';
import { fileFailure } from '../../../buffer/failure.ts';
import { type Fs, nodeFs } from '../../../buffer/fs.ts';
import { parseLogFileName } from '../../../buffer/log-file.ts';
import { packIds } from '../../../buffer/frame-ids.ts';
import { type LogFileState, LogFileWriter, type NewFrame } from '../../../buffer/log-file-writer.ts';
import { LogsError } from '../../../errors.ts';
import { eachEvent } from '../../../record/events.ts';
import type { EventBatch, LogWriter, SourceMark } from '../../../store/store.ts';
import { adoptAll } from './adopt.ts';
import type { CommitLog } from '../commits/commit-log.ts';
import { type Entered, enterStore } from './enter-store.ts';
import { readMarks } from '../commits/marks.ts';
import { type Seal, SealQueue } from './seal-queue.ts';
import { listLogs } from '../../../buffer/log-folder.ts';
import { sweepSources } from '../../../buffer/source-claims.ts';
import { sweep } from './sweep.ts';
import { countUnparsedInLog } from './unparsed.ts';
import type { ReleaseMarker } from '../../../buffer/writer-folder.ts';
import type { ClaimedFolder } from './writer-folder.ts';
import { WRITER_LIMITS, type WriterLimits } from './writer-limits.ts';

export interface WriterOptions {
  readonly dir: string;
  readonly tenant?: string;
  readonly seal: Seal;
  /** Called when a file has grown so large that it will be sealed, at close if not before. */
  readonly prepareSeal?: () => void;
  /** Called when nothing is left to seal for now, and waited for before the writer is closed. */
  readonly restSeals?: () => Promise<void>;
  /** Hears of what went wrong beside the appends: a seal that failed, damage found in what a dead writer left. */
  readonly tell: (problem: LogsError) => void;
  readonly fs?: Fs;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly limits?: Partial<WriterLimits>;
}

/** A 24-bit line number is part of every log id. */
const MAX_LINES = 2 ** 24;
/** So much is written between two looks at the free space and at the other writers' files. */
const LOOK_BYTES = 8 * 2 ** 20;
/** Space that appends leave free, so that seals, commits and checkpoints still have some; at most 1 % of the volume. */
const RESERVE_BYTES = 32 * 2 ** 20;
const UPKEEP_MS = 1_000;
const AGE_CHECK_MS = 30_000;

/**
 * Writes into the log files of one writer's folder, which it owns until `close`. Many may write into one store, in one
 * process or in several; each has a folder of its own.
 */
export class EmbeddedWriter implements LogWriter {
  readonly #fs: Fs;
  readonly #tenantDir: string;
  readonly #now: () => number;
  readonly #limits: WriterLimits;
  readonly #tell: (problem: LogsError) => void;
  readonly #prepareSeal: (() => void) | undefined;
  readonly #commits: CommitLog;
  readonly #own: ClaimedFolder;
  readonly #seals: SealQueue;
  readonly #upkeep: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  /** First `seq` written here of each log file that this writer appended to. */
  readonly #firstSeqs = new Map<string, number>();
  #unparsed = 0;
  #upkeepUntil = Number.POSITIVE_INFINITY;
  #n: number;
  #t: number;
  #file: LogFileWriter | undefined;
  /** The file whose seal has been prepared. */
  #prepared: LogFileWriter | undefined;
  #resumable: LogFileState | undefined;
  /** Appends take their place in a file one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #unlooked = LOOK_BYTES;
  /** Set when the folder is not in order: a write to a log file failed, or a seal, which may have left files of segments. */
  #dirty = false;
  #failed: LogsError | undefined;
  /** Sources that a batch of was not stored, and why. */
  readonly #torn = new Map<string, LogsError>();
  #closed = false;

  private constructor(options: WriterOptions, fs: Fs, { tenantDir, commits, own, others }: Entered) {
    this.#fs = fs;
    this.#tenantDir = tenantDir;
    this.#commits = commits;
    this.#own = own;
    this.#n = own.n;
    this.#t = own.t;
    this.#resumable = own.log;
    this.#now = options.now ?? Date.now;
    this.#limits = { ...WRITER_LIMITS, ...options.limits };
    this.#tell = options.tell;
    this.#prepareSeal = options.prepareSeal;
    this.#seals = new SealQueue(options.seal, options.tell, options.restSeals);
    for (const { writer, file, path, bytes } of own.leftover) {
      void this.#seals
        .add({ writer, file, path, claim: own.claim.number }, bytes)
        .then((report) => (this.#dirty ||= report === undefined));
    }
    const upkeep = { fs, tenantDir, commits, seals: this.#seals, tell: options.tell, now: this.#now };
    this.#upkeep = adoptAll(others, {
      ...upkeep,
      oldMs: this.#limits.rotateMs,
      until: () => this.#upkeepUntil,
    }).then((failures) => failures.forEach(options.tell));
    this.#timer = setInterval(() => {
      this.#inTurn(() => this.#rotateIfOld()).catch((error: unknown) =>
        this.#tell(fileFailure(error, own.folder, 'write to')),
      );
    }, AGE_CHECK_MS);
    this.#timer.unref();
  }

  /** Makes the store if it is not there, and enters it; what dead writers left is sealed in the background. */
  static async open(options: WriterOptions): Promise<EmbeddedWriter> {
    const { fs = nodeFs, now = Date.now } = options;
    const entered = await enterStore({ ...options, fs, now });
    return new EmbeddedWriter(options, fs, entered);
  }

  /** Events appended that were kept whole because they could not be parsed; known once `close` has resolved. */
  get unparsed(): number {
    return this.#unparsed;
  }

  /** The id in this writer's log ids: 12 hexadecimal digits. */
  get writer(): string {
    return this.#own.writer;
  }

  /**
   * As the port says. The batch's bytes must stay as they are until it resolves. Rejects with NO_SPACE (later calls for
   * other sources may succeed again), SYNC_FAILED and others (no later call succeeds), INTERNAL for a batch that is none.
   */
  async append(batch: EventBatch): Promise<void> {
    if (this.#closed) throw new LogsError('INTERNAL', 'append after close');
    if (batch.bytes.length > 0 && batch.bytes.at(-1) !== 10)
      throw new LogsError('INTERNAL', 'a batch must end with LF');
    if (batch.lines >= MAX_LINES) throw new LogsError('INTERNAL', `a batch of ${batch.lines} lines is too large`);
    if (batch.ids !== undefined) checkIds(batch, batch.ids);
    const placed = await this.#inTurn(() => this.#place(batch));
    await placed.durable;
  }

  async marks(): Promise<ReadonlyMap<string, SourceMark>> {
    return readMarks(this.#fs, this.#tenantDir, this.#commits);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#upkeepUntil = this.#now() + UPKEEP_MS;
    await this.#inTurn(() => this.#rotateIfOld());
    const bytes = this.#file?.bytes ?? this.#resumable?.bytes ?? 0;
    const { sealAtCloseBytes, sealRestBytes } = this.#limits;
    const least = this.#prepared === undefined ? sealAtCloseBytes : Math.min(sealAtCloseBytes, sealRestBytes);
    if (bytes >= least) await this.#rotate();
    const file = this.#file;
    const left = file === undefined ? this.#resumable : await file.finish();
    if (file !== undefined && left === undefined) this.#dirty = true;
    // The next owner seals a file that the marker does not name.
    const log = file?.ended === true ? undefined : left;
    // The file that stays is counted while others are sealed, those that could not be sealed behind it.
    const counted = this.#countUnsealed();
    counted.catch(() => undefined);
    await this.#upkeep;
    await this.#seals.idle();
    try {
      await counted;
      await this.#countUnsealed();
      await sweep(this.#fs, this.#tenantDir, this.#commits, this.#now());
      const marker: ReleaseMarker = {
        n: this.#n,
        t: Math.max(this.#t, file?.t ?? 0),
        ...(log === undefined ? {} : { log }),
      };
      await this.#own.claim.release(this.#dirty ? undefined : marker);
    } catch (error) {
      // Everything acknowledged is on the disk; without its marker the folder counts as left by a dead writer.
      await this.#own.claim.release();
      this.#tell(fileFailure(error, this.#tenantDir, 'tidy up'));
    }
    const dir = dirname(this.#tenantDir);
    await sweepSources(this.#fs, dir, this.#now()).catch((error: unknown) =>
      this.#tell(fileFailure(error, dir, 'tidy up')),
    );
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** Puts a batch into the queue of a log file; `durable` waits for the disk. */
  async #place(batch: EventBatch): Promise<{ readonly durable: Promise<unknown> }> {
    const { source } = batch;
    const refused = (error: LogsError): void => {
      if (source !== undefined && !this.#torn.has(source.id)) this.#torn.set(source.id, error);
    };
    try {
      this.#refuseIfFailed(source?.id);
      await this.#look(batch.bytes.length);
      const file = await this.#fileFor(batch.bytes.length);
      // What was under way may have failed meanwhile.
      this.#refuseIfFailed(source?.id);
      const frame: NewFrame = {
        payload: batch.bytes,
        lines: batch.lines,
        context: batch.context,
        ...(batch.joins === undefined ? {} : { join: batch.joins }),
        ...(batch.ids === undefined ? {} : { ids: packIds(batch.ids) }),
        ...(source === undefined ? {} : { source }),
      };
      const durable = file.append(frame, (error) => {
        this.#failed ??= file.failed;
        refused(error);
      });
      if (file !== this.#prepared && file.bytes >= this.#limits.sealAtCloseBytes) {
        this.#prepared = file;
        this.#prepareSeal?.();
      }
      // Told where it is awaited, which may be a turn later.
      durable.catch(() => undefined);
      return { durable };
    } catch (error) {
      const failure = fileFailure(error, this.#own.folder, 'write to');
      refused(failure);
      throw failure;
    }
  }

  /** A batch behind one that was not stored would be taken for the whole of the source up to there. */
  #refuseIfFailed(source: string | undefined): void {
    if (this.#failed !== undefined) throw this.#failed;
    const torn = source === undefined ? undefined : this.#torn.get(source);
    if (torn !== undefined) throw torn;
  }

  /** The file for the next batch: rotated when it is full or old; not beyond what the tenant may have unsealed. */
  async #fileFor(bytes: number): Promise<LogFileWriter> {
    const { rotateBytes, rotateFrames, unsealedBytes } = this.#limits;
    await this.#rotateIfOld();
    const full = (size: number, frames: number): boolean =>
      size > 0 && (size + bytes > rotateBytes || frames >= rotateFrames);
    if (
      this.#file !== undefined
        ? this.#file.ended || full(this.#file.bytes, this.#file.frames)
        : full(this.#resumable?.bytes ?? 0, this.#resumable?.seq ?? 0)
    ) {
      await this.#rotate();
    }
    await this.#seals.below(Math.max(0, unsealedBytes - rotateBytes));
    this.#file ??= await this.#openFile();
    return this.#file;
  }

  async #openFile(): Promise<LogFileWriter> {
    const { folder } = this.#own;
    const log = this.#resumable;
    const life = log === undefined ? undefined : parseLogFileName(log.file)?.life;
    if (log !== undefined && life !== undefined) {
      this.#resumable = undefined;
      this.#firstSeqs.set(log.file, log.seq + 1);
      return LogFileWriter.resume(this.#fs, folder, life, log, this.#now);
    }
    // A new file counts its frames from 1 again: a later time keeps its log ids apart from those of the file before.
    const file = await LogFileWriter.create(this.#fs, folder, this.#n + 1, this.#t + 1, this.#now);
    this.#n += 1;
    this.#firstSeqs.set(file.file, 1);
    return file;
  }

  async #rotateIfOld(): Promise<void> {
    const since = this.#file?.since ?? this.#resumable?.since;
    if (since !== undefined && this.#now() - since >= this.#limits.rotateMs) await this.#rotate();
  }

  /** Ends the file at hand; it is sealed as soon as its last frames are durable. */
  async #rotate(): Promise<void> {
    const file = this.#file;
    const left = this.#resumable;
    this.#file = undefined;
    this.#resumable = undefined;
    if (left !== undefined) this.#sealFile(left);
    if (file === undefined) return;
    const state = await file.finish();
    this.#t = Math.max(this.#t, file.t);
    if (state === undefined) this.#dirty = true;
    else if (state.seq > 0) this.#sealFile(state);
    else await removeIfThere(this.#fs, file.path);
  }

  #sealFile(state: LogFileState): void {
    const { writer, folder, claim } = this.#own;
    const log = { writer, file: state.file, path: join(folder, state.file), claim: claim.number };
    const first = this.#firstSeqs.get(state.file);
    this.#firstSeqs.delete(state.file);
    const sealed = this.#seals.add(log, state.bytes).then((report) => {
      this.#dirty ||= report === undefined;
      if (first === undefined) return;
      // A log that could not be sealed is counted when this writer leaves.
      if (report === undefined) this.#firstSeqs.set(state.file, first);
      for (const [seq, events] of report?.unparsed ?? []) if (seq >= first) this.#unparsed += events;
    });
    void sealed;
  }

  /** Counts in the log files that stay what the seals have counted in the others. */
  async #countUnsealed(): Promise<void> {
    for (const [file, first] of this.#firstSeqs) {
      this.#firstSeqs.delete(file);
      const path = join(this.#own.folder, file);
      // A file without events is removed when it is finished.
      if ((await this.#fs.stat(path)) === undefined) continue;
      this.#unparsed += countUnparsedInLog(await this.#fs.readFile(path), file, first);
    }
  }

  /**
   * Every few megabytes: is there space but for the reserve, and do all writers together leave readers too much that is
   * in no segment?
   */
  async #look(bytes: number): Promise<void> {
    this.#unlooked += bytes;
    if (this.#unlooked < LOOK_BYTES) return;
    const { freeBytes, totalBytes } = await this.#fs.volume(this.#tenantDir);
    if (freeBytes < Math.min(RESERVE_BYTES, totalBytes / 100)) {
      throw new LogsError('NO_SPACE', `only ${freeBytes} bytes are free for the store at ${this.#tenantDir}`, {
        hint: 'Free some space on that file system, then send again what was not acknowledged.',
      });
    }
    this.#unlooked = 0;
    if ((this.#file?.bytes ?? 0) < this.#limits.sealAtCloseBytes) return;
    const logs = await listLogs(this.#fs, this.#tenantDir);
    if (logs.reduce((sum, log) => sum + log.bytes, 0) > this.#limits.unsealedBytes) await this.#rotate();
  }
}

function checkIds({ bytes, joins }: EventBatch, ids: readonly string[]): void {
  let events = 0;
  eachEvent(bytes, joins, () => {
    events += 1;
  });
  if (ids.length !== events) throw new LogsError('INTERNAL', `${ids.length} ids for ${events} events`);
}
