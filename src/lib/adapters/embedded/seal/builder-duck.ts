import { Duck } from '../segment/duckdb.ts';

/** MiB for DuckDB; a COPY that needs more is tried again with smaller row groups. */
const MEMORY = 256;

/** The database of a folder, and how many builds use it now. */
interface Shared {
  readonly duck: Promise<Duck>;
  users: number;
}

/** Making a database takes about a tenth of a second, so the last one stays for the next build in the same folder. */
const shared = new Map<string, Shared>();

/** A database that may read and write one folder, shared by the builds of this thread until each has returned it. */
export async function borrowDuck(folder: string): Promise<Duck> {
  const one = shared.get(folder) ?? { duck: Duck.open({ threads: 1, memory: MEMORY, folder }), users: 0 };
  one.users += 1;
  shared.set(folder, one);
  for (const [other, { duck, users }] of shared) {
    if (other === folder || users > 0) continue;
    shared.delete(other);
    await (await duck).close();
  }
  try {
    return await one.duck;
  } catch (error) {
    shared.delete(folder);
    throw error;
  }
}

export function returnDuck(folder: string): void {
  const one = shared.get(folder);
  if (one !== undefined) one.users -= 1;
}
