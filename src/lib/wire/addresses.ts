import { isRemoteUrl } from '../config/remote-url.ts';
import type { AddressUse } from '../config/setting.ts';
import { LogsError } from '../errors.ts';

/** Whether a URL names topics of Kafka. */
export function isTopic(url: string): boolean {
  return isRemoteUrl(url) && /^kafka/i.test(url);
}

/** Reads the address of servers, connecting to nothing. Throws USAGE, CONFIG or NOT_READABLE. */
export async function checkRemote(url: string, use: AddressUse): Promise<void> {
  if (isTopic(url)) {
    const { kafkaSettings } = await import('../adapters/kafka/settings.ts');
    kafkaSettings(url);
    return;
  }
  const { indexBase, parseElasticsearchUrl } = await import('../adapters/elasticsearch/url.ts');
  const parsed = parseElasticsearchUrl(url);
  if (use === 'source') {
    throw new LogsError('USAGE', `cannot ship from ${parsed.shown}`, { hint: 'search, tail and agg read --from it' });
  }
  indexBase(parsed);
}
