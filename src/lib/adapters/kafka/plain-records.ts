import type { EventContext } from '../../record/record.ts';
import { idOfWriter, writerOf } from './encode-batch.ts';
import type { Unread } from './kafka-transport.ts';
import { ENVELOPE, MOST_EVENT } from './message-event.ts';
import { isOurs } from './message-headers.ts';
import type { OpenBatch } from './open-batch.ts';
import { contextOf, foreignContext, type Reading } from './read-message.ts';
import { isAt, type RecordWalk } from './record-walk.ts';

const LF = 10;
const ID_LENGTH = 32;

/** A context, and the bytes of the header, or of the key, that it was made of; null: no key. */
interface Known {
  readonly bytes: Buffer | null;
  readonly context: EventContext;
}

/**
 * Reads records of which nothing has to be made: what most are. MUST give what `readMessage` does; what is plain is
 * found in their bytes, and all else left to that.
 */
export class PlainRecords {
  private readonly reading: Reading;
  private readonly batch: OpenBatch;
  private readonly writer: string;
  private bytes: Buffer = Buffer.alloc(0);
  /** The first line end at the place that was last asked for, or behind it. */
  private lineEnd = -1;
  private ours: Known | undefined;
  private foreign: Known | undefined;

  constructor({ topic, partition }: Unread, reading: Reading, batch: OpenBatch) {
    this.reading = reading;
    this.batch = batch;
    this.writer = writerOf({ cluster: reading.cluster, topic, partition });
  }

  /** The bytes that the records are of, from now on. */
  open(bytes: Buffer): void {
    this.bytes = bytes;
    this.lineEnd = -1;
  }

  /** Adds the event of a record; false where `readMessage` has to. */
  add(walk: RecordWalk): boolean {
    const { bytes } = this;
    const { valueStart: start, offset } = walk;
    let end = walk.valueEnd;
    if (walk.isOdd) return false;
    if (start < 0) return true;
    const first = bytes[start];
    // Line ends alone are no event.
    if (end === start || end - start > MOST_EVENT || first === LF) return false;
    const id = idOf(walk);
    if (first === 0 && (id === undefined || this.reading.avro !== undefined)) return false;
    if (id === undefined) {
      if (bytes[end - 1] === LF) end -= 1;
      if (end - start >= ENVELOPE.length && isAt(bytes, start, ENVELOPE)) return false;
    }
    const context = this.contextOf(walk);
    if (context === undefined) return false;
    const lines = this.linesIn(start, end);
    this.batch.addPart(start, end, offset, id ?? idOfWriter(this.writer, walk), lines, context);
    return true;
  }

  /** Undefined where the header is none. */
  private contextOf(walk: RecordWalk): EventContext | undefined {
    const { bytes, reading } = this;
    const { contextStart: start, contextEnd: end } = walk;
    if (start < 0) return this.foreignContextOf(walk);
    if (isSame(this.ours, bytes, start, end)) return this.ours.context;
    const header = Buffer.from(bytes.subarray(start, end));
    try {
      this.ours = { bytes: header, context: contextOf(header.toString('utf8'), reading.contexts) };
    } catch {
      return undefined;
    }
    return this.ours.context;
  }

  private foreignContextOf({ keyStart: start, keyEnd: end }: RecordWalk): EventContext {
    const { bytes, reading } = this;
    if (isSame(this.foreign, bytes, start, end)) return this.foreign.context;
    const key = start < 0 ? null : Buffer.from(bytes.subarray(start, end));
    this.foreign = { bytes: key, context: foreignContext({ key }, reading.contexts) };
    return this.foreign.context;
  }

  private linesIn(start: number, end: number): number {
    let count = 1;
    for (let at = this.lineEndAt(start); at < end; at = this.lineEndAt(at + 1)) count += 1;
    return count;
  }

  /** Looked for no more often than there are any: to look to the end for each event would take the square of the time. */
  private lineEndAt(from: number): number {
    if (this.lineEnd < from) {
      const found = this.bytes.indexOf(LF, from);
      this.lineEnd = found === -1 ? this.bytes.length : found;
    }
    return this.lineEnd;
  }
}

function idOf({ bytes, idStart, idEnd }: RecordWalk): string | undefined {
  if (idStart < 0 || idEnd - idStart !== ID_LENGTH) return undefined;
  const id = bytes.toString('latin1', idStart, idEnd);
  return isOurs(id) ? id : undefined;
}

function isSame(known: Known | undefined, bytes: Buffer, start: number, end: number): known is Known {
  if (known === undefined) return false;
  if (known.bytes === null || start < 0) return known.bytes === null && start < 0;
  return known.bytes.length === end - start && isAt(bytes, start, known.bytes);
}
