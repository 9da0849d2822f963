import { escapeToLine } from '../lib/render/escape.ts';
import { size } from './store-summary.ts';

/** What `logs index init` and `template` did. */
export interface SetUpSummary {
  readonly server: string;
  readonly template: string;
  readonly replaced: boolean;
  readonly words: 'ours' | 'plain';
  readonly settings: { readonly shards: number; readonly replicas: number; readonly refresh: string };
  readonly oneNode: boolean;
  readonly policy: string | undefined;
}

export function setUpLines(done: SetUpSummary): string[] {
  const { shards, replicas, refresh } = done.settings;
  const words =
    done.words === 'ours'
      ? []
      : ['the server has no module for our words: text is split as its standard analyzer does'];
  return [
    `${done.server}: ${done.replaced ? 'replaced' : 'made'} the template ${done.template}: ${counted(shards, 'shard')}, ${counted(replicas, 'replica')}${done.oneNode ? ' (there is one node)' : ''}, refreshed every ${refresh}`,
    ...words,
    ...(done.policy === undefined ? [] : [`${done.server}: made the policy ${done.policy}`]),
    'for indices made from now on; those that are there keep what they have',
  ].map(escapeToLine);
}

/** What `logs index status` tells. */
export interface StatusSummary {
  readonly server: string;
  readonly health: string | undefined;
  readonly nodes: number | undefined;
  readonly template: {
    readonly name: string;
    readonly state: string;
    readonly version?: number;
    readonly words?: 'ours' | 'plain';
  };
  readonly policy: { readonly name: string; readonly state: string };
  readonly indices:
    | readonly {
        readonly index: string;
        readonly health: string;
        readonly docs: number;
        readonly bytes: number;
        readonly shards: number;
        readonly replicas: number;
      }[]
    | undefined;
  readonly docs: number;
  readonly bytes: number;
}

const STATES: { readonly [state: string]: string } = {
  missing: 'none',
  forbidden: 'not for us to see',
  unavailable: 'none, for this server has no ILM or ISM',
  foreign: 'not ours',
};

export function statusLines(status: StatusSummary): string[] {
  const { template, policy, indices = [] } = status;
  const nodes = status.nodes === undefined ? '' : `, ${counted(status.nodes, 'node')}`;
  const words = template.words === 'plain' ? ', words of the standard analyzer' : '';
  const head = [
    ['server', status.server],
    ['health', `${status.health ?? 'not for us to see'}${nodes}`],
    [
      'template',
      template.state === 'ours'
        ? `${template.name}, version ${template.version ?? 0}${words}`
        : (STATES[template.state] ?? template.state),
    ],
    ['policy', policy.state === 'there' ? policy.name : (STATES[policy.state] ?? policy.state)],
    [
      'events',
      `${count(status.docs)} in ${indices.length === 1 ? '1 index' : `${count(indices.length)} indices`}, ${size(status.bytes)}`,
    ],
  ].map(([label = '', value = '']) => `${label.padEnd(10)}${value}`);
  if (indices.length === 0) return head.map(escapeToLine);
  const rows = indices.map(({ index, health, docs, bytes, shards, replicas }) => [
    index,
    health,
    count(docs),
    size(bytes),
    `${shards}x${replicas + 1}`,
  ]);
  const table = [['index', 'health', 'events', 'size', 'shards'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
  return [...head, '', ...lines].map(escapeToLine);
}

function count(n: number): string {
  return n.toLocaleString('en-US');
}

function counted(n: number, what: string): string {
  return `${count(n)} ${what}${n === 1 ? '' : 's'}`;
}
