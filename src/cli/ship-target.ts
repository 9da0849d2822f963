import { resolve } from 'node:path';
import { ndjsonOf } from '../lib/app/ndjson-batch.ts';
import type { TargetParts } from '../lib/app/target-parts.ts';
import type { Pipeline } from '../lib/config/pipeline.ts';
import { isRemoteUrl } from '../lib/config/remote-url.ts';
import { isTopic } from '../lib/wire/addresses.ts';
import { openDeadLetters } from '../lib/wire/dead-letters.ts';
import { openQueueFor, openRemoteSink, openTarget } from '../lib/wire/targets.ts';
import { consumerLag } from '../lib/wire/upkeep.ts';

import { dataFolder } from './base-command.ts';
import { talk, writeOutput } from './streams.ts';

/** What `ship` opens its targets with. `storeDir` is the store of a target that is `store` alone. */
export function targetParts(storeDir: string): TargetParts {
  return {
    isRemote: isRemoteUrl,
    isTopic,
    consumerLag: async (url, group) => (await consumerLag(url, group)).lag,
    openLocal: (url) => openTarget(url, { storeDir, encode: ndjsonOf, write: writeOutput, tell: talk }),
    openRemote: (url) => openRemoteSink(url, talk),
    openQueue: (target, settings) => openQueueFor(queuesIn(settings.dir), target, (problem) => talk(problem.message)),
    openDeadLetters: (dir) => openDeadLetters(lettersIn(dir), talk),
  };
}

/** Folders that `ship` writes to: a folder that is shipped and has one of them in it would be shipped for ever. */
export function ownFolders({ queue, deadLetters }: Pipeline, storeDir: string, targets: readonly string[]): string[] {
  const stores = targets.flatMap((target) => /^store:(.+)$/s.exec(target)?.[1] ?? []);
  return [storeDir, ...stores, queuesIn(queue?.dir), lettersIn(deadLetters)].map((folder) => resolve(folder));
}

function queuesIn(setting: string | undefined): string {
  return folderOf(setting, 'LOGS_QUEUE', 'logs-queues');
}

function lettersIn(setting: string | undefined): string {
  return folderOf(setting, 'LOGS_DEAD_LETTERS', 'logs-dead-letters');
}

/** What a setting says, else a variable of the environment where it is not empty, else the folder of this name. */
function folderOf(setting: string | undefined, variable: string, name: string): string {
  return setting ?? (process.env[variable] || dataFolder(name));
}
