import { createAggregator } from '../../../src/lib/query/aggregate.ts';
import { compilePredicate } from '../../../src/lib/query/predicate.ts';
import type { LogRecord } from '../../../src/lib/record/record.ts';
import { isInRange } from '../../../src/lib/store/in-range.ts';
import type { AggregatePlan, AggregateTable, LogStore, SearchPlan } from '../../../src/lib/store/store.ts';

/** Records in memory, asked by the predicate alone: what every store has to answer. */
export class RecordStore implements LogStore {
  readonly #records: readonly LogRecord[];

  constructor(records: readonly LogRecord[]) {
    this.#records = [...records].sort(inOrder);
  }

  async *search(plan: SearchPlan): AsyncGenerator<readonly LogRecord[]> {
    const found = this.#matching(plan);
    yield (plan.order === 'oldest' ? found : found.reverse()).slice(0, plan.limit);
  }

  async aggregate(plan: AggregatePlan): Promise<AggregateTable> {
    const aggregator = createAggregator(plan);
    for (const record of this.#matching(plan)) aggregator.add(record);
    return aggregator.table();
  }

  async *follow(): AsyncGenerator<never> {
    throw new Error('nothing is added to what is in memory');
  }

  #matching({ filter, clock, range }: Pick<SearchPlan, 'filter' | 'clock' | 'range'>): LogRecord[] {
    const matches = compilePredicate(filter, clock);
    return this.#records.filter((record) => isInRange(record.ts, range) && matches(record));
  }
}

function inOrder(a: LogRecord, b: LogRecord): number {
  if (a.ts !== b.ts) return a.ts < b.ts ? -1 : 1;
  return a.log_id < b.log_id ? -1 : 1;
}
