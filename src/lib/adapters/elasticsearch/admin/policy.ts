import type { Cluster } from '../cluster.ts';
import { patternsOf } from '../template/template.ts';

/** How long a day's index stays as it is. */
export interface Retention {
  /** Days until an index is merged to one segment a shard, which no more events are expected for. Absent: never. */
  readonly hotDays?: number;
  /** Days until it is deleted. Absent: never. */
  readonly deleteAfter?: number;
}

export interface PolicyRequest {
  readonly name: string;
  readonly path: string;
  readonly body: object;
}

/** Where policies are kept: ILM of Elasticsearch, ISM of OpenSearch. */
export function policyPath({ product }: Cluster, name: string): string {
  const id = encodeURIComponent(name);
  return product === 'elasticsearch' ? `/_ilm/policy/${id}` : `/_plugins/_ism/policies/${id}`;
}

/** The policy of daily indices, or of a data stream, which Elasticsearch rolls over by the day. */
export function policyOf(
  cluster: Cluster,
  { name, base, dataStream }: { readonly name: string; readonly base: string; readonly dataStream: boolean },
  retention: Retention,
): PolicyRequest {
  const body = cluster.product === 'elasticsearch' ? ilm(dataStream, retention) : ism(base, dataStream, retention);
  return { name, path: policyPath(cluster, name), body };
}

const DESCRIPTION = 'written by logs index init';

/** https://www.elastic.co/docs/manage-data/lifecycle/index-lifecycle-management */
function ilm(dataStream: boolean, { hotDays, deleteAfter }: Retention): object {
  const rollover = dataStream ? { rollover: { max_age: '1d', max_primary_shard_size: '50gb' } } : {};
  return {
    policy: {
      _meta: { description: DESCRIPTION },
      phases: {
        hot: { min_age: '0ms', actions: { ...rollover, set_priority: { priority: 100 } } },
        ...(hotDays === undefined
          ? {}
          : {
              warm: {
                min_age: `${hotDays}d`,
                actions: { forcemerge: { max_num_segments: 1 }, set_priority: { priority: 50 } },
              },
            }),
        ...(deleteAfter === undefined ? {} : { delete: { min_age: `${deleteAfter}d`, actions: { delete: {} } } }),
      },
    },
  };
}

/** https://docs.opensearch.org/latest/im-plugin/ism/policies/ */
function ism(base: string, dataStream: boolean, { hotDays, deleteAfter }: Retention): object {
  const after = (state: string, days: number) => ({ state_name: state, conditions: { min_index_age: `${days}d` } });
  const deletes = deleteAfter === undefined ? [] : [after('delete', deleteAfter)];
  return {
    policy: {
      description: DESCRIPTION,
      default_state: 'hot',
      states: [
        {
          name: 'hot',
          actions: dataStream ? [{ rollover: { min_index_age: '1d', min_primary_shard_size: '50gb' } }] : [],
          transitions: hotDays === undefined ? deletes : [after('warm', hotDays)],
        },
        ...(hotDays === undefined
          ? []
          : [{ name: 'warm', actions: [{ force_merge: { max_num_segments: 1 } }], transitions: deletes }]),
        ...(deleteAfter === undefined ? [] : [{ name: 'delete', actions: [{ delete: {} }], transitions: [] }]),
      ],
      ism_template: [{ index_patterns: dataStream ? [base] : patternsOf(base), priority: 200 }],
    },
  };
}
