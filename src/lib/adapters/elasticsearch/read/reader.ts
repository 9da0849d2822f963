import type {
  AggregatePlan,
  AggregateTable,
  Damage,
  LogStore,
  ReadReport,
  SearchPlan,
  TimeRange,
} from '../../../store/store.ts';
import { LogsError } from '../../../errors.ts';
import type { Filter, QueryClock } from '../../../query/ast.ts';
import { compileDsl, explainDsl } from '../../../query/dsl.ts';
import { printFilter } from '../../../query/print.ts';
import type { LogRecord } from '../../../record/record.ts';
import { openClient } from '../client.ts';
import { findCluster } from '../cluster.ts';
import { parseElasticsearchUrl } from '../url.ts';
import { aggregateIndices } from './aggregate.ts';
import { followIndices } from './follow.ts';
import { findIndices, type View, viewOf } from './indices.ts';
import { searchRecords, type Server } from './search.ts';

export interface ElasticsearchReader extends LogStore {
  /** What is asked of the server for a filter, as JSON. */
  explain(filter: Filter, clock: QueryClock): Promise<string>;
  close(): Promise<void>;
}

export interface ReaderOptions {
  /** Refuse what the server alone cannot answer. */
  readonly strict?: boolean;
  /** Hears, once each, of what is worth a word: rows filtered on our side, a server that is away for a while. */
  readonly tell?: (text: string) => void;
}

/**
 * Opens indices of Elasticsearch or OpenSearch for reading. Throws what the server says of the address and the login,
 * and NOT_FOUND where it has no such index.
 */
export async function openElasticsearchReader(
  address: string,
  options: ReaderOptions = {},
): Promise<ElasticsearchReader> {
  const client = openClient(parseElasticsearchUrl(address), options.tell);
  try {
    const cluster = await findCluster(client);
    await findIndices(client);
    return new Reader({ client, cluster }, options);
  } catch (error) {
    await client.close();
    throw error;
  }
}

class Reader implements ElasticsearchReader {
  readonly #server: Server;
  readonly #tell: (text: string) => void;
  /** As `#tell`, as often as it happens. */
  readonly #say: (text: string) => void;
  readonly #strict: boolean;

  constructor(server: Server, { tell, strict }: ReaderOptions) {
    const told = new Set<string>();
    this.#server = server;
    this.#say = (text) => tell?.(text);
    this.#tell = (text) => {
      if (!told.has(text)) tell?.(text);
      told.add(text);
    };
    this.#strict = strict === true;
  }

  async *search(plan: SearchPlan, report: ReadReport, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
    const view = await this.#view(plan, signal);
    yield* searchRecords(this.#server, view, plan, report, signal);
  }

  async aggregate(plan: AggregatePlan, report: ReadReport, signal: AbortSignal): Promise<AggregateTable> {
    const view = await this.#view(plan, signal);
    return aggregateIndices(this.#server, view, plan, { report, signal, tell: this.#tell });
  }

  follow(
    plan: { readonly filter: Filter; readonly clock: QueryClock },
    _damaged: (damage: Damage) => void,
    signal: AbortSignal,
  ): AsyncIterable<readonly LogRecord[]> {
    return followIndices(this.#server, plan, { tell: this.#say, signal });
  }

  async explain(filter: Filter, clock: QueryClock): Promise<string> {
    return explainDsl(filter, clock, viewOf(await findIndices(this.#server.client), {}).fields);
  }

  close(): Promise<void> {
    return this.#server.client.close();
  }

  async #view(
    { filter, range, clock }: { readonly filter: Filter; readonly range: TimeRange; readonly clock: QueryClock },
    signal: AbortSignal,
  ): Promise<View> {
    signal.throwIfAborted();
    const view = viewOf(await findIndices(this.#server.client, signal), range);
    const compiled = compileDsl(filter, clock, view.fields);
    const partial = view.fields.ours || filter.kind === 'all' ? compiled.partial : [filter];
    if (partial.length === 0) return view;
    const clauses = [...new Set(partial.map(printFilter))].join(', ');
    if (this.#strict) {
      throw new LogsError('QUERY_UNSUPPORTED', `${this.#server.client.url.shown} cannot answer ${clauses} by itself`, {
        hint: 'leave --strict out: then what may match is read and filtered here',
      });
    }
    this.#tell(`the server cannot answer ${clauses} by itself: what may match is read and filtered here`);
    return view;
  }
}
