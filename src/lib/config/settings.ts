import { FORMATS } from '../parse/formats.ts';
import { ENCODINGS } from '../read/decode.ts';
import { fields, routes, shares, target, texts } from './list-settings.ts';
import { LAG_DEFAULTS, PIPELINE_DEFAULTS as preset, WHEN_FULL } from './pipeline.ts';
import { choice, count, duration, filter, multiline, size, text } from './scalar-settings.ts';

const KIB = 1024;
const GIB = 1024 ** 3;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/**
 * Every setting of a pipeline by its place in a file, in the order of docs/pipelines.md: the one table that files,
 * flags, documentation and the JSON Schema for editors are made from.
 */
export const SETTINGS = {
  from: texts({
    meaning: 'what is read: files, folders, patterns, `kafka://…`, `-`; nothing: standard input',
    addresses: true,
    preset: preset.from,
    flag: 'from',
  }),
  exclude: texts({
    meaning: 'patterns of files that are left out',
    addresses: false,
    preset: preset.exclude,
    flag: 'exclude',
  }),
  'read.service': text({
    meaning: 'service of events that name none',
    preset: preset.read.service,
    flag: 'service',
  }),
  'read.fields': fields({ meaning: 'fields added to every event', preset: preset.read.fields, flag: 'field' }),
  'read.format': choice(FORMATS, {
    meaning: 'how lines are read; else found for each',
    preset: preset.read.format as undefined,
    flag: 'format',
  }),
  'read.multiline': multiline({
    meaning: 'join stack traces (auto), nothing (none), or what is between lines that match a regular expression',
    preset: preset.read.multiline,
    flag: 'multiline',
  }),
  'read.encoding': choice(ENCODINGS, {
    meaning: 'encoding of the input; else UTF-8, or UTF-16 by its byte order mark',
    preset: preset.read.encoding as undefined,
    flag: 'encoding',
  }),
  drop: filter({ meaning: 'events that match go nowhere', preset: preset.drop, flag: 'drop' }),
  'sample.keep': shares({
    meaning: 'share of the events of a level that is kept, the same for all of one trace',
    preset: preset.sample.keep,
    flag: 'keep',
  }),
  'sample.when-lag-above.events': count(
    { min: 1, max: 1e12 },
    {
      meaning: 'consumers that are so many events behind are spared: less is kept',
      preset: LAG_DEFAULTS.events,
      flag: 'lag-above',
    },
  ),
  'sample.when-lag-above.group': text({
    meaning: 'the consumer group that is meant; else the one that reads the source',
    preset: LAG_DEFAULTS.group,
    flag: 'lag-group',
  }),
  'sample.when-lag-above.keep': shares({
    meaning: 'what is kept then, where it is less',
    preset: LAG_DEFAULTS.keep,
    flag: 'lag-keep',
  }),
  routes: routes({
    meaning: 'where events go that match; the first takes an event, unless it says `continue: true`',
    preset: preset.routes,
    flag: 'route',
  }),
  to: target({ meaning: 'where all other events go', preset: preset.to, flag: 'to' }),
  'batch.events': count(
    { min: 1, max: 100_000 },
    { meaning: 'events of a batch, at the most', preset: preset.batch.events, flag: 'batch-events' },
  ),
  'batch.bytes': size(
    { min: KIB, max: 64 * KIB * KIB },
    { meaning: 'bytes of a batch, at the most', preset: preset.batch.bytes, flag: 'batch-bytes' },
  ),
  'batch.after': duration(
    { min: 1, max: MINUTE },
    { meaning: 'a batch that is not full is sent after this', preset: preset.batch.after, flag: 'batch-after' },
  ),
  'retry.attempts': count(
    { min: 1, max: 1_000_000, word: 'unlimited' },
    {
      meaning: 'how often one batch is sent before it goes to the dead letters',
      preset: preset.retry.attempts,
      flag: 'retry-attempts',
    },
  ),
  'retry.first': duration(
    { min: 1, max: MINUTE },
    {
      meaning: 'the first wait is at the most this, each further one up to twice the last',
      preset: preset.retry.first,
      flag: 'retry-first',
    },
  ),
  'retry.most': duration(
    { min: 1, max: 60 * MINUTE },
    { meaning: 'no wait is longer', preset: preset.retry.most, flag: 'retry-most' },
  ),
  'breaker.failures': count(
    { min: 1, max: 1000 },
    {
      meaning: 'failures in a row after which an address is left alone for a while',
      preset: preset.breaker.failures,
      flag: 'breaker-failures',
    },
  ),
  'breaker.pause': duration(
    { min: 10, max: 60 * MINUTE },
    { meaning: 'for so long', preset: preset.breaker.pause, flag: 'breaker-pause' },
  ),
  concurrency: count(
    { min: 1, max: 256 },
    {
      meaning: 'requests under way at once to one address, at the most; fewer while it is slow or busy',
      preset: preset.concurrency,
      flag: 'concurrency',
    },
  ),
  'queue.dir': text({
    meaning: 'folder of the disk queues before other machines; else `LOGS_QUEUE`, else `~/.local/share/logs-queues`',
    preset: preset.queue?.dir,
    flag: 'queue-dir',
  }),
  'queue.bytes': size(
    { min: KIB * KIB, max: 16 * KIB * GIB },
    { meaning: 'room that the queue of one address may take', preset: preset.queue?.bytes ?? GIB, flag: 'queue-bytes' },
  ),
  'queue.age': duration(
    { min: SECOND, max: 3650 * DAY, word: 'unlimited' },
    { meaning: 'events that have waited longer go to the dead letters', preset: preset.queue?.age, flag: 'queue-age' },
  ),
  'queue.when-full': choice(WHEN_FULL, {
    meaning:
      'what a full queue does: reading waits, new events or the oldest are left out, or, from half full on, ever fewer below WARN are taken',
    preset: preset.queue?.whenFull ?? 'block',
    flag: 'when-full',
  }),
  'dead-letters.dir': text({
    meaning:
      'folder of the events that nobody takes; else `LOGS_DEAD_LETTERS`, else `~/.local/share/logs-dead-letters`',
    preset: preset.deadLetters,
    flag: 'dead-letters',
  }),
} as const;

export type SettingName = keyof typeof SETTINGS;
