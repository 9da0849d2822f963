import { promises as files } from 'node:fs';
import { join, resolve } from 'node:path';
import { nodeFs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { type Claim, claimFolder, ownershipOf } from '../owner.ts';
import { checkStore, listWriters, tenantFolder } from '../store-folder.ts';
import { listTenants } from './store-stats.ts';

/**
 * Deletes a tenant of a store, or all of it (then `store.json` goes too). Gives the tenants dropped.
 * Throws STORE_BUSY while a writer lives: nothing is deleted then. NOT_FOUND for a store or tenant that is not there.
 */
export async function dropStore(dir: string, options: { readonly tenant?: string } = {}): Promise<readonly string[]> {
  const folder = resolve(dir);
  await checkStore(nodeFs, folder);
  const all = await listTenants(nodeFs, folder);
  const { tenant } = options;
  const tenants =
    tenant === undefined ? all : all.filter((name) => tenantFolder(folder, name) === tenantFolder(folder, tenant));
  if (tenant !== undefined && tenants.length === 0) {
    throw new LogsError('NOT_FOUND', `there is no tenant ${tenant} in ${folder}`, {
      hint: all.length === 0 ? 'The store is empty.' : `It has ${all.join(', ')}.`,
    });
  }
  const claims: Claim[] = [];
  try {
    for (const name of tenants) claims.push(...(await claimAll(join(folder, name))));
    for (const name of tenants) await files.rm(join(folder, name), { recursive: true, force: true });
    if (tenant === undefined) {
      await files.rm(join(folder, 'sources'), { recursive: true, force: true });
      await nodeFs.unlink(join(folder, 'store.json'));
    }
    await nodeFs.syncFolder(folder);
    return tenants;
  } finally {
    // Their folders may be gone; letting go of the sockets is what counts.
    for (const claim of claims) await claim.release().catch(() => undefined);
  }
}

/** Claims every writer's folder of a tenant, so that no writer can begin in one while it is deleted. */
async function claimAll(tenantDir: string): Promise<Claim[]> {
  const claims: Claim[] = [];
  try {
    for (const writer of await listWriters(nodeFs, tenantDir)) {
      const path = join(tenantDir, 'log', writer);
      const owner = await ownershipOf(nodeFs, path, Date.now());
      const claim =
        owner.state === 'alive' || owner.state === 'young' ? undefined : await claimFolder(nodeFs, path, owner.claim);
      if (claim === undefined) {
        throw new LogsError('STORE_BUSY', `a writer is at work in ${tenantDir}`, {
          hint: 'Wait until every `logs ship` on this store has ended.',
        });
      }
      claims.push(claim);
    }
    return claims;
  } catch (error) {
    for (const claim of claims) await claim.release();
    throw error;
  }
}
