import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { nearest } from '../../query/nearest.ts';
import { LogsError } from '../../errors.ts';
import { kafkaFailure } from './failure.ts';
import { ConfigResourceTypes } from './kafkajs-api.ts';
import type { Committed, Extent, KafkaAdmin, NewTopic, TopicInfo } from './kafka-transport.ts';

/** One that is busy is asked so often, with such a pause. */
const BUSY_TRIES = 20;
const BUSY_MS = 250;

/** What can be asked of a cluster, by a client of kafkajs that is connected. `name`: the address, for messages. */
export function kafkajsAdmin(admin: Admin, name: string): KafkaAdmin {
  const ask = async <T>(doing: string, call: () => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await call();
      } catch (error) {
        const failure = kafkaFailure(error, name, doing);
        // A coordinator loads its groups for some seconds after it began, and kafkajs does not wait for that.
        if (failure.code !== 'REMOTE_BUSY' || tries === BUSY_TRIES) throw failure;
        await sleep(BUSY_MS);
      }
    }
  };
  const topicNames = () => ask('list its topics', () => admin.listTopics());
  return {
    async clusterId() {
      const { clusterId } = await ask('ask what cluster it is', () => admin.describeCluster());
      return clusterId;
    },
    topicNames,
    async topics(names) {
      // Of a topic alone that is not there kafkajs tells by an error that does not name it, after retries.
      const known = new Set(await topicNames());
      const absent = names.find((topic) => !known.has(topic));
      if (absent !== undefined) throw noTopic(name, absent, nearest(absent, known));
      const { topics } = await ask(`ask for ${names.join(', ')}`, () =>
        admin.fetchTopicMetadata({ topics: [...names] }),
      );
      return topics.map(infoOf);
    },
    async extents(topic) {
      const offsets = await ask(`ask for the offsets of ${topic}`, () => admin.fetchTopicOffsets(topic));
      return offsets
        .map(({ partition, low, high }): Extent => ({ partition, low: Number(low), high: Number(high) }))
        .sort((a, b) => a.partition - b.partition);
    },
    async offsetsAt(topic, time) {
      const found = await ask(`ask for the offsets of ${topic}`, () => admin.fetchTopicOffsetsByTimestamp(topic, time));
      return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]));
    },
    async committed(group, topics) {
      const found = await ask(`ask how far group ${group} is`, () =>
        admin.fetchOffsets({ groupId: group, topics: [...topics] }),
      );
      return found.flatMap(({ topic, partitions }) =>
        partitions.map(
          ({ partition, offset }): Committed => ({
            topic,
            partition,
            offset: Number(offset) < 0 ? undefined : Number(offset),
          }),
        ),
      );
    },
    async groups() {
      const { groups } = await ask('list its groups', () => admin.listGroups());
      return groups.filter(({ protocolType }) => protocolType === 'consumer').map(({ groupId }) => groupId);
    },
    async topicSetting(topic, setting) {
      const resource = { type: ConfigResourceTypes.TOPIC, name: topic, configNames: [setting] };
      try {
        const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false });
        return resources[0]?.configEntries.find(({ configName }) => configName === setting)?.configValue;
      } catch {
        // Whoever may write need not be allowed to see the settings.
        return undefined;
      }
    },
    createTopic: (topic, shape) => ask(`create topic ${topic}`, () => createTopic(admin, topic, shape, name)),
    async close() {
      await admin.disconnect().catch(() => undefined);
    },
  };
}

type Metadata = Awaited<ReturnType<Admin['fetchTopicMetadata']>>['topics'][number];

function infoOf({ name, partitions }: Metadata): TopicInfo {
  return {
    name,
    partitions: partitions
      .map(({ partitionId, leader, replicas, isr }) => ({ partition: partitionId, leader, replicas, inSync: isr }))
      .sort((a, b) => a.partition - b.partition),
  };
}

async function createTopic(admin: Admin, topic: string, shape: NewTopic, name: string): Promise<boolean> {
  const { partitions, replication, retentionMs } = shape;
  try {
    return await admin.createTopics({
      waitForLeaders: true,
      timeout: 15_000,
      topics: [
        {
          topic,
          ...(partitions === undefined ? {} : { numPartitions: partitions }),
          ...(replication === undefined ? {} : { replicationFactor: replication }),
          ...(retentionMs === undefined
            ? {}
            : { configEntries: [{ name: 'retention.ms', value: String(retentionMs) }] }),
        },
      ],
    });
  } catch (error) {
    throw refusalOf(error, topic, shape, name) ?? error;
  }
}

/** Of several topics kafkajs throws one error that holds those of each. */
function refusalOf(error: unknown, topic: string, { replication }: NewTopic, name: string): Error | undefined {
  const [first] = error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : [error];
  if (!(first instanceof Error)) return undefined;
  if ('type' in first && first.type === 'INVALID_REPLICATION_FACTOR') {
    return new LogsError(
      'REMOTE_UNSUITABLE',
      `${name}: cannot create topic ${topic}: it has fewer than ${replication} brokers`,
      {
        hint: 'ask for fewer copies: --replication 1, or replication=1 in the address',
        cause: error,
      },
    );
  }
  return first;
}

/** REMOTE_UNSUITABLE for a topic that is not there. */
function noTopic(name: string, topic: string, meant: string | undefined): LogsError {
  const other = meant === undefined ? '' : `did you mean ${meant}? `;
  return new LogsError('REMOTE_UNSUITABLE', `${name}: there is no topic ${topic}`, {
    hint: `${other}logs kafka create makes one, or add create=true to the address`,
  });
}
