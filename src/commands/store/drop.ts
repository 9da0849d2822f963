import * as Flags from '@oclif/core/flags';
import { agreed } from '../../cli/agreed.ts';
import { BaseCommand, storeFolder } from '../../cli/base-command.ts';
import { openMaintenance } from '../../lib/wire/upkeep.ts';

export default class StoreDrop extends BaseCommand {
  static override summary = 'delete everything the store holds, or one tenant';
  static override description = 'Asks on a terminal, else needs --yes. Refused while a writer is at work.';
  static override examples = ['logs store drop', 'logs store drop --yes', 'logs store drop --tenant acme --yes'];
  static override flags = {
    tenant: Flags.string({ helpValue: 'NAME', summary: 'only this tenant' }),
    yes: Flags.boolean({ char: 'y', summary: 'do not ask' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(StoreDrop);
    const dir = storeFolder(flags.store);
    const what = flags.tenant === undefined ? `all logs in ${dir}` : `tenant ${flags.tenant} in ${dir}`;
    if (!flags.yes && !(await agreed(`drop ${what}?`, this.signal))) return this.conclude(1);
    const { dropStore } = await openMaintenance();
    const dropped = await dropStore(dir, flags.tenant === undefined ? {} : { tenant: flags.tenant });
    if (flags.json) await this.document({ dropped });
    else this.talk(`dropped ${what}`);
  }
}
