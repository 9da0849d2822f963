import { hostname } from 'node:os';
import type { PipelineRead } from '../lib/config/pipeline.ts';
import type { ReadOptions } from '../lib/app/ship-source.ts';
import { LogsError } from '../lib/errors.ts';
import type { Encoding } from '../lib/read/decode.ts';

/** What a pipeline says of reading, as the reading of sources needs it. */
export async function readOptions(read: PipelineRead): Promise<ReadOptions> {
  const { service, fields, format, multiline, encoding } = read;
  return {
    encoding: encoding as Encoding | undefined,
    multiline: multiline === 'auto' || multiline === 'none' ? multiline : await ruleOf(multiline),
    context: {
      host: hostname(),
      zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      ...(service === undefined ? {} : { service }),
      ...(format === undefined ? {} : { format }),
      ...(Object.keys(fields).length === 0 ? {} : { fields }),
    },
  };
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
