import { decodeMessages, Decoder } from './kafkajs-api.ts';
import { hasRecordBatches, isControl, isTransactional, type RecordBatch, recordBatches } from './record-batch.ts';
import { RecordWalk } from './record-walk.ts';

/** A whole record batch in the place of its messages. */
export interface BatchMessage {
  /** Of its last message: kafkajs goes on behind it. */
  readonly offset: string;
  /** Nobody may see it; kafkajs passes over it. */
  readonly isControlRecord: boolean;
  readonly batch: RecordBatch;
}

/** A transaction that was given up: messages of its producer from an offset on, up to the marker of its end. */
interface Aborted {
  readonly producer: bigint;
  readonly first: number;
}

/** The key of a marker that ends a transaction: a version, and which end, two bytes each. */
const ABORT = Buffer.from([0, 0, 0, 0]);

/** https://kafka.apache.org/protocol#The_Messages_Fetch, version 11, as kafkajs gives it, but for whole batches. */
export async function decodeFetch(raw: Buffer): Promise<object> {
  const decoder = new Decoder(raw);
  const clientSideThrottleTime = decoder.readInt32();
  const errorCode = decoder.readInt16();
  const sessionId = decoder.readInt32();
  const responses = await decoder.readArrayAsync(async (topic) => ({
    topicName: topic.readString(),
    partitions: await topic.readArrayAsync(decodePartition),
  }));
  // The broker has not waited: it expects that of us.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

async function decodePartition(decoder: Decoder): Promise<object> {
  const head = {
    partition: decoder.readInt32(),
    errorCode: decoder.readInt16(),
    highWatermark: decoder.readInt64().toString(),
    lastStableOffset: decoder.readInt64().toString(),
    lastStartOffset: decoder.readInt64().toString(),
  };
  const aborted = decoder.readArray(
    (each): Aborted => ({ producer: each.readInt64(), first: Number(each.readInt64()) }),
  );
  const preferredReadReplica = decoder.readInt32();
  const start = decoder.offset;
  const bytes = decoder.readBytes() ?? Buffer.alloc(0);
  let messages: readonly object[];
  if (bytes.length === 0 || hasRecordBatches(bytes)) messages = batchMessages(recordBatches(bytes), aborted);
  else {
    decoder.offset = start;
    messages = await decodeMessages(decoder);
  }
  return { ...head, abortedTransactions: [], preferredReadReplica, messages };
}

/** `aborted`: by the first offset of each. */
function batchMessages(batches: readonly RecordBatch[], aborted: readonly Aborted[]): BatchMessage[] {
  const coming = [...aborted];
  const open = new Set<bigint>();
  return batches.map((batch) => {
    for (let next = coming[0]; next !== undefined && next.first <= batch.last; next = coming[0]) {
      open.add(next.producer);
      coming.shift();
    }
    const givenUp = isTransactional(batch) && open.has(batch.producer);
    if (isControl(batch) && saysAbort(batch)) open.delete(batch.producer);
    const nothing = givenUp || isControl(batch) || batch.count === 0;
    return { offset: String(batch.last), isControlRecord: nothing, batch };
  });
}

function saysAbort(batch: RecordBatch): boolean {
  const walk = new RecordWalk(batch, batch.records);
  return walk.next() && walk.message().key?.equals(ABORT) === true;
}
