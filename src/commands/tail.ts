import * as Flags from '@oclif/core/flags';
import { BaseCommand, storeFolder } from '../cli/base-command.ts';
import {
  explainFlag,
  fieldFlags,
  filterFlags,
  followFlags,
  fromFlags,
  limitFlag,
  outputFlags,
  timeFlags,
} from '../cli/flags.ts';
import { LogsError } from '../lib/errors.ts';
import { runSearch } from '../cli/run-search.ts';
import { resolveRequest } from '../cli/request.ts';
import { say } from '../cli/reading.ts';

/** Shown before following begins. */
const LAST = 10;

export default class Tail extends BaseCommand {
  static override summary = 'the newest events, then each that arrives in the store';
  static override usage = 'tail [QUERY] [FILES… | -]';
  static override description =
    'Of FILES and standard input the last events are shown, and that is the end: only the store is followed. ' +
    'Exit 0: matched, 1: no match or --fail-on, 2: an error, 130: interrupted.';
  static override examples = [
    'logs tail',
    'logs tail level:ERROR -n 50',
    "logs tail service:api --stop-on 'message:ready' --fail-on level:FATAL --timeout 2m",
    'logs tail app.log -n 20',
    'logs tail level:ERROR --from kafka://localhost:9092/logs-raw',
  ];
  static override strict = false;
  static override flags = {
    ...fromFlags,
    ...timeFlags,
    ...filterFlags,
    limit: limitFlag(`so many events first, ${LAST} unless said; 0 is none`),
    follow: Flags.boolean({
      char: 'f',
      allowNo: true,
      summary: 'show what arrives; the default on the store',
      helpGroup: 'FOLLOW',
    }),
    ...followFlags,
    ...fieldFlags,
    ...outputFlags,
    ...explainFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Tail);
    const request = await resolveRequest(this.positionals, flags);
    const { files } = request;
    if (files.length > 0 && flags.follow) {
      throw new LogsError('QUERY_UNSUPPORTED', 'files cannot be followed', {
        hint: 'leave out -f for their last events, or ship them: logs ship FILES, then logs tail',
      });
    }
    const follow = files.length === 0 && flags.follow !== false;
    const limit = flags.limit ?? LAST;
    const code = await runSearch(
      request,
      { ...flags, limit, none: limit === 0, store: storeFolder(flags.store) },
      follow ? 'follow' : 'search',
      this.signal,
    );
    if (files.length > 0 && flags.follow === undefined)
      say('note: files are not followed; these were their last events');
    this.conclude(code);
  }
}
