import * as Flags from '@oclif/core/flags';
import { LogsError } from '../lib/errors.ts';

/** How the indices of a day are made. */
export const settingFlags = {
  shards: Flags.integer({ helpValue: 'N', min: 1, max: 1024, summary: 'primary shards of a day; default 5' }),
  replicas: Flags.integer({
    helpValue: 'N',
    min: 0,
    max: 100,
    summary: 'copies of each shard; default 1, on a single node 0',
  }),
  refresh: Flags.string({ helpValue: 'TIME', summary: 'until a new event can be found: 1s, 30s; default 5s' }),
};

/** How long they are kept. */
export const retentionFlags = {
  'hot-days': Flags.integer({
    helpValue: 'N',
    min: 1,
    max: 36_500,
    summary: 'days until an index is merged, when no more events are expected for it',
  }),
  'delete-after': Flags.integer({
    helpValue: 'N',
    min: 1,
    max: 36_500,
    summary: 'days until an index is deleted; never without it',
  }),
};

export const printFlag = {
  print: Flags.boolean({ summary: 'change nothing: show the requests as JSON' }),
};

export interface IndexFlags {
  readonly shards?: number | undefined;
  readonly replicas?: number | undefined;
  readonly refresh?: string | undefined;
  readonly 'hot-days'?: number | undefined;
  readonly 'delete-after'?: number | undefined;
}

/** What the flags ask for, without what was not said. Throws USAGE for a refresh that is no time. */
export function setUpOptions(flags: IndexFlags) {
  if (flags.refresh !== undefined && !/^(?:\d+(?:ms|s|m|h)|-1)$/.test(flags.refresh)) {
    throw new LogsError('USAGE', `--refresh ${flags.refresh} is no time`, {
      hint: 'write 5s, 500ms, 1m, or -1 for never',
    });
  }
  return {
    ...(flags.shards === undefined ? {} : { shards: flags.shards }),
    ...(flags.replicas === undefined ? {} : { replicas: flags.replicas }),
    ...(flags.refresh === undefined ? {} : { refresh: flags.refresh }),
    ...(flags['hot-days'] === undefined ? {} : { hotDays: flags['hot-days'] }),
    ...(flags['delete-after'] === undefined ? {} : { deleteAfter: flags['delete-after'] }),
  };
}

/** The one address that a command of `logs index` is about. */
export function indexAddress(positionals: readonly string[]): string {
  const [address, ...more] = positionals;
  if (address !== undefined && more.length === 0) return address;
  throw new LogsError(
    'USAGE',
    address === undefined ? 'whose indices?' : `one address at a time: ${more[0]} is a second`,
    {
      hint: 'logs index … es://HOST:9200/logs',
    },
  );
}
