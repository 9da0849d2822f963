import { closeSync, ftruncateSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Plain files of builds that are done, to be written over by the next in the same tenant: a new file costs the kernel its pages, clearing
 * and freeing them, several times what writing over those of an old one does.
 */
const spares: string[] = [];
const MOST_SPARES = 1;

/** Opens a plain file for writing from its start, and makes its folder. What it holds behind that is cut off at the end. */
export function openPlainFile(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const spare = spares.pop();
  if (spare !== undefined && tenantOf(spare) !== tenantOf(path)) {
    rmSync(spare, { force: true });
  } else if (spare !== undefined) {
    try {
      renameSync(spare, path);
      return openSync(path, 'r+');
    } catch {
      // Swept meanwhile.
      rmSync(spare, { force: true });
    }
  }
  return openSync(path, 'w', 0o600);
}

/** Plain files lie in a tenant's folders of days. A spare holds its events until it is written over: it stays in there. */
function tenantOf(path: string): string {
  return dirname(dirname(path));
}

/** Ends a plain file of so many bytes. */
export function closePlainFile(fd: number, bytes: number): void {
  ftruncateSync(fd, bytes);
  closeSync(fd);
}

/** Keeps a plain file that is not needed any more for the next one, or deletes it. */
export function sparePlainFile(path: string): void {
  if (spares.length < MOST_SPARES) spares.push(path);
  else rmSync(path, { force: true });
}

/** Deletes what is kept for the next. */
export function deleteSpareFiles(): void {
  for (const path of spares.splice(0)) rmSync(path, { force: true });
}
