import { BaseCommand } from '../../cli/base-command.ts';
import { indexAddress } from '../../cli/index-options.ts';
import { indexStatus } from '../../cli/run-index.ts';

export default class IndexStatus extends BaseCommand {
  static override summary = 'what the indices of Elasticsearch or OpenSearch hold, day by day, and how they are made';
  static override examples = [
    '<%= config.bin %> index status es://localhost:9200',
    '<%= config.bin %> index status es://localhost:9200/shop --json',
  ];
  static override usage = 'index status URL [flags]';
  static override strict = false;

  protected override readonly words = 'files';

  async run(): Promise<void> {
    const { flags } = await this.parse(IndexStatus);
    const { document, lines } = await indexStatus(indexAddress(this.positionals), this.signal);
    if (flags.json) return this.document(document);
    await this.write(`${lines.join('\n')}\n`);
  }
}
