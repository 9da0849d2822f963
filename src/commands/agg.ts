import { BaseCommand, storeFolder } from '../cli/base-command.ts';
import { explain } from '../cli/explain.ts';
import { explainFlag, filterFlags, fromFlags, outputFlags, timeFlags } from '../cli/flags.ts';
import { resolveRequest } from '../cli/request.ts';
import { runTable } from '../cli/run-aggregate.ts';
import { statisticsFlags, withStatistics } from '../cli/statistics.ts';

export default class Agg extends BaseCommand {
  static override summary = 'count and compute over events, in groups or over time';
  static override usage = 'agg [QUERY] [FILES… | -]';
  static override description =
    'Draws bars on a terminal, gives the same numbers as NDJSON in a pipe. The flags build the stages of the pipe form: ' +
    '--explain shows it. Exit 0: something matched, 1: nothing, 2: an error, 130: interrupted.';
  static override examples = [
    'logs agg --by level',
    'logs agg --top 10 path',
    'logs agg level:ERROR --every 1m --since 1h',
    'logs agg --p95 latency_ms --by service -o json',
    "logs agg 'level>=WARN | stats count() by service | sort -count'",
    'logs agg app.log --by level',
    'logs agg --by service --from es://localhost:9200/logs',
  ];
  static override strict = false;
  static override counted = ['top'];
  static override flags = {
    ...statisticsFlags,
    ...fromFlags,
    ...timeFlags,
    ...filterFlags,
    ...outputFlags,
    ...explainFlag,
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Agg);
    const store = storeFolder(flags.store);
    const typed = await resolveRequest(this.positionals, flags);
    const request = { ...typed, query: withStatistics(typed.query, flags) };
    if (flags.explain) {
      const { document, text } = await explain(request.query, request, store);
      return flags.json ? this.document(document) : this.write(text);
    }
    this.conclude(await runTable(request, { ...flags, store }, this.signal));
  }
}
