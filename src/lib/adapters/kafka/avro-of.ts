import type { AvroReader } from './message-event.ts';
import type { KafkaSettings } from './settings.ts';

/** What reads Avro, where the address names a registry. */
export async function avroOf({ registry }: KafkaSettings): Promise<AvroReader | undefined> {
  if (registry === undefined) return undefined;
  const { avroReader } = await import('./avro-records.ts');
  return avroReader(registry);
}
