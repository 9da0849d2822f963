import { hostname } from 'node:os';
import * as Flags from '@oclif/core/flags';
import type { ReadOptions } from '../lib/app/ship-source.ts';
import { LogsError } from '../lib/errors.ts';
import { FORMATS } from '../lib/parse/formats.ts';
import { ENCODINGS, type Encoding } from '../lib/read/decode.ts';

/** What `logs ship` takes beside its files. */
export const shipFlags = {
  to: Flags.string({
    summary: 'where to: store, store:DIR, file:PATH, - (NDJSON on standard output), null:',
    helpValue: 'URL',
    default: 'store',
  }),
  service: Flags.string({ summary: 'service of events that name none', helpValue: 'NAME' }),
  field: Flags.string({
    summary: 'a field added to every event; may be repeated',
    helpValue: 'NAME=VALUE',
    multiple: true,
    multipleNonGreedy: true,
  }),
  format: Flags.string({
    summary: 'how lines are read; default: found for each',
    options: [...FORMATS],
    helpValue: 'FORMAT',
  }),
  multiline: Flags.string({
    summary: 'join stack traces (auto), nothing (none), or what is between lines that match a regular expression',
    helpValue: 'auto|none|REGEX',
    default: 'auto',
  }),
  encoding: Flags.string({
    summary: 'encoding of the input; default UTF-8, or UTF-16 by its byte order mark',
    options: [...ENCODINGS],
    helpValue: 'ENCODING',
  }),
  again: Flags.boolean({ summary: 'ship files whole, whatever was shipped of them before' }),
};

export interface ShipFlags {
  readonly service?: string | undefined;
  readonly field?: readonly string[] | undefined;
  readonly format?: string | undefined;
  readonly multiline: string;
  readonly encoding?: string | undefined;
}

/** Flags as what the reading of sources needs. Throws USAGE, naming the flag. */
export async function readOptions(flags: ShipFlags): Promise<ReadOptions> {
  const fields = fieldsOf(flags.field ?? []);
  return {
    encoding: flags.encoding as Encoding | undefined,
    multiline:
      flags.multiline === 'auto' || flags.multiline === 'none' ? flags.multiline : await ruleOf(flags.multiline),
    context: {
      host: hostname(),
      zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      ...(flags.service === undefined ? {} : { service: flags.service }),
      ...(flags.format === undefined ? {} : { format: flags.format }),
      ...(fields === undefined ? {} : { fields }),
    },
  };
}

function fieldsOf(pairs: readonly string[]): { readonly [key: string]: string } | undefined {
  if (pairs.length === 0) return undefined;
  const entries = pairs.map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at <= 0) {
      throw new LogsError('USAGE', `--field ${pair} is no pair of a name and a value`, {
        hint: 'write --field env=prod',
      });
    }
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  // Object.fromEntries makes own properties, whatever the names.
  return Object.fromEntries(entries);
}

/** The linear engine: a pattern of the user's must not stall on any input. */
async function ruleOf(source: string): Promise<{ test(line: string): boolean }> {
  const { RE2JS } = await import('re2js');
  try {
    const pattern = RE2JS.compile(source);
    return { test: (line) => pattern.matcher(line).find() };
  } catch (error) {
    throw new LogsError(
      'USAGE',
      `--multiline ${source} is no regular expression: ${error instanceof Error ? error.message : String(error)}`,
      {
        hint: 'it is found in the first line of each event, for example --multiline "^\\d{4}-"; look-around and back-references are not supported',
        cause: error,
      },
    );
  }
}
