import { BaseCommand } from '../../cli/base-command.ts';
import { indexAddress, printFlag, retentionFlags } from '../../cli/index-options.ts';
import { setUpIndex } from '../../cli/run-index.ts';
import { LogsError } from '../../lib/errors.ts';

export default class IndexPolicy extends BaseCommand {
  static override summary = 'make the policy of how long days are kept, and let new indices have it';
  static override description =
    'ILM on Elasticsearch, ISM on OpenSearch. Indices that are there already keep what they have.';
  static override examples = [
    '<%= config.bin %> index policy es://localhost:9200 --hot-days 2 --delete-after 30',
    '<%= config.bin %> index policy es://localhost:9200 --delete-after 30 --print',
  ];
  static override usage = 'index policy URL [flags]';
  static override strict = false;
  static override flags = { ...retentionFlags, ...printFlag };

  protected override readonly words = 'files';

  async run(): Promise<void> {
    const { flags } = await this.parse(IndexPolicy);
    const address = indexAddress(this.positionals);
    if (flags['hot-days'] === undefined && flags['delete-after'] === undefined) {
      throw new LogsError('USAGE', 'a policy of what?', { hint: 'add --hot-days N, --delete-after N, or both' });
    }
    const { document, lines } = await setUpIndex(address, flags, this.signal);
    if (flags.json) return this.document(document);
    await this.write(`${lines.join('\n')}\n`);
  }
}
