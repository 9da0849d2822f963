import { join } from 'node:path';
import { ensureFolder, putIfAbsent, removeFolderOfFiles, removeIfThere, temporaryName } from '../../buffer/durable.ts';
import { fileFailure } from '../../buffer/failure.ts';
import type { Fs } from '../../buffer/fs.ts';
import type { PlacedFrame } from '../../buffer/log-file-writer.ts';
import type { Claim } from '../../buffer/owner.ts';
import { QUARANTINE } from '../../buffer/recover.ts';
import type { ReleaseMarker } from '../../buffer/writer-folder.ts';
import { LogsError } from '../../errors.ts';
import type { SizedBatch } from '../../record/batch.ts';
import type { QueuedBatch, QueueDepth } from '../../send/batch-queue.ts';
import { batchIn, idsOf } from './batch-frame.ts';
import type { Covered } from './covered.ts';
import { type Behind, type LaneFile, readChunk, START } from './lane-file.ts';
import { type DoneUpTo, writeDone, writeTaken } from './layout.ts';
import type { QueueLimits } from './queue-limits.ts';
import { keepTaken } from './taken-log.ts';

/** What a lane works with. */
export interface LanePlace {
  readonly fs: Fs;
  /** Folder of the queue. */
  readonly dir: string;
  readonly limits: QueueLimits;
  /** Hears of what goes wrong beside appends. */
  readonly tell: (problem: LogsError) => void;
  /** Called when a batch is done. */
  readonly changed: () => void;
}

/** What is known of a writer's folder when it is claimed. */
export interface LaneStart {
  readonly writer: string;
  readonly folder: string;
  readonly claim: Claim;
  readonly files: LaneFile[];
  readonly done: DoneUpTo;
  /** Of files that are deleted. */
  readonly taken: Covered;
  /** Of what is not done. */
  readonly events: number;
  readonly bytes: number;
  readonly oldest: number | undefined;
}

interface LaneBatch {
  readonly file: LaneFile;
  readonly seq: number;
  readonly t: number;
  readonly size: number;
  readonly batch: SizedBatch;
  done: boolean;
}

/**
 * One writer's folder that is ours: gives its batches in order, and keeps on the disk up to where they are done. Files
 * wholly done are deleted. `push` and `peek` may overlap; `peek`, `take`, `finish` and `release` one after the other.
 */
export class Lane {
  readonly writer: string;
  readonly folder: string;
  readonly #place: LanePlace;
  readonly #claim: Claim;
  readonly #files: LaneFile[];
  readonly #taken: Covered;
  /** Up to where everything was done when it was claimed. */
  readonly #start: DoneUpTo;
  #saved: DoneUpTo;
  #done: DoneUpTo;
  /** Where reading goes on behind `#ahead`: file number, and place in it. */
  #n: number;
  #behind: Behind = START;
  /** Batches in memory, in order, not given yet. */
  #ahead: LaneBatch[] = [];
  #aheadBytes = 0;
  /** There are batches on the disk behind those in memory. */
  #spilled: boolean;
  /** Given, in order; from the first that is not done. */
  readonly #given: LaneBatch[] = [];
  #events: number;
  #bytes: number;
  #oldest: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> = Promise.resolve();

  constructor(place: LanePlace, start: LaneStart) {
    this.#place = place;
    this.writer = start.writer;
    this.folder = start.folder;
    this.#claim = start.claim;
    this.#files = start.files;
    this.#taken = start.taken;
    this.#start = start.done;
    this.#saved = start.done;
    this.#done = start.done;
    this.#n = start.done.n;
    this.#spilled = start.files.length > 0;
    this.#events = start.events;
    this.#bytes = start.bytes;
    this.#oldest = start.oldest;
  }

  /** Nothing is left to give or to be done. */
  get settled(): boolean {
    return !this.#spilled && this.#ahead.length === 0 && this.#given.length === 0;
  }

