import { LogsError } from '../../../errors.ts';
import type { EsClient } from '../client.ts';
import { complaintOf } from '../failure.ts';
import { type MappingMark, TEMPLATE_VERSION, type Words } from './mapping.ts';
import { type IndexSettings, type TemplateOptions, templateName, templateOf } from './template.ts';

/** What stands under our template's name: ours with its mark, another's without, nothing; or we may not look. */
export type FoundTemplate =
  | {
      readonly state: 'ours';
      readonly mark: MappingMark;
      readonly settings: Partial<IndexSettings>;
      readonly policy: string | undefined;
    }
  | { readonly state: 'foreign' | 'missing' | 'forbidden' };

export async function findTemplate(client: EsClient, base: string, signal: AbortSignal): Promise<FoundTemplate> {
  const { status, text } = await client.ask(
    { method: 'GET', path: `/_index_template/${encodeURIComponent(templateName(base))}`, allow: [403, 404] },
    signal,
  );
  if (status === 403) return { state: 'forbidden' };
  if (status === 404) return { state: 'missing' };
  const [found] = (JSON.parse(text) as TemplateList).index_templates ?? [];
  if (found === undefined) return { state: 'missing' };
  const { _meta: meta, template } = found.index_template ?? {};
  if (!isMark(meta?.logs)) return { state: 'foreign' };
  const index = template?.settings?.index ?? {};
  return { state: 'ours', mark: meta.logs, settings: settingsOf(index), policy: index.lifecycle?.name };
}

interface TemplateList {
  readonly index_templates?: readonly {
    readonly index_template?: {
      readonly _meta?: { readonly logs?: unknown };
      readonly template?: { readonly settings?: { readonly index?: StoredSettings } };
    };
  }[];
}

/** As servers give them back: every value is a string. */
interface StoredSettings {
  readonly number_of_shards?: string;
  readonly number_of_replicas?: string;
  readonly refresh_interval?: string;
  readonly lifecycle?: { readonly name?: string };
}

function settingsOf(stored: StoredSettings): Partial<IndexSettings> {
  const { number_of_shards: shards, number_of_replicas: replicas, refresh_interval: refresh } = stored;
  return {
    ...(shards === undefined ? {} : { shards: Number(shards) }),
    ...(replicas === undefined ? {} : { replicas: Number(replicas) }),
    ...(refresh === undefined ? {} : { refresh }),
  };
}

function isMark(value: unknown): value is MappingMark {
  return typeof value === 'object' && value !== null && typeof (value as { version?: unknown }).version === 'number';
}

/** Throws REMOTE_UNSUITABLE where a later version of this program has been there: what it writes may not fit. */
export function refuseNewer(client: EsClient, base: string, found: FoundTemplate): void {
  if (found.state !== 'ours' || found.mark.version <= TEMPLATE_VERSION) return;
  throw new LogsError(
    'REMOTE_UNSUITABLE',
    `${client.url.shown}: the template ${templateName(base)} is of version ${found.mark.version}; this program knows ${TEMPLATE_VERSION}`,
    { hint: 'use the version of logs that made it, or another name behind the host' },
  );
}

/**
 * Puts our template there, with our words where the server can make them. Idempotent; it changes indices made after it
 * only. Throws what `EsClient.ask` throws.
 */
export async function installTemplate(
  client: EsClient,
  options: Omit<TemplateOptions, 'words'>,
  signal: AbortSignal,
): Promise<Words> {
  const path = `/_index_template/${encodeURIComponent(templateName(options.base))}`;
  const put = (words: Words, allow: readonly number[]) =>
    client.ask({ method: 'PUT', path, body: templateOf({ ...options, words }), allow }, signal);
  const first = await put('ours', [400]);
  if (first.status < 400) return 'ours';
  // Distributions without the module analysis-common know no tokenizer but `standard`.
  if (/Unknown (?:char_filter|tokenizer|token filter|filter) type/i.test(first.text)) {
    await put('plain', []);
    return 'plain';
  }
  throw new LogsError(
    'REMOTE_UNSUITABLE',
    `${client.url.shown} refuses the index template: ${complaintOf(first.text).reason}`,
    {
      hint: 'another template with the same patterns and priority may stand in its way: GET /_index_template lists them',
    },
  );
}

/** Data nodes of the cluster; undefined where our login may not ask. */
export async function dataNodes(client: EsClient, signal: AbortSignal): Promise<number | undefined> {
  const { status, text } = await client.ask(
    { method: 'GET', path: '/_cluster/health', query: { filter_path: 'number_of_data_nodes' }, allow: [403] },
    signal,
  );
  const nodes =
    status === 200 ? (JSON.parse(text) as { number_of_data_nodes?: unknown }).number_of_data_nodes : undefined;
  return typeof nodes === 'number' ? nodes : undefined;
}
