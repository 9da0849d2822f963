import { fstatSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Plain files of builds that are done, to be written over by the next in the same tenant: a new file costs the kernel its pages, clearing
 * and freeing them, several times what writing over those of an old one does.
 */
const spares: string[] = [];
/** As many as are filled, read by DuckDB and waiting to be filled. */
const MOST_SPARES = 3;
/** A larger one, of segments that are merged, is disk space that hardly any other needs. */
const LARGEST_SPARE = 32e6;

/** A file to be written from its start, and the bytes that are in it from before: it keeps its size unless it needs more. */
export interface PlainFile {
  readonly fd: number;
  readonly size: number;
}

/** Opens a plain file, and makes its folder. */
export function openPlainFile(path: string): PlainFile {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const spare = spares.pop();
  if (spare !== undefined && tenantOf(spare) !== tenantOf(path)) {
    rmSync(spare, { force: true });
  } else if (spare !== undefined) {
    try {
      renameSync(spare, path);
      const fd = openSync(path, 'r+');
      return { fd, size: fstatSync(fd).size };
    } catch {
      // Swept meanwhile.
      rmSync(spare, { force: true });
    }
  }
  return { fd: openSync(path, 'w', 0o600), size: 0 };
}

/** Plain files lie in a tenant's folders of days. A spare holds its events until it is written over: it stays in there. */
function tenantOf(path: string): string {
  return dirname(dirname(path));
}

/** Keeps a plain file that is not needed any more for the next one, or deletes it. */
export function sparePlainFile(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (spares.length < MOST_SPARES && size !== undefined && size <= LARGEST_SPARE) spares.push(path);
  else rmSync(path, { force: true });
}

/** Deletes what is kept for the next. */
export function deleteSpareFiles(): void {
  for (const path of spares.splice(0)) rmSync(path, { force: true });
}
