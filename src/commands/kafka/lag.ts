import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { clusterAddress, drawTable } from '../../cli/kafka-table.ts';
import { consumerLag } from '../../lib/wire/upkeep.ts';

export default class KafkaLag extends BaseCommand {
  static override summary = 'how far a consumer group is behind, partition by partition';
  static override description = 'Exit 0; 1 where it is further behind than --max.';
  static override examples = [
    '<%= config.bin %> kafka lag kafka://localhost:9092',
    '<%= config.bin %> kafka lag --group indexer --max 50000 kafka://localhost:9092/logs-raw',
    '<%= config.bin %> kafka lag kafka://localhost:9092 --json',
  ];
  static override usage = 'kafka lag URL [flags]';
  static override strict = false;
  static override flags = {
    group: Flags.string({ helpValue: 'NAME', summary: 'the group; default logs, or that of the address' }),
    max: Flags.integer({
      helpValue: 'N',
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      summary: 'exit 1 where it is more messages behind, all partitions together',
    }),
  };

  protected override readonly words = 'files';

  async run(): Promise<void> {
    const { flags } = await this.parse(KafkaLag);
    const { group, lag, partitions } = await consumerLag(clusterAddress(this.positionals, 'lag'), flags.group);
    if (flags.json) await this.document({ group, lag, partitions });
    else {
      const rows = partitions.map(({ topic, partition, offset, end, lag: behind }) =>
        [topic, partition, offset ?? '-', end, behind].map(String),
      );
      await this.write(await drawTable(['topic', 'partition', 'committed', 'end', 'lag'], rows));
      await this.write(`group ${group} is ${lag} messages behind\n`);
    }
    this.conclude(flags.max !== undefined && lag > flags.max ? 1 : 0);
  }
}
