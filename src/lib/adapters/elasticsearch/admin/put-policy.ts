import { LogsError } from '../../../errors.ts';
import { nameOf, type Cluster } from '../cluster.ts';
import type { EsClient } from '../client.ts';
import { type PolicyRequest, policyPath } from './policy.ts';

/** A policy as the server has it; `unavailable` where it has none at all, `forbidden` where we may not look. */
export type FoundPolicy =
  | {
      readonly state: 'there';
      readonly body: unknown;
      readonly version: { readonly seq: number; readonly term: number } | undefined;
    }
  | { readonly state: 'missing' | 'unavailable' | 'forbidden' };

export async function findPolicy(
  client: EsClient,
  cluster: Cluster,
  name: string,
  signal: AbortSignal,
): Promise<FoundPolicy> {
  const { status, text } = await client.ask(
    { method: 'GET', path: policyPath(cluster, name), allow: [400, 403, 404, 405] },
    signal,
  );
  if (status === 403) return { state: 'forbidden' };
  if (status === 400 || status === 405) return { state: 'unavailable' };
  // A server without ISM takes its path for that of an index.
  if (status === 404) return { state: /no handler|index_not_found/.test(text) ? 'unavailable' : 'missing' };
  const body = JSON.parse(text) as { readonly [name: string]: unknown };
  if (cluster.product === 'elasticsearch') return { state: 'there', body: body[name], version: undefined };
  const { _seq_no: seq, _primary_term: term, policy } = body;
  return {
    state: 'there',
    body: policy,
    version: typeof seq === 'number' && typeof term === 'number' ? { seq, term } : undefined,
  };
}

/** Puts a policy there, over an earlier one. Throws REMOTE_UNSUITABLE where the server has no policies. */
export async function putPolicy(
  client: EsClient,
  cluster: Cluster,
  { name, path, body }: PolicyRequest,
  signal: AbortSignal,
): Promise<void> {
  const found = await findPolicy(client, cluster, name, signal);
  if (found.state === 'unavailable') {
    const kind = cluster.product === 'elasticsearch' ? 'ILM' : 'the plugin index-management (ISM)';
    throw new LogsError(
      'REMOTE_UNSUITABLE',
      `${client.url.shown} is ${nameOf(cluster)} without ${kind}: it keeps no policies`,
      {
        hint: 'leave --hot-days and --delete-after out, and delete old days by hand',
      },
    );
  }
  const version = found.state === 'there' ? found.version : undefined;
  await client.ask(
    {
      method: 'PUT',
      path,
      body,
      ...(version === undefined ? {} : { query: { if_seq_no: version.seq, if_primary_term: version.term } }),
    },
    signal,
  );
}
