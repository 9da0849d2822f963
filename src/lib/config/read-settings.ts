import type { Pipeline } from './pipeline.ts';
import type { Listener, Misfit, Path } from './setting.ts';
import { SETTINGS, type SettingName } from './settings.ts';

/** Hears the same as a listener to a single setting, with paths from the top. */
export interface SettingsListener extends Omit<Listener, 'wrong'> {
  readonly wrong: (misfit: Misfit & { readonly path: Path }) => void;
}

type Read<N extends SettingName> = ReturnType<(typeof SETTINGS)[N]['read']>;

/**
 * A pipeline from settings as they stand in a file, nested as there and of the right shape. What is wrong is told of,
 * and the default taken for it.
 */
export function readSettings(raw: unknown, listener: SettingsListener): Pipeline {
  const read = <N extends SettingName>(name: N): Read<N> => {
    const top = name.split('.');
    return SETTINGS[name].read(valueAt(raw, top), {
      wrong: (misfit) => listener.wrong({ ...misfit, path: [...top, ...(misfit.path ?? [])] }),
      address: (text, use, path) => listener.address(text, use, [...top, ...path]),
    }) as Read<N>;
  };
  const retry = { attempts: read('retry.attempts'), first: read('retry.first'), most: read('retry.most') };
  if (retry.first > retry.most) {
    listener.wrong({
      what: 'the first wait is longer than the longest',
      hint: 'retry.first is at the most retry.most',
      path: valueAt(raw, ['retry', 'first']) === undefined ? ['retry', 'most'] : ['retry', 'first'],
    });
  }
  return {
    from: read('from'),
    exclude: read('exclude'),
    read: {
      service: read('read.service'),
      fields: read('read.fields'),
      format: read('read.format'),
      multiline: read('read.multiline'),
      encoding: read('read.encoding'),
    },
    drop: read('drop'),
    sample: {
      keep: read('sample.keep'),
      whenLagAbove:
        valueAt(raw, ['sample', 'when-lag-above']) === undefined
          ? undefined
          : {
              events: read('sample.when-lag-above.events'),
              group: read('sample.when-lag-above.group'),
              keep: read('sample.when-lag-above.keep'),
            },
    },
    routes: read('routes'),
    to: read('to'),
    batch: { events: read('batch.events'), bytes: read('batch.bytes'), after: read('batch.after') },
    retry,
    breaker: { failures: read('breaker.failures'), pause: read('breaker.pause') },
    concurrency: read('concurrency'),
    queue:
      valueAt(raw, ['queue']) === 'none'
        ? undefined
        : {
            dir: read('queue.dir'),
            bytes: read('queue.bytes'),
            age: read('queue.age'),
            whenFull: read('queue.when-full'),
          },
    deadLetters: read('dead-letters.dir'),
  };
}

/** What stands under some keys; undefined where nothing does. */
export function valueAt(raw: unknown, path: Path): unknown {
  let at = raw;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string | number, unknown>)[key];
  }
  return at;
}
