import { parseEvent } from '../../parse/parse-event.ts';
import { parseLogId } from '../../record/log-id.ts';
import type { LogRecord } from '../../record/record.ts';
import type { Damage } from '../../store/store.ts';
import type { Extent, Fetched, TopicReader } from './kafka-transport.ts';
import { impatience, type Patient } from './patience.ts';
import { readMessage, type Reading } from './read-message.ts';

/** Answers without anything new, after which the rest of a partition is taken for a transaction that is still open. */
const EMPTY_ANSWERS = 4;

/** Records of one fetch from one partition. */
export interface TopicRecords {
  readonly records: readonly LogRecord[];
  readonly damage: readonly Damage[];
}

/** From where to where the partitions of a topic are read; without `to`, for ever. */
export interface Span {
  readonly topic: string;
  readonly from: ReadonlyMap<number, number>;
  readonly to: ReadonlyMap<number, number> | undefined;
  /** The offsets that are there, asked for again where one is not. */
  readonly extents: () => Promise<readonly Extent[]>;
}

/** The records of a topic, partition by partition as they are answered; each partition in order. */
export async function* topicRecords(
  span: Span,
  reader: TopicReader,
  reading: Reading,
  signal: AbortSignal,
  patient: Patient = impatience,
): AsyncGenerator<TopicRecords> {
  const { topic, to } = span;
  const positions = new Map(span.from);
  const empty = new Map<number, number>();
  const leaveRead = () => {
    for (const [partition, at] of positions) {
      const end = to?.get(partition) ?? Number.POSITIVE_INFINITY;
      const stuck = to !== undefined && (empty.get(partition) ?? 0) >= EMPTY_ANSWERS;
      if (at >= end || stuck) positions.delete(partition);
    }
  };
  leaveRead();
  while (positions.size > 0) {
    signal.throwIfAborted();
    const fetched = await patient(() => reader.fetch(topic, positions), signal);
    if (fetched === undefined) {
      // Retention has dropped what was next.
      for (const { partition, low, high } of await patient(span.extents, signal)) {
        const at = positions.get(partition);
        if (at !== undefined) positions.set(partition, Math.min(Math.max(at, low), high));
      }
    }
    for (const each of fetched ?? []) {
      const before = positions.get(each.partition);
      empty.set(each.partition, each.next === before ? (empty.get(each.partition) ?? 0) + 1 : 0);
      positions.set(each.partition, each.next);
      if (each.messages.length > 0) yield await recordsOf(each, to?.get(each.partition), reading);
    }
    leaveRead();
  }
}

async function recordsOf(fetched: Fetched, end: number | undefined, reading: Reading): Promise<TopicRecords> {
  const records: LogRecord[] = [];
  const damage: Damage[] = [];
  for (const message of fetched.messages) {
    if (end !== undefined && message.offset >= end) break;
    const outcome = readMessage(message, fetched, reading);
    const read = outcome instanceof Promise ? await outcome : outcome;
    if (read === undefined) continue;
    if ('reason' in read) {
      damage.push({ where: `${fetched.topic}/${fetched.partition} at offset ${message.offset}`, what: read.reason });
    } else {
      const receivedAt = BigInt(parseLogId(read.id)?.receivedMs ?? 0) * 1_000_000n;
      records.push(parseEvent(read.event, read.context, receivedAt, read.id));
    }
  }
  return { records, damage };
}
