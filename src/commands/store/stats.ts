import * as Flags from '@oclif/core/flags';
import { BaseCommand, storeFolder } from '../../cli/base-command.ts';
import { say } from '../../cli/reading.ts';
import { tenantLines } from '../../cli/store-summary.ts';
import { formatTime } from '../../lib/record/time.ts';
import { openMaintenance } from '../../lib/wire/upkeep.ts';

export default class StoreStats extends BaseCommand {
  static override summary = 'how much the store holds, of which levels and days';
  static override examples = [
    'logs store stats',
    'logs store stats --json',
    'logs store stats --tenant acme',
    'logs store stats --store ./logs',
  ];
  static override flags = { tenant: Flags.string({ helpValue: 'NAME', summary: 'only this tenant' }) };

  async run(): Promise<void> {
    const { flags } = await this.parse(StoreStats);
    const { storeStats } = await openMaintenance();
    const { tenants } = await storeStats(
      storeFolder(flags.store),
      flags.tenant === undefined ? {} : { tenant: flags.tenant },
    );
    if (flags.json) {
      // Times leave as text: JSON has no integers of 64 bits.
      const documents = tenants.map((tenant) => ({
        ...tenant,
        ...(tenant.oldest === undefined ? {} : { oldest: formatTime(tenant.oldest) }),
        ...(tenant.newest === undefined ? {} : { newest: formatTime(tenant.newest) }),
      }));
      await this.document({ tenants: documents });
    } else {
      const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
      const told = tenants.map((tenant) => `${tenantLines(tenant, zone).join('\n')}\n`);
      await this.write(told.length === 0 ? 'the store is empty\n' : told.join('\n'));
    }
    const damage = tenants.flatMap((tenant) => tenant.damage);
    for (const { where, what } of damage) say(`damaged: ${where}: ${what}`);
    this.conclude(damage.length > 0 ? 2 : 0);
  }
}
