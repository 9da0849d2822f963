import { LogsError } from '../../errors.ts';
import type { KafkaAdmin, TopicInfo } from './kafka-transport.ts';
import type { KafkaSettings } from './settings.ts';

/** The topics of those names, made first where the address says so and they are not there. Throws REMOTE_UNSUITABLE. */
export async function ensureTopics(
  admin: KafkaAdmin,
  names: readonly string[],
  { create, shape }: Pick<KafkaSettings, 'create' | 'shape'>,
): Promise<readonly TopicInfo[]> {
  if (create) {
    const known = new Set(await admin.topicNames());
    for (const name of names) if (!known.has(name)) await admin.createTopic(name, shape);
  }
  return admin.topics(names);
}

/**
 * The topics that names and patterns mean, `otherwise` where there are none. A pattern means no topic of Kafka's own.
 * Throws REMOTE_UNSUITABLE for a pattern that means nothing.
 */
export async function namesOf(
  admin: KafkaAdmin,
  given: readonly string[],
  otherwise: string,
  url: string,
): Promise<readonly string[]> {
  if (given.length === 0) return [otherwise];
  if (!given.some(isPattern)) return given;
  const known = await admin.topicNames();
  const names = given.flatMap((name) => {
    if (!isPattern(name)) return [name];
    const pattern = new RegExp(`^${name.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
    const meant = known.filter((topic) => pattern.test(topic) && !topic.startsWith('__')).sort();
    if (meant.length > 0) return meant;
    throw new LogsError('REMOTE_UNSUITABLE', `${url}: no topic matches ${name}`, {
      hint: 'logs kafka topics URL lists them',
    });
  });
  return [...new Set(names)];
}

function isPattern(name: string): boolean {
  return name.includes('*');
}
