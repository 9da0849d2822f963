import { BaseCommand } from '../../cli/base-command.ts';
import { clusterAddress, drawTable, shownRetention } from '../../cli/kafka-table.ts';
import { describeTopics } from '../../lib/wire/upkeep.ts';

export default class KafkaTopics extends BaseCommand {
  static override summary = 'the topics of a cluster: partitions, copies, messages, retention';
  static override examples = [
    '<%= config.bin %> kafka topics kafka://localhost:9092',
    "<%= config.bin %> kafka topics 'kafka://localhost:9092/logs-*' --json",
  ];
  static override usage = 'kafka topics URL [flags]';
  static override strict = false;

  protected override readonly words = 'files';

  async run(): Promise<void> {
    const { flags } = await this.parse(KafkaTopics);
    const topics = await describeTopics(clusterAddress(this.positionals, 'topics'));
    if (flags.json) return this.document({ topics });
    if (topics.length === 0) return this.write('there are no topics; logs kafka create makes some\n');
    const rows = topics.map(({ topic, partitions, replication, underReplicated, messages, retentionMs }) =>
      [topic, partitions, replication, underReplicated, messages, shownRetention(retentionMs)].map(String),
    );
    const columns = ['topic', 'partitions', 'copies', 'lacking copies', 'messages', 'retention'];
    await this.write(await drawTable(columns, rows));
  }
}
