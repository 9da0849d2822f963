import { createInterface } from 'node:readline/promises';
import * as Flags from '@oclif/core/flags';
import { BaseCommand, storeFolder } from '../../cli/base-command.ts';
import { LogsError } from '../../lib/errors.ts';
import { escapeToLine } from '../../lib/render/escape.ts';
import { openMaintenance } from '../../lib/wire.ts';

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
    if (!flags.yes && !(await this.agreed(what))) return this.conclude(1);
    const { dropStore } = await openMaintenance();
    const dropped = await dropStore(dir, flags.tenant === undefined ? {} : { tenant: flags.tenant });
    if (flags.json) await this.document({ dropped });
    else this.talk(`dropped ${what}`);
  }

  private async agreed(what: string): Promise<boolean> {
    if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
      throw new LogsError('USAGE', `nobody is there to be asked whether to drop ${what}`, { hint: 'add --yes' });
    }
    const asking = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await asking.question(`drop ${escapeToLine(what)}? [y/N] `, { signal: this.signal });
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      asking.close();
    }
  }
}
