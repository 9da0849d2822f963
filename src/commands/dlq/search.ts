import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { deadLetterFlags, deadLettersFolder } from '../../cli/dead-letters.ts';
import { explainFlag, fieldFlags, filterFlags, limitFlag, outputFlags, timeFlags } from '../../cli/flags.ts';
import { say } from '../../cli/reading.ts';
import { resolveRequest } from '../../cli/request.ts';
import { runSearch } from '../../cli/run-search.ts';
import { LogsError } from '../../lib/errors.ts';
import { openLetterReader } from '../../lib/wire/dead-letters.ts';

/** What a letter has for us alone; it can still be asked for by its name. */
const HIDDEN = ['_dead_context', '_dead_bytes'];

export default class DlqSearch extends BaseCommand {
  static override summary = 'find dead letters, with the whole query language';
  static override usage = 'dlq search [QUERY]';
  static override description =
    'Each has its fields, `_dead_reason`, `_dead_from`, and `_dead_topic` and others where it came from. ' +
    'Exit 0: matched, 1: no match, 2: an error.';
  static override examples = [
    "logs dlq search '_dead_reason:mapper_parsing_exception'",
    "logs dlq search 'service:shop' -o raw > refused.log",
    "logs dlq search '* | stats count by _dead_from, service'",
  ];
  static override strict = false;
  static override flags = {
    ...timeFlags,
    ...filterFlags,
    ...deadLetterFlags,
    limit: limitFlag('at most the newest N; 0 is all'),
    reverse: Flags.boolean({ char: 'r', summary: 'the newest first', helpGroup: 'MATCH' }),
    count: Flags.boolean({ char: 'c', summary: 'only the number of matches', helpGroup: 'MATCH' }),
    quiet: Flags.boolean({ char: 'q', summary: 'no output, only the exit code', helpGroup: 'MATCH' }),
    ...fieldFlags,
    ...outputFlags,
    ...explainFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(DlqSearch);
    const request = await resolveRequest(this.positionals, flags);
    if (request.files.length > 0) {
      throw new LogsError('USAGE', `${request.files.join(' ')}: dead letters are asked, not files`, {
        hint: 'quote the whole query as one word',
      });
    }
    const dir = deadLettersFolder(flags['dead-letters']);
    const reader = await openLetterReader(dir);
    if (reader === undefined) {
      say(`there are no dead letters in ${dir}`);
      return this.conclude(1);
    }
    const hidden = flags.fields === undefined ? [...(flags['exclude-fields'] ?? []), ...HIDDEN] : undefined;
    const search = { ...flags, 'exclude-fields': hidden, store: dir, reader };
    this.conclude(await runSearch(request, search, 'search', this.signal));
  }
}
