import { setImmediate as nextTurn } from 'node:timers/promises';
import type { AcknowledgedBatch } from '../../read/batch-source.ts';
import type { SourceMark } from '../../record/batch.ts';
import { cutBatches } from './cut-batches.ts';
import type { GroupHandler, GroupMember, Unread } from './kafka-transport.ts';
import type { CutBatch } from './open-batch.ts';
import { PartitionProgress } from './progress.ts';
import type { Reading } from './read-message.ts';
import { sourceId } from './source-ids.ts';

/** Bytes that wait to be taken, and bytes that were and are not done: beyond them nothing more is fetched. */
const MOST_WAITING = 8 << 20;
const MOST_OPEN = 64 << 20;
/** What is done is committed so long after, together. */
const COMMIT_MS = 250;
/** Before the group shares its partitions out anew, what was given has so long to be done. */
const DRAIN_MS = 5000;
/** Without anything new so long, and after so many answers, the end seen at the start is not one that can be reached. */
const QUIET = { ms: 3000, answers: 8 };

/**
 * What a member of a group reads, as batches, and how far they are done. Partitions that go to another member are
 * forgotten: what of them was given and not done is read again there.
 */
export class GroupReading implements GroupHandler {
  private readonly member: GroupMember;
  private readonly reading: Reading;
  private readonly marks: ReadonlyMap<string, SourceMark>;
  /** Offsets at which to stop, of the partitions that are not there yet; undefined: never. */
  private readonly ends: Map<string, number> | undefined;
  private progress = new Map<string, PartitionProgress>();
  private readonly queue: AcknowledgedBatch[] = [];
  private waiting = 0;
  private open = 0;
  private ended = false;
  private failure: Error | undefined;
  private wake: () => void = () => undefined;
  private changed: Promise<void> = Promise.resolve();
  /** What is read of each partition right now. */
  private readonly cutting = new Map<string, Promise<void>>();
  private committing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private quiet = { since: Date.now(), answers: 0 };

  /** `ends`: by `topic/partition`. */
  constructor(
    member: GroupMember,
    reading: Reading,
    marks: ReadonlyMap<string, SourceMark>,
    ends: ReadonlyMap<string, number> | undefined,
  ) {
    this.member = member;
    this.reading = reading;
    this.marks = marks;
    this.ends = ends === undefined ? undefined : new Map(ends);
    this.rearm();
  }

  async *batches(): AsyncGenerator<AcknowledgedBatch> {
    for (;;) {
      if (this.failure !== undefined) throw this.failure;
      if (this.ended) return;
      const next = this.queue.shift();
      if (next === undefined) {
        await this.changed;
        continue;
      }
      this.waiting -= next.batch.bytes.length;
      this.notify();
      yield next;
    }
  }

  /** Gives nothing more, whatever waits. */
  end(): void {
    this.ended = true;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.notify();
  }

  assigned(partitions: ReadonlyMap<string, readonly number[]>): void {
    const before = this.progress;
    this.progress = new Map();
    for (const [topic, numbers] of partitions) {
      for (const partition of numbers) {
        const name = `${topic}/${partition}`;
        const known = before.get(name) ?? new PartitionProgress(topic, partition);
        this.progress.set(name, known);
        const from = known.next ?? this.marks.get(sourceId(this.reading, name))?.position;
        // Else it would go on from what was committed, and give again what is on its way.
        if (known.next !== undefined && from !== undefined) this.member.seek(topic, partition, from);
      }
    }
    this.quiet = { since: Date.now(), answers: 0 };
    this.endIfThere();
  }

  /** Resolves when there is room for more, not when it is read: the broker is asked for what follows meanwhile. */
  async messages(unread: Unread, alive: () => Promise<void>): Promise<void> {
    const name = `${unread.topic}/${unread.partition}`;
    await this.cutting.get(name);
    await this.room(alive);
    const progress = this.progress.get(name);
    if (progress === undefined || this.ended) return;
    this.quiet = { since: Date.now(), answers: 0 };
    const cutting = nextTurn()
      .then(() => this.cut(name, unread, progress))
      .catch((error: unknown) => this.failed(error instanceof Error ? error : new Error(String(error))));
    this.cutting.set(name, cutting);
  }

