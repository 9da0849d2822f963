import * as Flags from '@oclif/core/flags';
import { splitAddresses } from '../lib/config/list-settings.ts';
import { durationText } from '../lib/config/scalar-settings.ts';
import { quoted, type SettingFacts, type Takes, textOf } from '../lib/config/setting.ts';
import { SETTINGS } from '../lib/config/settings.ts';
import { sizeText } from '../lib/config/size-text.ts';
import { LogsError } from '../lib/errors.ts';

/** Values of flags that say settings of a pipeline, as typed. */
export interface PipelineFlags {
  readonly [flag: string]: unknown;
}

const VALUE: { readonly [K in Takes['kind']]: string } = {
  text: 'NAME',
  texts: 'NAME',
  multiline: 'auto|none|REGEX',
  filter: 'QUERY',
  choice: 'WORD',
  count: 'N',
  size: 'SIZE',
  duration: 'DURATION',
  shares: 'LEVEL=SHARE',
  fields: 'NAME=VALUE',
  target: 'URL',
  routes: 'QUERY => URL',
};

const REPEATED: ReadonlySet<Takes['kind']> = new Set(['texts', 'shares', 'fields', 'routes']);

/** A flag for every setting of a pipeline, and those two that say one in another way. */
export const pipelineFlags = {
  ...Object.fromEntries(Object.values(SETTINGS).map((setting: SettingFacts) => [setting.flag, flagFor(setting)])),
  copies: Flags.string({
    summary: 'send every event to all addresses of --to; it is safe when so many have it',
    helpValue: 'N|all',
    helpGroup: 'DELIVERY',
  }),
  'no-queue': Flags.boolean({
    summary: 'keep nothing on this disk before other machines',
    exclusive: ['queue-dir', 'queue-bytes', 'queue-age', 'when-full'],
    helpGroup: 'DELIVERY',
  }),
};

function flagFor(setting: SettingFacts) {
  const { meaning, takes, flag } = setting;
  const repeated = REPEATED.has(takes.kind);
  const preset = presetText(setting);
  const summary = [
    meaning.replaceAll('`', ''),
    ...(repeated ? ['may be repeated'] : []),
    ...(preset === '' ? [] : [`default ${preset}`]),
  ].join('; ');
  const common = {
    summary,
    helpValue: takes.kind === 'text' ? flag.toUpperCase().replace(/^.*-/, '') : VALUE[takes.kind],
  };
  const group = /^(?:batch|retry|breaker|queue|when|dead)-|^concurrency$/.test(flag)
    ? { helpGroup: 'DELIVERY' }
    : /^(?:drop|keep|lag|route)/.test(flag)
      ? { helpGroup: 'ROUTES' }
      : {};
  const options = takes.kind === 'choice' ? { options: [...takes.of] } : {};
  return repeated
    ? Flags.string({ ...common, ...group, multiple: true, multipleNonGreedy: true })
    : Flags.string({ ...common, ...group, ...options });
}

/** What holds where nothing is said, as it is typed; empty where that is nothing. */
export function presetText({ takes, preset }: SettingFacts): string {
  switch (takes.kind) {
    case 'size':
      return sizeText(Number(preset));
    case 'duration':
      return preset === undefined ? (takes.word ?? '') : durationText(Number(preset));
    case 'count':
      return preset === undefined ? (takes.word ?? '') : textOf(preset);
    case 'shares':
      return Object.entries(preset as object)
        .map(([level, share]) => `${level}=${share}`)
        .join(' ');
    case 'target':
      return (preset as { readonly urls: readonly string[] }).urls.join(',');
    case 'choice':
    case 'multiline':
      return preset === undefined ? '' : textOf(preset);
    default:
      return '';
  }
}

/**
 * What flags say, nested as it would stand in a file; `files` are sources named without a flag.
 * @throws LogsError USAGE for what cannot be taken apart
 */
export function settingsOf(flags: PipelineFlags, files: readonly string[] = []): object {
  const top: { [key: string]: unknown } = {};
  for (const [name, { flag, takes }] of Object.entries(SETTINGS) as [string, SettingFacts][]) {
    const value = flags[flag];
    if (value !== undefined) put(top, name.split('.'), READ[takes.kind]?.(value, flag) ?? value);
  }
  const from = [...files, ...((flags['from'] as readonly string[] | undefined) ?? [])];
  if (from.length > 0) top['from'] = from;
  if (flags['no-queue'] === true) top['queue'] = 'none';
  if (flags['copies'] !== undefined) top['to'] = replicated(flags['to'], textOf(flags['copies']));
  return top;
}

function replicated(to: unknown, copies: string) {
  if (to === undefined) {
    throw new LogsError('USAGE', '--copies is of the addresses of --to, and there is no --to', {
      hint: '--to es://one,es://two --copies all',
    });
  }
  return { replicate: splitAddresses(textOf(to)), copies: /^\d+$/.test(copies) ? Number(copies) : copies };
}

/** How the values of flags are taken apart that stand in a file as lists or groups. */
const READ: { readonly [K in Takes['kind']]?: (value: unknown, flag: string) => unknown } = {
  fields: (value, flag) => pairs(value, flag, 'a name and a value', 'env=prod'),
  shares: (value, flag) => pairs(value, flag, 'a level and a share', 'DEBUG=0.1'),
  routes: (value) =>
    (value as readonly string[]).map((rule) => {
      const at = rule.lastIndexOf('=>');
      if (at === -1) {
        throw new LogsError('USAGE', `--route ${quoted(rule)} has no => between a query and an address`, {
          hint: "write --route 'level>=ERROR => kafka://host/logs-errors'",
        });
      }
      return { match: rule.slice(0, at).trim(), to: rule.slice(at + 2).trim() };
    }),
};

function pairs(value: unknown, flag: string, what: string, example: string): object {
  const entries = (value as readonly string[]).map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at <= 0) {
      throw new LogsError('USAGE', `--${flag} ${pair} is no pair of ${what}`, { hint: `write --${flag} ${example}` });
    }
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  // Object.fromEntries makes own properties, whatever the names.
  return Object.fromEntries(entries);
}

function put(top: { [key: string]: unknown }, [first = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) top[first] = value;
  else put((top[first] ??= {}) as { [key: string]: unknown }, rest, value);
}
