import { BaseCommand, storeFolder } from '../../cli/base-command.ts';
import { say } from '../../cli/reading.ts';
import { formatTime } from '../../lib/record/time.ts';
import { openMaintenance } from '../../lib/wire.ts';

export default class StoreStats extends BaseCommand {
  static override summary = 'how much the store holds, of which levels and days';
  static override examples = ['logs store stats', 'logs store stats --json', 'logs store stats --store ./logs'];

  async run(): Promise<void> {
    const { flags } = await this.parse(StoreStats);
    const { storeStats } = await openMaintenance();
    const { tenants } = await storeStats(storeFolder(flags.store));
    // Times leave as text: JSON has no integers of 64 bits.
    const shown = tenants.map((tenant) => ({
      ...tenant,
      ...(tenant.oldest === undefined ? {} : { oldest: formatTime(tenant.oldest) }),
      ...(tenant.newest === undefined ? {} : { newest: formatTime(tenant.newest) }),
    }));
    if (flags.json) await this.document({ tenants: shown });
    else if (shown.length === 0) await this.write('the store is empty\n');
    for (const { levels, damage, ...numbers } of flags.json ? [] : shown) {
      const levelText = Object.entries(levels).map(([level, count]) => `${level} ${count}`);
      const lines = [...Object.entries(numbers), ['levels', levelText.join(', ') || '-'] as const];
      await this.write(`${lines.map(([name, value]) => `${name.padEnd(14)} ${String(value)}`).join('\n')}\n`);
    }
    const damage = tenants.flatMap((tenant) => tenant.damage);
    for (const { where, what } of damage) say(`damaged: ${where}: ${what}`);
    this.conclude(damage.length > 0 ? 2 : 0);
  }
}
