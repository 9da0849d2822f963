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
import { resolveRequest } from '../cli/request.ts';
import { runSearch } from '../cli/run-search.ts';

export default class Search extends BaseCommand {
  static override summary = 'find events in the store, in files, or on standard input';
  static override usage = 'search [QUERY] [FILES… | -]';
  static override description =
    'Without a query: every event. Without FILES: the embedded store. On a terminal the newest 100, of standard input all as it comes; in a pipe all. ' +
    'A first argument that names something that exists is a FILE. Exit 0: matched, 1: no match, 2: an error, 130: interrupted.';
  static override examples = [
    "logs search 'level:ERROR service:auth' --since 1h",
    'logs search timeout app.log',
    'kubectl logs api | logs search level:ERROR -',
    'logs search \'"connection refused"\' -o json',
    'logs search -path:/healthz -n 20',
    'logs search level:ERROR --count --since today',
    'logs search level:ERROR --since 1h --from es://localhost:9200/logs',
  ];
  static override strict = false;
  static override flags = {
    ...fromFlags,
    ...timeFlags,
    ...filterFlags,
    limit: limitFlag('at most the newest N; 0 is all'),
    reverse: Flags.boolean({ char: 'r', summary: 'the newest first', helpGroup: 'MATCH' }),
    count: Flags.boolean({ char: 'c', summary: 'only the number of matches', helpGroup: 'MATCH' }),
    quiet: Flags.boolean({ char: 'q', summary: 'no output, only the exit code', helpGroup: 'MATCH' }),
    follow: Flags.boolean({
      char: 'f',
      summary: 'then show what arrives',
      exclusive: ['count', 'quiet', 'reverse', 'until'],
      helpGroup: 'FOLLOW',
    }),
    ...followFlags,
    ...fieldFlags,
    ...outputFlags,
    ...explainFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Search);
    const mode = flags.follow ? 'follow' : 'search';
    const request = await resolveRequest(this.positionals, flags);
    const code = await runSearch(request, { ...flags, store: storeFolder(flags.store) }, mode, this.signal);
    this.conclude(code);
  }
}
