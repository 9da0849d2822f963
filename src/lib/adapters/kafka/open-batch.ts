import type { Unreadable } from '../../read/batch-source.ts';
import type { SizedBatch } from '../../record/batch.ts';
import type { EventContext } from '../../record/record.ts';
import type { Unread } from './kafka-transport.ts';
import { sourceId, type SourceNames } from './source-ids.ts';

const LF = 10;
const LINE_END = Buffer.of(LF);
/** A batch has no more bytes, unless its only event does. */
const MOST_BYTES = 4 << 20;
const MOST_EVENTS = 10_000;

/** A batch of what a partition has between two offsets. */
export interface CutBatch {
  readonly batch: SizedBatch;
  readonly unreadable: readonly Unreadable[];
  readonly from: number;
  readonly to: number;
}

/** What is known of an event beside its bytes. */
export interface EventPlace {
  readonly offset: number;
  readonly id: string;
  readonly lines: number;
  readonly context: EventContext;
}

/**
 * Makes batches of the events of a partition, cut where the context changes. Events that follow each other in the
 * records of a batch are moved together there, over what is between them, and taken out in one piece: no object is made
 * of an event.
 */
export class OpenBatch {
  readonly done: CutBatch[] = [];
  private readonly place: Pick<Unread, 'topic' | 'partition'>;
  private readonly names: SourceNames;
  private start: number;
  private pieces: Buffer[] = [];
  /** Of `records`, [from, to) is events in one piece, not among the pieces yet. */
  private records: Buffer = Buffer.alloc(0);
  private from = 0;
  private to = 0;
  private bytes = 0;
  private lines = 0;
  private context: EventContext = {};
  private ids: string[] = [];
  private offsets: number[] = [];
  private lineCounts: number[] = [];
  private unreadable: Unreadable[] = [];

  /** `start`: the offset that the first batch goes on from. */
  constructor(place: Pick<Unread, 'topic' | 'partition'>, names: SourceNames, start: number) {
    this.place = place;
    this.names = names;
    this.start = start;
  }

  /** The records that `addPart` is of, from now on. They are written over. */
  open(records: Buffer): void {
    this.endPiece();
    this.records = records;
    this.from = 0;
    this.to = 0;
  }

  /** An event that is [start, end) of the records, where at least one byte that is no event is before it. */
  addPart(start: number, end: number, offset: number, id: string, lines: number, context: EventContext): void {
    this.room(end - start, offset, context);
    const { records, to } = this;
    records.copyWithin(to, start, end);
    this.to = to + end - start;
    records[this.to++] = LF;
    this.count(end - start, offset, id, lines);
  }

  /** An event of any bytes; they are copied. */
  add(event: Buffer, { offset, id, lines, context }: EventPlace): void {
    this.room(event.length, offset, context);
    this.endPiece();
    this.pieces.push(Buffer.concat([event, LINE_END]));
    this.count(event.length, offset, id, lines);
  }

  addUnreadable(value: Buffer | null, offset: number, reason: string): void {
    const { topic, partition } = this.place;
    this.unreadable.push({
      bytes: value === null ? new Uint8Array() : new Uint8Array(value),
      reason,
      origin: { topic, partition: String(partition), offset: String(offset) },
    });
  }

  /** What is open becomes a batch that ends at an offset. */
  end(to: number): void {
    if (this.ids.length > 0 || this.unreadable.length > 0) this.cut(to);
  }

  private room(length: number, offset: number, context: EventContext): void {
    const events = this.ids.length;
    if (events > 0) {
      const full = this.bytes + length > MOST_BYTES || events >= MOST_EVENTS;
      if (full || this.context !== context) this.cut(offset);
    }
    this.context = context;
  }

  private count(length: number, offset: number, id: string, lines: number): void {
    this.bytes += length + 1;
    this.lines += lines;
    this.ids.push(id);
    this.offsets.push(offset);
    this.lineCounts.push(lines);
  }

  private endPiece(): void {
    if (this.to > this.from) this.pieces.push(this.records.subarray(this.from, this.to));
    this.from = this.to;
  }

  private cut(to: number): void {
    this.endPiece();
    const { topic, partition } = this.place;
    const { ids, offsets, lineCounts, lines, start, unreadable } = this;
    const batch: SizedBatch = {
      // A copy: a small piece would else keep all of the records.
      bytes: Buffer.concat(this.pieces),
      lines,
      events: ids.length,
      ...(lines === ids.length ? {} : { joins: lineCounts }),
      context: ids.length === 0 ? {} : this.context,
      source: { id: sourceId(this.names, `${topic}/${partition}`), from: start, to },
      ids,
      origin: (event) => ({ topic, partition: String(partition), offset: String(offsets[event]) }),
    };
    this.done.push({ batch, unreadable, from: start, to });
    this.start = to;
    this.pieces = [];
    this.bytes = 0;
    this.lines = 0;
    this.ids = [];
    this.offsets = [];
    this.lineCounts = [];
    this.unreadable = [];
  }
}
