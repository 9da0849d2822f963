import { BaseCommand } from '../../cli/base-command.ts';
import { indexAddress, printFlag, settingFlags } from '../../cli/index-options.ts';
import { setUpIndex } from '../../cli/run-index.ts';

export default class IndexTemplate extends BaseCommand {
  static override summary = 'make the index template alone, or show it';
  static override description = 'What is not said stays as it is; a policy that the template names stays too.';
  static override examples = [
    '<%= config.bin %> index template es://localhost:9200 --print',
    '<%= config.bin %> index template es://localhost:9200 --refresh 30s',
  ];
  static override usage = 'index template URL [flags]';
  static override strict = false;
  static override flags = { ...settingFlags, ...printFlag };

  protected override readonly words = 'files';

  async run(): Promise<void> {
    const { flags } = await this.parse(IndexTemplate);
    const { document, lines } = await setUpIndex(indexAddress(this.positionals), flags, this.signal);
    if (flags.json) return this.document(document);
    await this.write(`${lines.join('\n')}\n`);
  }
}