  depth(): QueueDepth {
    const oldest = this.#given[0]?.t ?? this.#ahead[0]?.t ?? this.#oldest;
    return { events: this.#events, bytes: this.#bytes, oldest: this.#events === 0 ? undefined : oldest };
  }

  /** A log file that frames will be pushed of. */
  addFile(file: LaneFile): void {
    this.#files.push(file);
  }

  /** The file added last gets no more frames: it can be deleted as soon as it is done. */
  endFile(): void {
    const file = this.#files.at(-1);
    if (file !== undefined) file.ended = true;
    this.#saveSoon();
  }

  /** A batch that is durable in the file added last. */
  push(placed: PlacedFrame, batch: SizedBatch): void {
    const file = this.#files.at(-1);
    if (file === undefined) throw new LogsError('INTERNAL', 'a batch of no file');
    file.end = placed.end;
    if (batch.source !== undefined) file.covered.add(batch.source);
    const size = placed.end - placed.start;
    this.#events += batch.events;
    this.#bytes += size;
    if (this.#spilled || this.#aheadBytes + size > this.#place.limits.memoryBytes) {
      this.#spilled = true;
      this.#oldest ??= placed.t;
      return;
    }
    this.#n = file.n;
    this.#behind = { offset: placed.end, seq: placed.seq, context: batch.context };
    this.#add({ file, seq: placed.seq, t: placed.t, size, batch, done: false });
  }

  /** Receive time of the next batch; undefined where there is none for now. */
  async peek(): Promise<number | undefined> {
    while (this.#ahead.length === 0 && this.#spilled) await this.#readOn();
    return this.#ahead[0]?.t;
  }

  /** The batch that `peek` found. */
  take(): QueuedBatch {
    const next = this.#ahead.shift();
    if (next === undefined) throw new LogsError('INTERNAL', 'nothing to take');
    this.#aheadBytes -= next.size;
    this.#given.push(next);
    this.#oldest = next.t;
    return {
      ...next.batch,
      ids: idsOf(next.batch, this.writer, next),
      queuedAt: next.t,
      done: () => this.#finished(next),
    };
  }

  /** What of which sources was taken in here. */
  covered(into: Covered): void {
    into.addAll(this.#taken.ranges());
    for (const file of this.#files) into.addAll(file.covered.ranges());
  }

  /** When everything is done: deletes the folder, and keeps what sources were taken in. */
  async finish(): Promise<void> {
    await this.#stopSaving();
    const { fs, dir } = this.#place;
    try {
      for (const file of this.#files) this.#taken.addAll(file.covered.ranges());
      await keepTaken(fs, dir, this.#taken);
      // Away as a whole: whoever looks finds a folder with all it says, or none.
      const away = join(dir, 'log', temporaryName('.done'));
      await fs.rename(this.folder, away);
      await fs.syncFolder(join(dir, 'log'));
      await removeFolderOfFiles(fs, away);
    } finally {
      await this.#claim.release();
    }
  }

  /** Gives the folder back with what is not done. */
  async release(): Promise<void> {
    await this.#stopSaving();
    let marker: ReleaseMarker | undefined;
    try {
      await this.#save();
      marker = { n: this.#files.at(-1)?.n ?? this.#done.n, t: this.#oldest ?? 0 };
    } finally {
      await this.#claim.release(marker);
    }
  }

  #add(next: LaneBatch): void {
    // Nobody is given a batch of nothing: what it says of its source is said.
    if (next.batch.events === 0) {
      this.#bytes -= next.size;
      return;
    }
    next.file.open += 1;
    this.#ahead.push(next);
    this.#aheadBytes += next.size;
  }

  /** Reads some of what is on the disk behind the batches in memory. */
  async #readOn(): Promise<void> {
    const file = this.#files.find(({ n }) => n >= this.#n);
    if (file !== undefined && file.n > this.#n) this.#enter(file);
    if (file !== undefined && this.#behind.offset < file.end) {
      const chunk = await readChunk(this.#place.fs, file, this.#behind);
      for (const { offset, bytes } of chunk.damage) await this.#quarantine(file, offset, bytes);
      for (const frame of chunk.frames) {
        const { seq, t } = frame.header;
        if (file.n === this.#start.n && seq <= this.#start.seq) continue;
        const size = frame.payload + frame.header.len - frame.offset;
        if (frame.header.n > 0) this.#add({ file, seq, t, size, batch: batchIn(frame, chunk.bytes), done: false });
      }
      this.#behind = chunk.next;
    }
    if (file !== undefined && this.#behind.offset < file.end) return;
    const later = this.#files.find(({ n }) => n > this.#n);
    if (later !== undefined) this.#enter(later);
    // What was pushed meanwhile is in the file: this is only true when all of it was read.
    else this.#spilled = false;
  }

  #isRead(file: LaneFile): boolean {
    return file.n < this.#n || (file.ended && file.n === this.#n && this.#behind.offset >= file.end);
  }

  #enter(file: LaneFile): void {
    this.#n = file.n;
    this.#behind = START;
    this.#saveSoon();
  }

  #finished(of: LaneBatch): void {
    if (of.done) return;
    of.done = true;
    of.file.open -= 1;
    this.#events -= of.batch.events;
    this.#bytes -= of.size;
    while (this.#given[0]?.done === true) {
      const { file, seq } = this.#given.shift() as LaneBatch;
      this.#done = { n: file.n, seq };
    }
    if (this.settled) {
      // What rotted in between is neither given nor done.
      this.#events = 0;
      this.#bytes = 0;
    }
    this.#saveSoon();
    this.#place.changed();
  }

  #saveSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#saving = this.#saving
        .then(() => this.#save())
        .catch((error: unknown) => this.#place.tell(fileFailure(error, this.folder, 'write to')));
    }, this.#place.limits.saveMs);
  }

  async #stopSaving(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#saving;
  }

  /** Writes the checkpoint, then deletes the files that are wholly done. */
  async #save(): Promise<void> {
    const { fs } = this.#place;
    const done = this.#done;
    if (done !== this.#saved) {
      await writeDone(fs, this.folder, done);
      this.#saved = done;
    }
    const first = this.#files.findIndex((file) => !this.#isRead(file) || file.open > 0);
    const gone = first === -1 ? [...this.#files] : this.#files.slice(0, first);
    if (gone.length === 0) return;
    for (const { covered } of gone) this.#taken.addAll(covered.ranges());
    if (this.#taken.size > 0) await writeTaken(fs, this.folder, this.#taken);
    for (const file of gone) {
      await removeIfThere(fs, file.path);
      this.#files.splice(this.#files.indexOf(file), 1);
    }
    await fs.syncFolder(this.folder);
  }

  /** What was durable here and is not any more: a copy goes beside, the rest goes on. */
  async #quarantine(file: LaneFile, offset: number, bytes: Uint8Array): Promise<void> {
    const folder = join(this.#place.dir, QUARANTINE);
    await ensureFolder(this.#place.fs, folder);
    const name = file.path.slice(this.folder.length + 1);
    const path = join(folder, `${this.writer}-${name}-${offset}.damaged`);
    await putIfAbsent(this.#place.fs, path, bytes);
    this.#place.tell(
      new LogsError('STORE_DAMAGED', `${file.path} is damaged at byte ${offset}`, {
        hint: `The other frames are kept; the ${bytes.length} bytes are in ${path}.`,
      }),
    );
  }
}
