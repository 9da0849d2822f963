import * as Flags from '@oclif/core/flags';
import { LogsError } from '../lib/errors.ts';
import { dataFolder } from './base-command.ts';

export const queueFlags = {
  'queue-dir': Flags.string({
    helpValue: 'DIR',
    env: 'LOGS_QUEUE',
    summary: 'folder of the queues before remote targets',
    helpGroup: 'DELIVERY',
  }),
};

/** `--queue-dir`, else `LOGS_QUEUE` where it is not empty (read by the flag), else `$XDG_DATA_HOME/logs-queues`, else `~/.local/share/logs-queues`. */
export function queueFolder(flag: string | undefined): string {
  return flag !== undefined && flag !== '' ? flag : dataFolder('logs-queues');
}

/** The queues that were named, or all. Throws USAGE where `names` must not be empty. */
export function chosenQueues(
  names: readonly string[],
  all: readonly string[],
  least: 'some' | 'any',
): readonly string[] {
  if (names.length > 0) return names;
  if (least === 'any') return all;
  throw new LogsError('USAGE', 'no queue was named', {
    hint: 'name queues, as `logs queue ls` shows them, or use --all',
  });
}
