import * as Flags from '@oclif/core/flags';
import { BaseCommand, storeFolder } from '../cli/base-command.ts';
import { runShip } from '../cli/run-ship.ts';
import { pipelineFlags } from '../cli/pipeline-options.ts';

export default class Ship extends BaseCommand {
  static override summary =
    'ship logs into the store, Kafka, Elasticsearch, OpenSearch: files, directories, patterns, gzip, standard input, topics';
  static override description =
    'Reads FILES, or standard input when none is named. A file shipped again sends only what is new. Ends when everything is safe where it was sent to; topics are followed until it is told to stop.';
  static override examples = [
    'cat app.log | <%= config.bin %> ship',
    '<%= config.bin %> ship app.log "/var/log/**/*.log.gz" --service shop',
    'kubectl logs -f deploy/shop | <%= config.bin %> ship --field env=prod',
    '<%= config.bin %> ship app.log --to kafka://broker/logs-raw',
    '<%= config.bin %> ship --from kafka://broker/logs-raw --to es://search/logs',
    '<%= config.bin %> ship app.log --dry-run --sample 5',
  ];
  static override usage = 'ship [FILES…] [flags]';
  static override strict = false;
  static override flags = {
    pipeline: Flags.string({
      summary: 'read all of this from a file, see docs/pipelines.md; flags win over it',
      helpValue: 'FILE',
    }),
    ...pipelineFlags,
    again: Flags.boolean({ summary: 'ship files whole, whatever was shipped of them before' }),
    follow: Flags.boolean({
      summary: 'go on with what arrives in topics, the default; --no-follow ends at what is there now',
      allowNo: true,
      default: true,
    }),
    spool: Flags.boolean({
      summary: 'begin although an address cannot be reached: events wait in its queue',
      helpGroup: 'DELIVERY',
    }),
    grace: Flags.string({
      summary: 'how long what was read may take to arrive, after the command was told to stop',
      helpValue: 'DURATION',
      default: '30s',
      helpGroup: 'DELIVERY',
    }),
    'dry-run': Flags.boolean({ summary: 'store nothing: show what would be stored of the first events, and why' }),
    sample: Flags.integer({
      summary: 'events of each source that --dry-run shows; default 10',
      helpValue: 'N',
      min: 1,
      max: 100_000,
      dependsOn: ['dry-run'],
    }),
  };

  protected override readonly words = 'files';

  async run(): Promise<void> {
    const { flags } = await this.parse(Ship);
    const code = await runShip(this.positionals, { ...flags, store: storeFolder(flags.store) }, this.signal);
    this.conclude(code);
  }
}
