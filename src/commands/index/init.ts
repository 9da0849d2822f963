import { BaseCommand } from '../../cli/base-command.ts';
import { indexAddress, printFlag, retentionFlags, settingFlags } from '../../cli/index-options.ts';
import { setUpIndex } from '../../cli/run-index.ts';

export default class IndexInit extends BaseCommand {
  static override summary =
    'make the index template, and the policy of how long days are kept, on Elasticsearch or OpenSearch';
  static override description =
    'Can be repeated: what is not said stays as it is. Without --hot-days and --delete-after no policy is made and nothing is ever deleted.';
  static override examples = [
    '<%= config.bin %> index init es://localhost:9200',
    "<%= config.bin %> index init 'es+https://ann:${env:ES_PASSWORD}@search:9200/logs' --shards 2 --delete-after 30",
    '<%= config.bin %> index init es://localhost:9200 --print',
  ];
  static override usage = 'index init URL [flags]';
  static override strict = false;
  static override flags = { ...settingFlags, ...retentionFlags, ...printFlag };

  protected override readonly words = 'files';

  async run(): Promise<void> {
    const { flags } = await this.parse(IndexInit);
    const { document, lines } = await setUpIndex(indexAddress(this.positionals), flags, this.signal);
    if (flags.json) return this.document(document);
    await this.write(`${lines.join('\n')}\n`);
  }
}
