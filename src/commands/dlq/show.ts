import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import {
  deadLetterFlags,
  deadLettersFolder,
  letterDocument,
  letterLines,
  withLetters,
} from '../../cli/dead-letters.ts';
import { resolveRequest } from '../../cli/request.ts';
import { findLetter } from '../../lib/app/dead-letters.ts';
import { newTally } from '../../lib/app/search.ts';
import { LogsError } from '../../lib/errors.ts';
import { escapeForTerminal } from '../../lib/render/escape.ts';

export default class DlqShow extends BaseCommand {
  static override summary = 'one dead letter: the event as it came, who refused it and why';
  static override usage = 'dlq show ID';
  static override description =
    'ID is the `log_id` of the letter, or the one that the event was sent under. `-o raw` gives the bytes received, to ' +
    'be mended and sent again with `logs dlq replay ID --with FILE`.';
  static override examples = ['logs dlq show 06H5Q1R8…', 'logs dlq show 06H5Q1R8… -o raw > event.json'];
  static override strict = false;
  static override flags = {
    ...deadLetterFlags,
    output: Flags.string({ char: 'o', options: ['pretty', 'raw'], default: 'pretty', summary: 'raw: the event alone' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DlqShow);
    const [id, ...more] = this.positionals;
    if (id === undefined || more.length > 0) {
      throw new LogsError('USAGE', 'name one dead letter by its id', { hint: 'logs dlq ls shows ids of examples' });
    }
    const { clock } = await resolveRequest([], {});
    const letter = await withLetters(deadLettersFolder(flags['dead-letters']), undefined, (box) =>
      findLetter(box, id, { clock }, newTally().report, this.signal),
    );
    if (letter === undefined) return this.conclude(1);
    const { bytes } = letter.letter;
    if (flags.json) return this.document(letterDocument(letter));
    if (flags.output === 'raw') return this.write(Buffer.concat([bytes, Buffer.from('\n')]));
    const text = Buffer.from(bytes).toString();
    const shown = process.stdout.isTTY === true ? escapeForTerminal(text) : text;
    await this.write(`${letterLines(letter, clock.zone).join('\n')}\n\n${shown}\n`);
  }
}
