import { CUT_SHORT, damagedMessages } from './batch-messages.ts';
import type { InMessage, Unread } from './kafka-transport.ts';
import { type CutBatch, OpenBatch } from './open-batch.ts';
import { PlainRecords } from './plain-records.ts';
import { readMessage, type Reading } from './read-message.ts';
import { type Inflated, inflated, type RecordBatch } from './record-batch.ts';
import { RecordWalk } from './record-walk.ts';

const LF = 10;

/** Batches of what was fetched, cut where the context changes, in order. `from`: the offset that they go on from. */
export async function cutBatches(unread: Unread, from: number, reading: Reading): Promise<CutBatch[]> {
  const open = new OpenBatch(unread, reading, from);
  const plain = new PlainRecords(unread, reading, open);
  let ahead = inflatedPart(unread, 0);
  for (const [at, part] of unread.parts.entries()) {
    if (!('records' in part)) {
      if (part.offset >= from) await addMessage(part, unread, reading, open);
      ahead = inflatedPart(unread, at + 1);
      continue;
    }
    const bytes = await ahead;
    // One is inflated, on another core, while the one before is read.
    ahead = inflatedPart(unread, at + 1);
    if (bytes === undefined) continue;
    if (Buffer.isBuffer(bytes)) await addBatch(part, bytes, { from, unread, reading, open, plain });
    else addDamaged(part, 0, from, bytes.damaged, open);
  }
  open.end(unread.next);
  return open.done;
}

async function inflatedPart({ parts }: Unread, at: number): Promise<Inflated | undefined> {
  const part = parts[at];
  return part !== undefined && 'records' in part ? inflated(part) : undefined;
}

interface Cutting {
  readonly from: number;
  readonly unread: Unread;
  readonly reading: Reading;
  readonly open: OpenBatch;
  readonly plain: PlainRecords;
}

async function addBatch(batch: RecordBatch, bytes: Buffer, cutting: Cutting): Promise<void> {
  const { from, unread, reading, open, plain } = cutting;
  const walk = new RecordWalk(batch, bytes);
  open.open(bytes);
  plain.open(bytes);
  for (let read = 0; read < batch.count; read += 1) {
    if (!walk.next()) {
      addDamaged(batch, read, from, CUT_SHORT, open);
      return;
    }
    if (walk.offset < from || plain.add(walk)) continue;
    const adding = addMessage(walk.message(), unread, reading, open);
    if (adding !== undefined) await adding;
  }
}

function addDamaged(batch: RecordBatch, read: number, from: number, reason: string, open: OpenBatch): void {
  for (const { offset } of damagedMessages(batch, read, reason)) {
    if (offset >= from) open.addUnreadable(null, offset, reason);
  }
}

/** Any message; a promise only where something has to be asked for it. */
function addMessage(message: InMessage, unread: Unread, reading: Reading, open: OpenBatch): Promise<void> | undefined {
  const add = (read: Awaited<ReturnType<typeof readMessage>>) => {
    if (read === undefined) return;
    if ('reason' in read) open.addUnreadable(message.value, message.offset, read.reason);
    else open.add(read.event, { ...read, lines: linesIn(read.event) });
  };
  const outcome = readMessage(message, unread, reading);
  if (outcome instanceof Promise) return outcome.then(add);
  add(outcome);
  return undefined;
}

function linesIn(event: Buffer): number {
  let count = 1;
  for (let at = event.indexOf(LF); at !== -1; at = event.indexOf(LF, at + 1)) count += 1;
  return count;
}
