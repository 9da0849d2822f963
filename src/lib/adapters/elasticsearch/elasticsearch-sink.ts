import { LogsError } from '../../errors.ts';
import { createMint } from '../../send/mint-ids.ts';
import type { RemoteSink } from '../../send/sink.ts';
import { type BulkSettings, writeBatch } from './bulk/bulk-writer.ts';
import type { NamedBatch } from './bulk/encode.ts';
import { indexOfDay } from './bulk/index-of-day.ts';
import { type EsClient, openClient } from './client.ts';
import { findCluster } from './cluster.ts';
import { dataNodes, findTemplate, installTemplate, refuseNewer } from './template/install.ts';
import { TEMPLATE_VERSION } from './template/mapping.ts';
import { DEFAULT_SETTINGS, templateName } from './template/template.ts';
import { targetOf, type WriteTarget } from './target.ts';
import { isOn, parseElasticsearchUrl } from './url.ts';

/** A body of `_bulk` is some 1.3 times its events; servers take 100 MB, and are fastest with some 5 to 15. */
const LIMITS = { events: 5000, bytes: 8 * 1024 * 1024, inFlight: 16 } as const;

/**
 * Opens Elasticsearch or OpenSearch as a sink: daily indices, or a data stream, one document for each event. Nothing
 * is sent before `check`. `tell` hears of what is unsafe and of what is set up.
 * @throws LogsError USAGE for the address, CONFIG for a secret or a certificate that cannot be read
 */
export function openElasticsearchSink(address: string, tell: (text: string) => void): RemoteSink {
  const url = parseElasticsearchUrl(address);
  const target = targetOf(url);
  const settings: BulkSettings = {
    target: {
      index: target.dataStream ? () => target.base : indexOfDay(target.base),
      options: { original: isOn(url, 'original') },
    },
    unindexed: url.params.get('conflicts') === 'unindexed',
  };
  const client = openClient(url, tell);
  const mint = createMint();
  const underWay = new Set<Promise<unknown>>();
  let unparsed = 0;
  return {
    name: url.shown,
    limits: LIMITS,
    check: (signal) => checkTarget(client, target, tell, signal),
    send: async (batch, signal) => {
      const written = writeBatch(client, mint(batch) as NamedBatch, settings, signal);
      underWay.add(written);
      try {
        const { unparsed: more, ...delivery } = await written;
        unparsed += more;
        return delivery;
      } finally {
        underWay.delete(written);
      }
    },
    marks: async () => new Map(),
    unparsed: () => unparsed,
    close: async () => {
      await Promise.allSettled(underWay);
      await client.close();
    },
  };
}

async function checkTarget(
  client: EsClient,
  { base, dataStream }: WriteTarget,
  tell: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const { url } = client;
  const cluster = await findCluster(client, signal);
  if (cluster.product === 'elasticsearch') await checkPrivileges(client, base, dataStream, signal);
  const found = await findTemplate(client, base, signal);
  refuseNewer(client, base, found);
  const name = templateName(base);
  const isCurrent = found.state === 'ours' && found.mark.version === TEMPLATE_VERSION;
  if (isCurrent || found.state === 'foreign') return;
  if (!isOn(url, 'init', true)) {
    tell(
      `${url.shown}: there is no index template ${name}: the server guesses what fields are (logs index init makes it)`,
    );
    return;
  }
  const replicas = (await dataNodes(client, signal)) === 1 ? 0 : DEFAULT_SETTINGS.replicas;
  try {
    // An earlier version of ours keeps what was chosen.
    const earlier = found.state === 'ours' ? found : undefined;
    const settings = { ...DEFAULT_SETTINGS, replicas, ...earlier?.settings };
    const policy = earlier?.policy;
    const words = await installTemplate(client, { base, dataStream, cluster, settings, policy }, signal);
    tell(
      earlier !== undefined
        ? `${url.shown}: brought the index template ${name} up to date`
        : `${url.shown}: made the index template ${name}: ${settings.shards} shards, ${replicas === 1 ? '1 replica' : 'no replicas, for there is one node'}${words === 'plain' ? ', words of the standard analyzer' : ''}; logs index init sets others`,
    );
  } catch (error) {
    if (!(error instanceof LogsError) || error.code !== 'REMOTE_DENIED') throw error;
    tell(`${url.shown}: may not make the index template ${name}: ask its owner to run logs index init`);
  }
}

/** Elasticsearch says beforehand what a login may do; where it has no security there is nobody to ask. */
async function checkPrivileges(
  client: EsClient,
  base: string,
  dataStream: boolean,
  signal: AbortSignal,
): Promise<void> {
  const index = dataStream ? base : `${base}-2026.01.01`;
  const { status, text } = await client.ask(
    {
      method: 'POST',
      path: '/_security/user/_has_privileges',
      body: { index: [{ names: [index], privileges: ['create_doc'] }] },
      allow: [400, 403, 404, 405, 500],
    },
    signal,
  );
  if (status !== 200 || (JSON.parse(text) as { has_all_requested?: unknown }).has_all_requested !== false) return;
  throw new LogsError(
    'REMOTE_DENIED',
    `${client.url.shown} does not let ${client.url.user ?? 'this key'} write to ${index}`,
    {
      hint: 'give the login the privileges create_doc and auto_configure on the indices',
    },
  );
}
