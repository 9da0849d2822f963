import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { clusterAddress, retentionFlag } from '../../cli/kafka-table.ts';
import { createTopics } from '../../lib/wire/upkeep.ts';

export default class KafkaCreate extends BaseCommand {
  static override summary = 'make topics; those that are there stay as they are';
  static override description =
    'The topics named in the address, else logs-raw, logs-parsed, logs-errors, logs-audit, logs-critical and alerts-triggered.';
  static override examples = [
    '<%= config.bin %> kafka create kafka://localhost:9092/logs-raw',
    '<%= config.bin %> kafka create --partitions 100 --replication 3 --retention 24h kafka://kafka-1,kafka-2',
  ];
  static override usage = 'kafka create URL [flags]';
  static override strict = false;
  static override flags = {
    partitions: Flags.integer({
      helpValue: 'N',
      min: 1,
      max: 100_000,
      summary: 'partitions of each; default what the cluster is set to',
    }),
    replication: Flags.integer({
      helpValue: 'N',
      min: 1,
      max: 32_767,
      summary: 'copies of each partition; default what the cluster is set to',
    }),
    retention: Flags.string({
      helpValue: 'DURATION',
      summary: 'how long messages are kept: 24h, 7d, all; default what the cluster is set to',
    }),
  };

  protected override readonly words = 'files';

  async run(): Promise<void> {
    const { flags } = await this.parse(KafkaCreate);
    const { partitions, replication, retention } = flags;
    const topics = await createTopics(clusterAddress(this.positionals, 'create'), {
      ...(partitions === undefined ? {} : { partitions }),
      ...(replication === undefined ? {} : { replication }),
      ...(retention === undefined ? {} : { retentionMs: retentionFlag(retention) }),
    });
    if (flags.json) return this.document({ topics });
    for (const { topic, created, partitions: count } of topics) {
      await this.write(`${topic}: ${created ? 'made' : 'was there'}, ${count} partitions\n`);
    }
  }
}
