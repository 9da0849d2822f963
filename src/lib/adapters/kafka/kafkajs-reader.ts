import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import type Cluster from 'kafkajs/src/cluster/index.js';
import { errorType, kafkaFailure } from './failure.ts';
import type { Fetched, TopicReader } from './kafka-transport.ts';
import { Batch } from './kafkajs-api.ts';
import { received } from './received.ts';
import { clusterOf, withWholeBatches } from './whole-batches.ts';
import { messagesOf } from './batch-messages.ts';

/** A fetch waits so long for something new. */
const WAIT_MS = 250;
const FETCH = { all: 8 << 20, partition: 1 << 20 };
const COMMITTED = 1;
/** A partition whose leader is gone is asked for again so often, and such a time apart. */
const TRIES = 20;
const PAUSE_MS = 250;

/**
 * Reads partitions from any offset, without a group: a search would else wait for the group to share its partitions
 * out, and need the right to be in one.
 */
export async function kafkajsReader(client: Kafka, name: string): Promise<TopicReader> {
  const cluster = clusterOf(withWholeBatches(client));
  try {
    await cluster.connect();
  } catch (error) {
    throw kafkaFailure(error, name, 'connect');
  }
  return {
    async fetch(topic, positions) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await fetchOnce(cluster, topic, positions);
        } catch (error) {
          if (errorType(error) === 'OFFSET_OUT_OF_RANGE') return undefined;
          const failure = kafkaFailure(error, name, `read ${topic}`);
          if (!failure.canRetry || tries === TRIES) throw failure;
          await sleep(PAUSE_MS);
          await cluster.refreshMetadata().catch(() => undefined);
        }
      }
    },
    async close() {
      await cluster.disconnect().catch(() => undefined);
    },
  };
}

async function fetchOnce(cluster: Cluster, topic: string, positions: ReadonlyMap<number, number>): Promise<Fetched[]> {
  await cluster.addTargetTopic(topic);
  await cluster.refreshMetadataIfNecessary();
  const leaders = cluster.findLeaderForPartitions(topic, [...positions.keys()]);
  const answers = await Promise.all(
    Object.entries(leaders).map(async ([nodeId, partitions]) => {
      const broker = await cluster.findBroker({ nodeId });
      const asked = partitions.map((partition) => ({
        partition,
        fetchOffset: String(positions.get(partition)),
        maxBytes: FETCH.partition,
      }));
      const { responses } = await broker.fetch({
        maxWaitTime: WAIT_MS,
        minBytes: 1,
        maxBytes: FETCH.all,
        isolationLevel: COMMITTED,
        topics: [{ topic, partitions: asked }],
      });
      return responses.flatMap((response) => response.partitions);
    }),
  );
  const read = answers.flat().map(async (data): Promise<Fetched> => {
    const { partition } = data;
    const from = positions.get(partition) as number;
    const batch = new Batch(topic, String(from), data);
    const next = batch.isEmpty() && !batch.isEmptyDueToFiltering() ? from : Number(batch.lastOffset()) + 1;
    return { topic, partition, messages: await messagesOf(batch.messages.map(received), from), next };
  });
  return Promise.all(read);
}
