import { LogsError } from '../../../errors.ts';
import { openClient } from '../client.ts';
import { type Cluster, findCluster, nameOf } from '../cluster.ts';
import { targetOf, type WriteTarget } from '../target.ts';
import { dataNodes, findTemplate, installTemplate, refuseNewer } from '../template/install.ts';
import type { Words } from '../template/mapping.ts';
import { DEFAULT_SETTINGS, type IndexSettings, templateName, templateOf } from '../template/template.ts';
import { parseElasticsearchUrl } from '../url.ts';
import { policyOf, type PolicyRequest, type Retention } from './policy.ts';
import { putPolicy } from './put-policy.ts';
import { type IndexStatus, statusOf } from './status.ts';

/** What is asked for; of the settings, what is not said stays as it is, or is the default. */
export interface SetUpOptions extends Partial<IndexSettings>, Retention {}

/** What was set up, or would be. */
export interface SetUp {
  readonly url: string;
  readonly server: string;
  readonly template: string;
  readonly replaced: boolean;
  readonly words: Words;
  readonly settings: IndexSettings;
  /** There is but one node, which is why replicas are 0. */
  readonly oneNode: boolean;
  readonly policy: string | undefined;
}

/** The indices of an address and how they are made. */
export interface IndexAdmin {
  /** Puts template and, with days to keep, policy there. Idempotent. Throws what `EsClient.ask` throws. */
  setUp(options: SetUpOptions, signal: AbortSignal): Promise<SetUp>;
  /** The requests that `setUp` would send: path and body. */
  requests(options: SetUpOptions, signal: AbortSignal): Promise<{ readonly [request: string]: object }>;
  status(signal: AbortSignal): Promise<IndexStatus>;
  close(): Promise<void>;
}

/** Throws USAGE for the address, CONFIG for a secret or a certificate that cannot be read. */
export function openIndexAdmin(address: string, tell: (text: string) => void): IndexAdmin {
  const url = parseElasticsearchUrl(address);
  const target = targetOf(url);
  const client = openClient(url, tell);

  const plan = async (options: SetUpOptions, signal: AbortSignal): Promise<Plan> => {
    const cluster = await findCluster(client, signal);
    const found = await findTemplate(client, target.base, signal);
    refuseNewer(client, target.base, found);
    const earlier = found.state === 'ours' ? found.settings : undefined;
    const oneNode = options.replicas === undefined && earlier === undefined && (await dataNodes(client, signal)) === 1;
    const defaults = { ...DEFAULT_SETTINGS, ...(oneNode ? { replicas: 0 } : {}), ...earlier };
    return {
      cluster,
      settings: {
        shards: options.shards ?? defaults.shards,
        replicas: options.replicas ?? defaults.replicas,
        refresh: options.refresh ?? defaults.refresh,
      },
      oneNode,
      replaced: found.state === 'ours' || found.state === 'foreign',
      policy: policyFor(cluster, target, options),
      attached: found.state === 'ours' ? found.policy : undefined,
    };
  };

  return {
    async setUp(options, signal) {
      const { cluster, settings, oneNode, replaced, policy, attached } = await plan(options, signal);
      if (policy !== undefined) await putPolicy(client, cluster, policy, signal);
      const words = await installTemplate(
        client,
        { ...target, cluster, settings, policy: policy?.name ?? attached },
        signal,
      );
      return {
        url: url.shown,
        server: nameOf(cluster),
        template: templateName(target.base),
        replaced,
        words,
        settings,
        oneNode,
        policy: policy?.name,
      };
    },
    async requests(options, signal) {
      const { cluster, settings, policy, attached } = await plan(options, signal);
      const template = templateOf({ ...target, cluster, words: 'ours', settings, policy: policy?.name ?? attached });
      return {
        ...(policy === undefined ? {} : { [`PUT ${policy.path}`]: policy.body }),
        [`PUT /_index_template/${templateName(target.base)}`]: template,
      };
    },
    status: async (signal) => statusOf(client, await findCluster(client, signal), target, signal),
    close: () => client.close(),
  };
}

interface Plan {
  readonly cluster: Cluster;
  readonly settings: IndexSettings;
  readonly oneNode: boolean;
  readonly replaced: boolean;
  readonly policy: PolicyRequest | undefined;
  /** The policy that the template has already. */
  readonly attached: string | undefined;
}

function policyFor(cluster: Cluster, target: WriteTarget, options: Retention): PolicyRequest | undefined {
  const { hotDays, deleteAfter } = options;
  if (hotDays === undefined && deleteAfter === undefined) return undefined;
  if (hotDays !== undefined && deleteAfter !== undefined && deleteAfter <= hotDays) {
    throw new LogsError('USAGE', `days are deleted after ${deleteAfter} before they are merged after ${hotDays}`, {
      hint: 'let --delete-after be more than --hot-days, or leave --hot-days out',
    });
  }
  return policyOf(cluster, { name: templateName(target.base), ...target }, options);
}
