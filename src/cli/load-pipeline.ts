import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { AddressRules } from '../lib/config/address.ts';
import type { ResolvedPipeline } from '../lib/config/resolve-pipeline.ts';
import { LogsError, systemReason } from '../lib/errors.ts';

/**
 * The pipeline that flags and a file say; flags win. `settings` are nested as in a file.
 * @throws LogsError with everything that is wrong, before anything is opened
 */
export async function loadPipeline(
  file: string | undefined,
  settings: object,
  secrets: AddressRules['secrets'] = 'needed',
): Promise<ResolvedPipeline> {
  const { resolvePipeline } = await import('../lib/config/resolve-pipeline.ts');
  const { checkRemote } = await import('../lib/wire/addresses.ts');
  const text = file === undefined ? undefined : await readText(file);
  return resolvePipeline(
    {
      flags: settings,
      ...(file === undefined || text === undefined
        ? {}
        : { file: { name: file === '-' ? 'standard input' : file, text } }),
    },
    { readRemote: checkRemote, secrets },
  );
}

/** A file of settings or examples, or standard input for `-`. Throws NOT_FOUND or NOT_READABLE, naming it. */
export async function readText(file: string): Promise<string> {
  let bytes: Buffer;
  try {
    bytes = file === '-' ? await buffer(process.stdin) : await readFile(file);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new LogsError(missing ? 'NOT_FOUND' : 'NOT_READABLE', `cannot read ${file}: ${systemReason(error)}`, {
      cause: error,
    });
  }
  if (!isUtf8(bytes) || bytes.includes(0)) {
    throw new LogsError('NOT_READABLE', `${file} is no text in UTF-8`, { hint: 'is it the right file?' });
  }
  return bytes.toString('utf8').replace(/^\ufeff/, '');
}

/** The one file that a command takes. Throws USAGE where there is none or more than that. */
export function oneFile(positionals: readonly string[], example: string): string {
  const [file, ...others] = positionals;
  if (file === undefined || file === '') throw new LogsError('USAGE', 'no pipeline file was named', { hint: example });
  if (others.length > 0) {
    throw new LogsError('USAGE', `one file at a time: ${others[0]} is one too many`, { hint: example });
  }
  return file;
}
