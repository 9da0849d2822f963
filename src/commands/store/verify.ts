import * as Flags from '@oclif/core/flags';
import { BaseCommand, storeFolder } from '../../cli/base-command.ts';
import { say } from '../../cli/reading.ts';
import { count } from '../../cli/store-summary.ts';
import { openMaintenance } from '../../lib/wire/upkeep.ts';

export default class StoreVerify extends BaseCommand {
  static override summary = 'read everything the store holds and check it';
  static override description = 'Exit 0: whole, 2: damaged, with what and where on standard error.';
  static override examples = [
    'logs store verify',
    'logs store verify --json',
    'logs store verify --tenant acme',
    'logs store verify --store ./logs',
  ];
  static override flags = { tenant: Flags.string({ helpValue: 'NAME', summary: 'only this tenant' }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(StoreVerify);
    const { verifyStore } = await openMaintenance();
    const report = await verifyStore(
      storeFolder(flags.store),
      this.signal,
      flags.tenant === undefined ? {} : { tenant: flags.tenant },
    );
    const { events, segments, logs, damage, quarantine, unnamed } = report;
    if (flags.json) await this.document(report);
    else {
      const places = `${count(segments, 'segment')} and ${count(logs, 'log file')}`;
      await this.write(`${count(events, 'event')} in ${places} ${events === 1 ? 'is' : 'are'} whole\n`);
    }
    for (const { path, bytes } of quarantine) say(`kept apart by an earlier recovery: ${path} (${bytes} bytes)`);
    for (const { path, bytes } of unnamed)
      say(
        `left by a process that was cut short, no part of the store, goes with the next ship or compact: ${path} (${bytes} bytes)`,
      );
    for (const { where, what } of damage) say(`damaged: ${where}: ${what}`);
    this.conclude(damage.length > 0 ? 2 : 0);
  }
}
