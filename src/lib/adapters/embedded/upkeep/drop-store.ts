import { promises as files } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureFolder, removeIfThere, TEMPORARY, temporaryName } from '../../../buffer/durable.ts';
import { fileFailure } from '../../../buffer/failure.ts';
import { errorCode, nodeFs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import { type Claim, claimFolder, ownershipOf } from '../../../buffer/owner.ts';
import { listWriters } from '../../../buffer/log-folder.ts';
import { SOURCES, sweepSources } from '../../../buffer/source-claims.ts';
import { checkStore, markStore, tenantFolder } from '../store-folder.ts';
import { listTenants, noTenant } from './tenants.ts';

/** No tenant's name has a dot. */
const DROPPED = '.drop';

/**
 * Deletes a tenant of a store, or all of it (then `store.json` goes too). Gives the tenants dropped. Each is moved away
 * before anything of it is deleted: it is there as a whole or not at all, and what is shipped from then on begins a new
 * one, which stays. Throws STORE_BUSY while a writer lives: nothing is deleted then. NOT_FOUND for a store or tenant that
 * is not there.
 */
export async function dropStore(dir: string, options: { readonly tenant?: string } = {}): Promise<readonly string[]> {
  const folder = resolve(dir);
  await checkStore(nodeFs, folder);
  try {
    const tenants = await tenantsToDrop(folder, options.tenant);
    await moveAway(folder, tenants);
    await deleteMoved(folder);
    if (options.tenant === undefined) await unmarkStore(folder);
    return tenants;
  } catch (error) {
    throw fileFailure(error, folder, 'delete');
  }
}

async function tenantsToDrop(folder: string, tenant: string | undefined): Promise<readonly string[]> {
  const all = await listTenants(nodeFs, folder);
  if (tenant === undefined) return all;
  const tenants = all.filter((name) => tenantFolder(folder, name) === tenantFolder(folder, tenant));
  if (tenants.length > 0) return tenants;
  // One of an earlier drop may have been moved away, but not yet deleted.
  await deleteMoved(folder);
  throw noTenant(folder, tenant, all);
}

/** Moves tenants that no writer is at work in out of every reader's and writer's sight, for good. */
async function moveAway(folder: string, tenants: readonly string[]): Promise<void> {
  const claims: Claim[] = [];
  try {
    for (const name of tenants) await claimAll(join(folder, name), claims);
    for (const name of tenants) await nodeFs.rename(join(folder, name), join(folder, temporaryName(DROPPED)));
    await nodeFs.syncFolder(folder);
  } finally {
    for (const claim of claims) await claim.release();
  }
}

/** Those of a drop that was cut short, too. */
async function deleteMoved(folder: string): Promise<void> {
  for (const name of await nodeFs.list(folder)) {
    if (TEMPORARY.test(name) && name.endsWith(DROPPED))
      await files.rm(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * Takes what is left of a store without tenants. A writer makes its tenant first and then sees to it that `store.json` is
 * there: either it finds it gone, or we find the tenant.
 */
async function unmarkStore(folder: string): Promise<void> {
  await sweepSources(nodeFs, folder, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  // Files may be claimed that are about to be shipped.
  await nodeFs.removeFolder(join(folder, SOURCES)).catch(unless('ENOENT', 'ENOTEMPTY', 'EEXIST'));
  if ((await listTenants(nodeFs, folder)).length > 0) return;
  await removeIfThere(nodeFs, join(folder, 'store.json'));
  if ((await listTenants(nodeFs, folder)).length > 0) await markStore(nodeFs, folder);
  await nodeFs.syncFolder(folder);
}

/**
 * Claims a tenant's folder of writers, which keeps new ones out, and then every writer's, so that none can begin in one
 * that is there.
 */
async function claimAll(tenantDir: string, claims: Claim[]): Promise<void> {
  const log = join(tenantDir, 'log');
  await ensureFolder(nodeFs, log);
  const entrance = await ownershipOf(nodeFs, log, Date.now());
  if (entrance.state === 'alive') throw busy(`${tenantDir} is being dropped`, 'Wait until that has ended.');
  await claimOne(log, 'claim' in entrance ? entrance.claim : 0, tenantDir, claims);
  for (const writer of await listWriters(nodeFs, tenantDir)) {
    const path = join(log, writer);
    const owner = await ownershipOf(nodeFs, path, Date.now());
    if (owner.state === 'alive' || owner.state === 'young') throw atWork(tenantDir);
    await claimOne(path, owner.claim, tenantDir, claims);
  }
}

async function claimOne(path: string, after: number, tenantDir: string, claims: Claim[]): Promise<void> {
  const claim = await claimFolder(nodeFs, path, after);
  if (claim === undefined) throw atWork(tenantDir);
  claims.push(claim);
}

function atWork(tenantDir: string): LogsError {
  return busy(`a writer is at work in ${tenantDir}`, 'Wait until every `logs ship` on this store has ended.');
}

function busy(message: string, hint: string): LogsError {
  return new LogsError('STORE_BUSY', message, { hint });
}

function unless(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!codes.includes(errorCode(error) ?? '')) throw error;
  };
}
