import { LogsError } from '../errors.ts';
import { failover } from '../send/failover.ts';
import type { RemoteSink } from '../send/sink.ts';
import { standIn } from './stand-in-sink.ts';
import type { TargetParts } from './target-parts.ts';

/** What addresses are opened with. */
export type AddressParts = Pick<TargetParts, 'isRemote' | 'openRemote' | 'openLocal'>;

/** Opens one address, or several of which the first that can be reached is sent to. Nothing is asked of servers yet. */
export async function openAddresses(
  urls: readonly string[],
  parts: AddressParts,
  tell: (text: string) => void,
): Promise<RemoteSink> {
  const sinks: RemoteSink[] = [];
  try {
    for (const url of urls)
      sinks.push(parts.isRemote(url) ? await parts.openRemote(url) : standIn(url, (await parts.openLocal(url)).sink));
  } catch (error) {
    for (const sink of sinks) await sink.close().catch(() => undefined);
    throw error;
  }
  const [first, ...others] = sinks;
  if (first === undefined) throw new LogsError('INTERNAL', 'a target without an address');
  return others.length === 0 ? first : failover([first, ...others], tell);
}
