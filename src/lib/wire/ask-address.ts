import type { AddressUse } from '../config/setting.ts';
import { openTopicSource } from './sources.ts';
import { openRemoteSink } from './targets.ts';

/** Asks servers whether an address can be read from or sent to. Throws as `RemoteSink.check` does. */
export async function askAddress(url: string, use: AddressUse, signal: AbortSignal): Promise<void> {
  const opened = await (use === 'source' ? openTopicSource(url) : openRemoteSink(url, () => undefined));
  try {
    await opened.check(signal);
  } finally {
    await opened.close();
  }
}
