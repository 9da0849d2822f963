import { LogsError } from '../../errors.ts';
import { nearest } from '../../query/nearest.ts';
import type { KafkaAdmin } from './kafka-transport.ts';
import { kafkajsTransport } from './kafkajs-transport.ts';
import { kafkaSettings, type TopicShape } from './settings.ts';
import { namesOf } from './topics.ts';

/** The topics that logs and its pipelines use, where an address names none. */
const USUAL_TOPICS = ['logs-raw', 'logs-parsed', 'logs-errors', 'logs-audit', 'logs-critical', 'alerts-triggered'];

/** How far a group is behind in one partition. */
export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** The offset that the group wants next; absent where it has committed none and begins with the oldest message. */
  readonly offset?: number;
  readonly end: number;
  /** Messages that it has not committed yet. */
  readonly lag: number;
}

export interface GroupLag {
  readonly group: string;
  readonly lag: number;
  readonly partitions: readonly PartitionLag[];
}

export interface TopicReport {
  readonly topic: string;
  readonly partitions: number;
  readonly replication: number;
  /** Offsets between the oldest message and the end: messages, and what a compacted topic or a transaction leaves out. */
  readonly messages: number;
  /** Milliseconds; -1: nothing is dropped. Absent where we may not know. */
  readonly retentionMs?: number;
  /** Partitions with fewer copies in step than they should have. */
  readonly underReplicated: number;
}

/** A topic that was asked for, and whether it was made now. */
export interface CreatedTopic {
  readonly topic: string;
  readonly created: boolean;
  readonly partitions: number;
}

/**
 * How far a group is behind: in the topics of the address, or in all that it has committed in. `group` absent: that of
 * the address.
 * @throws LogsError USAGE, REMOTE_UNSUITABLE for a group that is not there, and what `RemoteSink.check` throws
 */
export async function consumerLag(address: string, group?: string): Promise<GroupLag> {
  const settings = kafkaSettings(address);
  const asked = group ?? settings.group;
  return withAdmin(address, async (admin) => {
    const given = settings.topics.length === 0 ? [] : await namesOf(admin, settings.topics, '', settings.name);
    const committed = await admin.committed(asked, given);
    if (committed.every(({ offset }) => offset === undefined)) await requireGroup(admin, asked, settings.name);
    const topics = given.length > 0 ? given : [...new Set(committed.map(({ topic }) => topic))].sort();
    const partitions: PartitionLag[] = [];
    // What was deleted since is nothing to be behind in.
    const known = new Set(await admin.topicNames());
    for (const topic of topics) {
      if (!known.has(topic)) continue;
      for (const { partition, low, high } of await admin.extents(topic)) {
        const at = committed.find((each) => each.topic === topic && each.partition === partition)?.offset;
        const lag = Math.max(0, high - Math.max(at ?? low, low));
        partitions.push({ topic, partition, ...(at === undefined ? {} : { offset: at }), end: high, lag });
      }
    }
    return { group: asked, lag: partitions.reduce((sum, { lag }) => sum + lag, 0), partitions };
  });
}

async function requireGroup(admin: KafkaAdmin, group: string, name: string): Promise<void> {
  const groups = await admin.groups();
  if (groups.includes(group)) return;
  const meant = nearest(group, groups);
  throw new LogsError('REMOTE_UNSUITABLE', `${name}: there is no group ${group}`, {
    hint:
      meant === undefined
        ? 'a group is there once one of its members has committed; name one with --group'
        : `did you mean ${meant}?`,
  });
}

/** The topics of the address, or all but Kafka's own. */
export async function describeTopics(address: string): Promise<readonly TopicReport[]> {
  const settings = kafkaSettings(address);
  return withAdmin(address, async (admin) => {
    const names =
      settings.topics.length === 0
        ? (await admin.topicNames()).filter((name) => !name.startsWith('__'))
        : await namesOf(admin, settings.topics, '', settings.name);
    const reports: TopicReport[] = [];
    for (const { name, partitions } of names.length === 0 ? [] : await admin.topics(names)) {
      const extents = await admin.extents(name);
      const retention = await admin.topicSetting(name, 'retention.ms');
      reports.push({
        topic: name,
        partitions: partitions.length,
        replication: partitions[0]?.replicas.length ?? 0,
        messages: extents.reduce((sum, { low, high }) => sum + high - low, 0),
        ...(retention === undefined ? {} : { retentionMs: Number(retention) }),
        underReplicated: partitions.filter(({ replicas, inSync }) => inSync.length < replicas.length).length,
      });
    }
    return reports.sort((a, b) => (a.topic < b.topic ? -1 : 1));
  });
}

/** Makes the topics of the address, or the usual ones. Those that are there stay as they are. `shape` wins over the address. */
export async function createTopics(address: string, shape: TopicShape): Promise<readonly CreatedTopic[]> {
  const settings = kafkaSettings(address);
  const names = settings.topics.length === 0 ? USUAL_TOPICS : settings.topics;
  const pattern = names.find((name) => name.includes('*'));
  if (pattern !== undefined) {
    throw new LogsError('USAGE', `${pattern} is a pattern, not the name of a topic`, { hint: 'name each: host/a,b,c' });
  }
  return withAdmin(address, async (admin) => {
    const known = new Set(await admin.topicNames());
    const made = new Set<string>();
    for (const topic of names) {
      if (!known.has(topic) && (await admin.createTopic(topic, { ...settings.shape, ...shape }))) made.add(topic);
    }
    const infos = await admin.topics(names);
    return infos.map(({ name, partitions }) => ({
      topic: name,
      created: made.has(name),
      partitions: partitions.length,
    }));
  });
}

async function withAdmin<T>(address: string, use: (admin: KafkaAdmin) => Promise<T>): Promise<T> {
  const admin = await kafkajsTransport(kafkaSettings(address)).admin();
  try {
    return await use(admin);
  } finally {
    await admin.close();
  }
}
