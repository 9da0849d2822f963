import type { AcknowledgedBatch, BatchSource } from '../../read/batch-source.ts';
import type { SourceMark } from '../../record/batch.ts';
import type { GroupMember, KafkaTransport } from './kafka-transport.ts';
import { GroupReading } from './group-reading.ts';
import { avroOf } from './avro-of.ts';
import { kafkajsTransport } from './kafkajs-transport.ts';
import { livesOf } from './source-ids.ts';
import { type KafkaSettings, kafkaSettings } from './settings.ts';
import { ensureTopics, namesOf } from './topics.ts';

const DEFAULT_TOPIC = 'logs-raw';

/** Opens topics to read as a member of a group. Nothing is asked of the cluster before `check` or `read`. Throws USAGE. */
export async function openKafkaSource(address: string): Promise<BatchSource> {
  const settings = kafkaSettings(address);
  return new KafkaSource(settings, kafkajsTransport(settings));
}

/** The topics as they are when reading begins. */
interface Known {
  readonly cluster: string;
  readonly topics: readonly string[];
}

class KafkaSource implements BatchSource {
  readonly name: string;
  private readonly settings: KafkaSettings;
  private readonly transport: KafkaTransport;
  private member: GroupMember | undefined;
  private reading: GroupReading | undefined;

  constructor(settings: KafkaSettings, transport: KafkaTransport) {
    this.settings = settings;
    this.transport = transport;
    this.name = settings.name;
  }

  async check(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.ask();
  }

  async *read(
    marks: ReadonlyMap<string, SourceMark>,
    { follow }: { readonly follow: boolean },
    signal: AbortSignal,
  ): AsyncGenerator<AcknowledgedBatch> {
    const { cluster, topics } = await this.ask();
    const found = await this.extents(topics);
    const ends = follow ? undefined : found.openEnds;
    if (signal.aborted) return;
    const member = await this.transport.member(this.settings.group, topics);
    this.member = member;
    const reading = new GroupReading(
      member,
      { cluster, lives: livesOf(cluster, marks, found.ends), avro: await avroOf(this.settings), contexts: new Map() },
      marks,
      ends,
    );
    this.reading = reading;
    const stop = () => reading.end();
    signal.addEventListener('abort', stop);
    try {
      if (signal.aborted) return;
      await member.run(reading);
      yield* reading.batches();
    } finally {
      signal.removeEventListener('abort', stop);
      reading.end();
    }
  }

  async close(): Promise<void> {
    await this.reading?.commit();
    await this.member?.close();
  }

  private async ask(): Promise<Known> {
    const admin = await this.transport.admin();
    try {
      const names = await namesOf(admin, this.settings.topics, DEFAULT_TOPIC, this.name);
      const infos = await ensureTopics(admin, names, this.settings);
      return { cluster: await admin.clusterId(), topics: infos.map(({ name }) => name) };
    } finally {
      await admin.close();
    }
  }

  /** Where partitions end now, by `topic/partition`; `openEnds` of those that the group has not read to their ends. */
  private async extents(topics: readonly string[]): Promise<{ ends: Ends; openEnds: Ends }> {
    const admin = await this.transport.admin();
    try {
      const committed = await admin.committed(this.settings.group, topics);
      const ends = new Map<string, number>();
      const openEnds = new Map<string, number>();
      for (const topic of topics) {
        for (const { partition, low, high } of await admin.extents(topic)) {
          const at = committed.find((each) => each.topic === topic && each.partition === partition)?.offset;
          ends.set(`${topic}/${partition}`, high);
          if (Math.max(at ?? low, low) < high) openEnds.set(`${topic}/${partition}`, high);
        }
      }
      return { ends, openEnds };
    } finally {
      await admin.close();
    }
  }
}

type Ends = ReadonlyMap<string, number>;
