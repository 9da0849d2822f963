import type { Cluster } from '../cluster.ts';
import { type MappingMark, mappingOf, TEMPLATE_VERSION, type Words } from './mapping.ts';
import { wordAnalysis } from './words.ts';

/** What can be chosen of our indices. */
export interface IndexSettings {
  /** Primary shards of a day. */
  readonly shards: number;
  readonly replicas: number;
  /** Until a document can be searched: `5s`. */
  readonly refresh: string;
}

export const DEFAULT_SETTINGS: IndexSettings = { shards: 5, replicas: 1, refresh: '5s' };

/** Above the 100 of Elasticsearch's own templates for `logs-*-*`. */
const PRIORITY = 200;
/** Fields of an index: more are not mapped, where the server can do that, or their documents refused. */
const MAX_FIELDS = 1000;

export interface TemplateOptions {
  /** What daily indices begin with, or the name of a data stream. */
  readonly base: string;
  readonly dataStream: boolean;
  readonly cluster: Cluster;
  readonly words: Words;
  readonly settings: IndexSettings;
  /** The lifecycle policy of Elasticsearch; OpenSearch's names its indices itself. */
  readonly policy: string | undefined;
}

/** Ours, not `logs`: Elasticsearch has a template of its own with that name. */
export function templateName(base: string): string {
  return `logs-toolkit-${base}`;
}

/** Of daily indices `BASE-YYYY.MM.DD` in the years that `date_nanos` holds, and of nothing else that begins so. */
export function patternsOf(base: string): string[] {
  return [`${base}-19*.*.*`, `${base}-20*.*.*`, `${base}-21*.*.*`, `${base}-22*.*.*`];
}

/** A composable index template: `PUT /_index_template/NAME`. */
export function templateOf({ base, dataStream, cluster, words, settings, policy }: TemplateOptions): object {
  const mark: MappingMark = { version: TEMPLATE_VERSION, words };
  return {
    index_patterns: dataStream ? [base] : patternsOf(base),
    priority: PRIORITY,
    version: TEMPLATE_VERSION,
    ...(dataStream ? { data_stream: {} } : {}),
    template: {
      settings: {
        index: {
          number_of_shards: settings.shards,
          number_of_replicas: settings.replicas,
          refresh_interval: settings.refresh,
          codec: 'best_compression',
          'mapping.total_fields.limit': MAX_FIELDS,
          ...(ignoresExtraFields(cluster) ? { 'mapping.total_fields.ignore_dynamic_beyond_limit': true } : {}),
          ...(policy !== undefined && cluster.product === 'elasticsearch' ? lifecycle(policy, dataStream) : {}),
        },
        ...(words === 'ours' ? { analysis: wordAnalysis() } : {}),
      },
      mappings: mappingOf(words),
    },
    _meta: { logs: mark, description: 'written by logs index init' },
  };
}

/** The age of a daily index counts from its day, not from when late events made it. */
function lifecycle(policy: string, dataStream: boolean): object {
  return { 'lifecycle.name': policy, ...(dataStream ? {} : { 'lifecycle.parse_origination_date': true }) };
}

/** Since 8.14; before, and on OpenSearch, a document with a field too many is refused. */
function ignoresExtraFields({ product, major, minor }: Cluster): boolean {
  if (product !== 'elasticsearch') return false;
  return major === 9 || (major === 8 && (minor ?? 0) >= 14);
}
