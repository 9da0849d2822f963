import { splitAddresses } from '../config/list-settings.ts';
import type { DeadLetters } from '../send/dead-letters.ts';
import { deliver } from '../send/deliver.ts';
import { rebatch } from '../send/rebatch.ts';
import type { LogSink, RemoteSink } from '../send/sink.ts';
import { type AddressParts, openAddresses } from './open-addresses.ts';

export interface DeliveryTools {
  readonly parts: AddressParts;
  readonly tell: (text: string) => void;
}

/** Small batches wait so long for others to go with, where nothing says otherwise. */
const COLLECT_MS = 100;

/**
 * Opens what delivers to an address, or to those between commas that stand for each other, once it has answered: `send`
 * resolves when each event is accepted or in the dead letters. Throws USAGE for an address that there is no such sink
 * for, and what `RemoteSink.check` throws.
 */
export async function openDelivery(
  address: string,
  deadLetters: DeadLetters,
  tools: DeliveryTools,
  signal: AbortSignal,
): Promise<LogSink> {
  const sink = await openChecked(address, tools, signal);
  const { events, bytes } = sink.limits;
  const delivered = rebatch(deliver(sink, { deadLetters, tell: tools.tell }), { events, bytes, afterMs: COLLECT_MS });
  return {
    ...delivered,
    async close() {
      await delivered.close();
      await deadLetters.close();
    },
  };
}

/** Opens where dead letters are sent again; what is refused stays where it is. Throws as `openDelivery`. */
export async function openReplay(address: string, tools: DeliveryTools, signal: AbortSignal): Promise<LogSink> {
  const { parts, tell } = tools;
  if (parts.isRemote(address)) {
    const deadLetters = { put: async () => undefined, close: async () => undefined };
    return deliver(await openChecked(address, tools, signal), { deadLetters, tell });
  }
  return (await parts.openLocal(address)).sink;
}

async function openChecked(address: string, { parts, tell }: DeliveryTools, signal: AbortSignal): Promise<RemoteSink> {
  const sink = await openAddresses(splitAddresses(address), parts, tell);
  try {
    await sink.check(signal);
  } catch (error) {
    await sink.close().catch(() => undefined);
    throw error;
  }
  return sink;
}