  private async cut(name: string, unread: Unread, progress: PartitionProgress): Promise<void> {
    const { topic, partition, first, next } = unread;
    const mark = this.marks.get(sourceId(this.reading, name))?.position ?? 0;
    const from = progress.next ?? Math.max(mark, first);
    if (next <= from) {
      if (next < from) this.member.seek(topic, partition, from);
      return;
    }
    const cut = await cutBatches(unread, from, this.reading);
    if (this.ended || this.progress.get(name) !== progress) return;
    for (const each of cut) this.push(each, progress);
    const last = cut.at(-1)?.to ?? from;
    if (last < next) this.pass(progress, last, next);
    this.reached(name, next);
  }

  skipped(topic: string, partition: number, next: number): void {
    const name = `${topic}/${partition}`;
    const progress = this.progress.get(name);
    if (progress === undefined) return;
    const from = progress.next ?? next;
    if (next >= from) this.pass(progress, from, next);
    this.reached(name, next);
  }

  idle(): void {
    if (this.ends === undefined || this.progress.size === 0) return;
    this.quiet.answers += 1;
    const { since, answers } = this.quiet;
    // An open transaction, or a partition that another member has read to its end, would else be waited for.
    if (answers >= QUIET.answers && Date.now() - since >= QUIET.ms && this.waiting === 0) {
      this.ends.clear();
      this.endIfThere();
    }
  }

  rebalancing(): void {
    void this.commit();
  }

  failed(error: Error): void {
    this.failure = error;
    this.notify();
  }

  /** Tells the group what is done. What it refuses is told again later, or belongs to another by then. */
  async commit(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.committing = this.committing.then(() => this.commitDue());
    await this.committing;
  }

  private async commitDue(): Promise<void> {
    const due = [...this.progress.values()].flatMap((progress) => {
      const offset = progress.due;
      return offset === undefined ? [] : [{ progress, offset }];
    });
    if (due.length === 0) return;
    const offsets = due.map(({ progress: { topic, partition }, offset }) => ({ topic, partition, offset }));
    const done = await this.member.commit(offsets).then(
      () => true,
      () => false,
    );
    if (done) for (const { progress, offset } of due) progress.commit(offset);
    else if (!this.ended) this.commitLater();
  }

  private commitLater(): void {
    this.timer ??= setTimeout(() => void this.commit(), COMMIT_MS);
  }

  private push({ batch, unreadable, from, to }: CutBatch, progress: PartitionProgress): void {
    const finish = progress.give(from, to);
    const size = batch.bytes.length;
    this.waiting += size;
    this.open += size;
    let done = false;
    this.queue.push({
      batch,
      unreadable,
      done: () => {
        if (done) return;
        done = true;
        this.open -= size;
        finish();
        this.commitLater();
        this.notify();
      },
    });
    this.notify();
  }

  /** Offsets at which nobody finds anything are done as soon as what is before them. */
  private pass(progress: PartitionProgress, from: number, to: number): void {
    progress.give(from, to)();
    this.commitLater();
  }

  /** Waits until there is room for more. Throws what `alive` does, when what was given had its time to be done. */
  private async room(alive: () => Promise<void>): Promise<void> {
    while (!this.ended && (this.waiting > MOST_WAITING || this.open > MOST_OPEN)) {
      await this.changedWithin(1000);
      try {
        await alive();
      } catch (error) {
        await this.drain();
        throw error;
      }
    }
  }

  private async drain(): Promise<void> {
    const until = Date.now() + DRAIN_MS;
    while (!this.ended && Date.now() < until && [...this.progress.values()].some(({ isDone }) => !isDone)) {
      await this.changedWithin(100);
    }
    await this.commit();
  }

  private reached(name: string, next: number): void {
    const end = this.ends?.get(name);
    if (end === undefined || next < end) return;
    this.ends?.delete(name);
    this.endIfThere();
  }

  /** Ends when every partition of ours is where it was to be read to, and all of it was taken. */
  private endIfThere(): void {
    const { ends } = this;
    if (ends === undefined || [...this.progress.keys()].some((name) => ends.has(name))) return;
    void this.endWhenTaken();
  }

  private async endWhenTaken(): Promise<void> {
    while (this.queue.length > 0 && !this.ended) await this.changed;
    this.end();
  }

  private notify(): void {
    this.wake();
    this.rearm();
  }

  private rearm(): void {
    this.changed = new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private async changedWithin(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.changed, late]);
    clearTimeout(timer);
  }
}
