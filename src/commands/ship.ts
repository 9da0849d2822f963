import * as Flags from '@oclif/core/flags';
import { BaseCommand, storeFolder } from '../cli/base-command.ts';
import { readOptions, shipFlags } from '../cli/ship-options.ts';
import { shipProgress, summaryLines } from '../cli/ship-talk.ts';
import { LogsError } from '../lib/errors.ts';

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

  async run(): Promise<void> {
    const { flags } = await this.parse(Ship);
    if (this.positionals.length === 0 && process.stdin.isTTY) {
      throw new LogsError('USAGE', 'nothing to ship: no file was named, and standard input is a terminal', {
        hint: 'cat app.log | logs ship, or logs ship app.log',
      });
    }
    const { findSources, openTarget } = await import('../lib/wire.ts');
    const storeDir = storeFolder(flags.store);
    const read = await readOptions(flags);
    const { sources, skipped } = await findSources(this.positionals, [storeDir]);
    for (const reason of skipped) this.talk(`left out: ${reason}`);
    if (flags['dry-run']) {
      const { describe, dryRun } = await import('../lib/app/dry-run.ts');
      for await (const event of dryRun({ sources, read, sample: flags.sample ?? 10 }, this.signal)) {
        await (flags.json ? this.document(event) : this.write(`${describe(event)}\n`));
      }
      return;
    }
    const { ndjsonOf } = await import('../lib/app/ndjson-batch.ts');
    const { ship } = await import('../lib/app/ship.ts');
    const target = await openTarget(flags.to, {
      storeDir,
      encode: ndjsonOf,
      write: (data) => this.write(data),
      tell: (text) => this.talk(text),
    });
    const progress = shipProgress();
    const { summary, failures } = await ship(
      { sources, read, target, again: flags.again, progress: progress.show },
      this.signal,
    ).finally(() => progress.stop());
    // A file that someone else ships is no failure where others were shipped.
    const [first] = failures.filter(({ code }) => code !== 'SOURCE_CLAIMED' || summary.files.shipped === 0);
    if (flags.json && flags.to !== '-' && first === undefined && !this.signal.aborted) await this.document(summary);
    else for (const line of summaryLines(summary)) this.talk(line);
    this.signal.throwIfAborted();
    for (const other of failures) if (other !== first) this.talk(other.message);
    if (first !== undefined) throw first;
  }
}
