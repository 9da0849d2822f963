import { BaseCommand } from '../../cli/base-command.ts';
import { deadLettersFolder, groupLines, letterQuery, letterQueryFlags, withLetters } from '../../cli/dead-letters.ts';
import { refusePartial, tellDamage } from '../../cli/reading.ts';
import { groupLetters, type LetterGroup, readLetters } from '../../lib/app/dead-letters.ts';
import { newTally } from '../../lib/app/search.ts';
import { formatTime } from '../../lib/record/time.ts';

interface Found {
  readonly groups: readonly LetterGroup[];
  readonly folder: string | undefined;
}

export default class DlqLs extends BaseCommand {
  static override summary = 'which sinks refused how many events, and why';
  static override usage = 'dlq ls [QUERY]';
  static override description =
    'Those with the newest letter first. Letters that were sent again or dropped are left out.';
  static override examples = ['logs dlq ls', 'logs dlq ls --json', "logs dlq ls 'service:shop' --since 1h"];
  static override strict = false;
  static override flags = { ...letterQueryFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(DlqLs);
    const query = await letterQuery(this.positionals, flags);
    const { report } = newTally();
    const { groups, folder } = await withLetters<Found>(
      deadLettersFolder(flags['dead-letters']),
      { groups: [], folder: undefined },
      async (box) => ({ groups: await groupLetters(readLetters(box, query, report, this.signal)), folder: box.folder }),
    );
    if (flags.json) {
      const times = ({ oldest, newest }: LetterGroup) => ({ oldest: formatTime(oldest), newest: formatTime(newest) });
      await this.document({ letters: groups.map((group) => ({ ...group, ...times(group) })) });
    } else {
      await this.write(groups.map((group) => `${groupLines(group, query.clock.zone).join('\n')}\n`).join(''));
    }
    tellDamage(report, 'store');
    refusePartial(report, folder);
    this.conclude(0);
  }
}
