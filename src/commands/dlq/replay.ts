import * as Flags from '@oclif/core/flags';
import { BaseCommand, storeFolder } from '../../cli/base-command.ts';
import { deadLettersFolder, letterQuery, letterQueryFlags, withLetters } from '../../cli/dead-letters.ts';
import { refusePartial, tellDamage } from '../../cli/reading.ts';
import { mendedLetter, runReplay } from '../../cli/run-replay.ts';
import { readLetters } from '../../lib/app/dead-letters.ts';
import { newTally } from '../../lib/app/search.ts';

export default class DlqReplay extends BaseCommand {
  static override summary = 'send dead letters again, to where they were refused or elsewhere';
  static override usage = 'dlq replay [QUERY | ID]';
  static override description =
    'Each is sent under the id that it had, so that it arrives once however often it is sent. What is accepted is no ' +
    'dead letter any more; what is refused again stays one. Exit 0: all were accepted, 1: none matched, 2: some were refused, or could not be read.';
  static override examples = [
    'logs dlq replay',
    "logs dlq replay '_dead_from:es* service:shop'",
    'logs dlq replay --to store',
    'logs dlq replay 06H5Q1R8… --with mended.json',
  ];
  static override strict = false;
  static override flags = {
    ...letterQueryFlags,
    to: Flags.string({ helpValue: 'URL', summary: 'send to this address instead; needed where one has a password' }),
    with: Flags.string({ helpValue: 'FILE', summary: 'send what is in this file in place of the event named by ID' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DlqReplay);
    const query = await letterQuery(this.positionals, flags);
    const code = await withLetters<0 | 1>(deadLettersFolder(flags['dead-letters']), 1, async (box) => {
      const { report } = newTally();
      const letters =
        flags.with === undefined
          ? readLetters(box, query, report, this.signal)
          : mendedLetter(box, this.positionals[0], flags.with, query, this.signal);
      const options = {
        letters,
        handled: box.handled,
        to: flags.to,
        store: storeFolder(flags.store),
        json: flags.json,
      };
      const replayed = await runReplay(options, this.signal).finally(() => tellDamage(report, 'store'));
      refusePartial(report, box.folder);
      return replayed;
    });
    this.conclude(code);
  }
}
