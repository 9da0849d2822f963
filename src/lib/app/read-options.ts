import { hostname } from 'node:os';
import type { PipelineRead } from '../config/pipeline.ts';
import { compileRegex } from '../query/regex.ts';
import type { Encoding } from '../read/decode.ts';
import type { ReadOptions } from './ship-source.ts';

/** How sources are read on this machine, as a pipeline says it. */
export function readOptionsOf({ service, fields, format, multiline, encoding }: PipelineRead): ReadOptions {
  return {
    encoding: encoding as Encoding | undefined,
    // The linear engine: a pattern of the user's must not stall on any input.
    multiline: multiline === 'auto' || multiline === 'none' ? multiline : { test: compileRegex(multiline, '') },
    context: {
      host: hostname(),
      zone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
      ...(service === undefined ? {} : { service }),
      ...(format === undefined ? {} : { format }),
      ...(Object.keys(fields).length === 0 ? {} : { fields }),
    },
  };
}
