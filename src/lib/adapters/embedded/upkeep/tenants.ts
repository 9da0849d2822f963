import { join } from 'node:path';
import type { Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { tenantFolder } from '../store-folder.ts';

/** Folders of a store that are no tenants. */
const OTHERS = new Set(['sources']);

/** Tenants of a store, by name. */
export async function listTenants(fs: Fs, dir: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await fs.list(dir)) {
    if (OTHERS.has(name) || !/^[A-Za-z0-9_-]{1,64}$/.test(name)) continue;
    if ((await fs.stat(join(dir, name)))?.kind === 'folder') found.push(name);
  }
  return found.sort();
}

/** The tenant named, or all. Throws USAGE for an impossible name, NOT_FOUND for one that is not there. */
export async function tenantsOf(fs: Fs, dir: string, tenant: string | undefined): Promise<readonly string[]> {
  const all = await listTenants(fs, dir);
  if (tenant === undefined) return all;
  const path = tenantFolder(dir, tenant);
  const found = all.filter((name) => join(dir, name) === path);
  if (found.length > 0) return found;
  throw noTenant(dir, tenant, all);
}

export function noTenant(dir: string, tenant: string, all: readonly string[]): LogsError {
  return new LogsError('NOT_FOUND', `there is no tenant ${tenant} in ${dir}`, {
    hint: all.length === 0 ? 'The store is empty.' : `It has ${all.join(', ')}.`,
  });
}
