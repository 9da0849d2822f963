import type { RemoteUrl } from '../../config/remote-url.ts';
import { LogsError } from '../../errors.ts';
import { indexBase, isIndexName } from './url.ts';

/** What an address writes to. */
export interface WriteTarget {
  readonly base: string;
  readonly dataStream: boolean;
}

export function targetOf(url: RemoteUrl): WriteTarget {
  const stream = url.params.get('datastream');
  if (stream === undefined) return { base: indexBase(url), dataStream: false };
  if (url.path.length > 0 || !isIndexName(stream)) {
    throw new LogsError('USAGE', `datastream=${stream} in ${url.shown} cannot be the name of a data stream here`, {
      hint: 'write es://HOST/?datastream=NAME: lower-case letters, digits, - _ and .',
    });
  }
  return { base: stream, dataStream: true };
}
