import { join } from 'node:path';
import { ensureFolder, ensureFolders, putIfAbsent } from '../../buffer/durable.ts';
import { fileFailure } from '../../buffer/failure.ts';
import { errorCode, type Fs, isNoPath } from '../../buffer/fs.ts';
import { refuseRemoteVolume } from '../../buffer/local-volume.ts';
import { SOURCES } from '../../buffer/source-claims.ts';
import { LogsError } from '../../errors.ts';

/** What this program writes; a store of another format is refused. */
const STORE_FORMAT = 2;
export const DEFAULT_TENANT = 'default';

const TENANT = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Checks that a folder is a store that this program can read.
 * Throws NOT_FOUND when there is none, STORE_VERSION for another format, STORE_DAMAGED when `store.json` is not whole.
 */
export async function checkStore(fs: Fs, dir: string): Promise<void> {
  const path = join(dir, 'store.json');
  let text: string;
  try {
    text = (await fs.readFile(path)).toString('utf8');
  } catch (error) {
    if (isNoPath(error)) {
      throw new LogsError('NOT_FOUND', `there is no store at ${dir}`, {
        hint: 'Ship something into it with `logs ship`, or name another folder with --store.',
      });
    }
    throw fileFailure(error, path, 'read');
  }
  const format = formatIn(text);
  if (format === undefined) {
    throw new LogsError('STORE_DAMAGED', `${path} does not say which format the store has`, {
      hint: `A store of this version has {"format":${STORE_FORMAT}} there.`,
    });
  }
  if (format !== STORE_FORMAT) {
    throw new LogsError(
      'STORE_VERSION',
      `the store at ${dir} has format ${format}, this version of logs knows ${STORE_FORMAT}`,
      {
        hint:
          format > STORE_FORMAT
            ? 'Use the version of logs that wrote it, or a newer one.'
            : 'A version of logs made it that was never released: ship its sources again, into another folder.',
      },
    );
  }
}

function formatIn(text: string): number | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('format' in value)) return undefined;
    const format = Number.isSafeInteger(value.format) ? Number(value.format) : 0;
    return format >= 1 ? format : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes a folder a store, if it is not one yet, with a folder for the tenant; gives the tenant's folder. Everything
 * made is on the disk when it returns. Throws NOT_WRITABLE, NO_SPACE, STORE_VERSION, STORE_DAMAGED as the case may be;
 * STORE_UNSUITABLE on a network file system, and for a folder that holds other things.
 */
export async function prepareStore(fs: Fs, dir: string, tenant: string = DEFAULT_TENANT): Promise<string> {
  const folder = tenantFolder(dir, tenant);
  try {
    await ensureFolders(fs, dir);
    await refuseRemoteVolume(fs, dir);
    if ((await fs.stat(join(dir, 'store.json'))) === undefined) {
      await refuseForeign(fs, dir);
      await markStore(fs, dir);
    }
    await checkStore(fs, dir);
    await ensureFolder(fs, folder);
    await ensureFolder(fs, join(folder, 'log'));
    await ensureFolder(fs, join(folder, 'commits'));
    return folder;
  } catch (error) {
    // Where no folder can be made, /proc say, the system denies that there is any.
    if (errorCode(error) === 'ENOENT') {
      throw new LogsError('NOT_WRITABLE', `cannot write to the store ${dir}: the folder cannot be made there`, {
        hint: 'Choose another folder with --store.',
        cause: error,
      });
    }
    throw fileFailure(error, dir, 'write to the store');
  }
}

/** Puts `store.json` where it is not there: without it a folder is no store. */
export async function markStore(fs: Fs, dir: string): Promise<void> {
  const path = join(dir, 'store.json');
  if ((await fs.stat(path)) === undefined) await putIfAbsent(fs, path, Buffer.from(`{"format":${STORE_FORMAT}}\n`));
}

/** The folder of a tenant. Throws USAGE for a name that is not 1 to 64 letters, digits, `_` and `-`, and for `sources`. */
export function tenantFolder(dir: string, tenant: string = DEFAULT_TENANT): string {
  if (!TENANT.test(tenant) || tenant === SOURCES) {
    throw new LogsError('USAGE', `${JSON.stringify(tenant)} is no name of a tenant`, {
      hint: 'Use 1 to 64 letters, digits, _ and -, but not `sources`.',
    });
  }
  return join(dir, tenant);
}

/** A mistyped --store must not fill someone's home folder with ours. */
async function refuseForeign(fs: Fs, dir: string): Promise<void> {
  const known = ['store.json', SOURCES, 'lost+found'];
  const other = (await fs.list(dir)).find((name) => !known.includes(name) && !name.startsWith('tmp-'));
  if (other === undefined) return;
  throw new LogsError('STORE_UNSUITABLE', `${dir} is not a store and not empty (it has ${JSON.stringify(other)})`, {
    hint: 'Choose an empty folder, or one that does not exist yet, with --store.',
  });
}
