import * as Flags from '@oclif/core/flags';
import { BaseCommand, storeFolder } from '../cli/base-command.ts';
import { runShip } from '../cli/run-ship.ts';
import { shipFlags } from '../cli/ship-options.ts';

export default class Ship extends BaseCommand {
  static override summary = 'ship logs into the store: standard input, files, directories, patterns, gzip';
  static override description =
    'Reads FILES, or standard input when none is named. A file shipped again sends only what is new. Ends when everything is safe on the disk.';
  static override examples = [
    'cat app.log | <%= config.bin %> ship',
    '<%= config.bin %> ship app.log "/var/log/**/*.log.gz" --service shop',
    'kubectl logs -f deploy/shop | <%= config.bin %> ship --field env=prod',
    '<%= config.bin %> ship app.log --dry-run --sample 5',
  ];
  static override usage = 'ship [FILES…] [flags]';
  static override strict = false;
  static override flags = {
    ...shipFlags,
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
