import * as Flags from '@oclif/core/flags';
import { agreed } from '../../cli/agreed.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { deadLettersFolder, letterQuery, letterQueryFlags, withLetters } from '../../cli/dead-letters.ts';
import { readLetters } from '../../lib/app/dead-letters.ts';
import { newTally } from '../../lib/app/search.ts';
import { dropDeadLetters } from '../../lib/wire/dead-letters.ts';

export default class DlqDrop extends BaseCommand {
  static override summary = 'give dead letters up';
  static override usage = 'dlq drop [QUERY | ID]';
  static override description =
    'Asks on a terminal, else needs --yes. Without a query all of them are deleted, those that were sent again too, ' +
    'and their space is free; refused while some are being kept.';
  static override examples = ["logs dlq drop 'service:test' --yes", 'logs dlq drop'];
  static override strict = false;
  static override flags = {
    ...letterQueryFlags,
    yes: Flags.boolean({ char: 'y', summary: 'do not ask' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DlqDrop);
    const query = await letterQuery(this.positionals, flags);
    const dir = deadLettersFolder(flags['dead-letters']);
    const everything = query.filter.kind === 'all' && query.range.from === undefined && query.range.to === undefined;
    const dropped = await withLetters<number | undefined>(dir, 0, async (box) => {
      const keys: string[] = [];
      for await (const { key } of readLetters(box, query, newTally().report, this.signal)) keys.push(key);
      if (keys.length === 0 && !everything) return 0;
      const what = `${keys.length.toLocaleString('en-US')} dead letters in ${dir}`;
      if (!flags.yes && !(await agreed(`drop ${what}?`, this.signal))) return undefined;
      if (everything) await dropDeadLetters(dir);
      else await box.handled.add(keys);
      return keys.length;
    });
    if (dropped === undefined) return this.conclude(1);
    if (flags.json) await this.document({ dropped });
    else
      this.talk(dropped === 0 && !everything ? 'no dead letter matches' : `dropped ${dropped.toLocaleString('en-US')}`);
    this.conclude(dropped === 0 && !everything ? 1 : 0);
  }
}
