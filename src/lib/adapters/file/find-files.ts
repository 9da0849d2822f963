import { promises as files, fstatSync, type Stats } from 'node:fs';
import { join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { LogsError } from '../../errors.ts';
import { readFailure } from './read-failure.ts';

export interface FoundFiles {
  /** In the order of what was named, those of one name sorted; none twice. */
  readonly paths: readonly string[];
  /** What was left out of a directory or a pattern, and why. */
  readonly skipped: readonly string[];
  /** NOT_FOUND and NOT_READABLE: names that mean nothing, and directories that could not be read. */
  readonly failures: readonly LogsError[];
}

/**
 * The files that names mean: a path as it is, a directory with everything under it, a pattern (`*`, `?`, `**`, `{a,b}`,
 * `[0-9]`) with what it matches. A path that exists is itself even if it looks like a pattern. Links are followed,
 * each directory is walked once, and what `except` names never: folders (the store's own), files, and patterns, which
 * are of a file's name alone where they have no `/`. Of a directory only regular
 * files are taken. `outputs`, and what standard output and error go to, are left out: a file that grows by what is
 * read from it has no end. Throws USAGE for an empty name.
 */
export async function findFiles(
  names: readonly string[],
  except: readonly string[] = [],
  outputs: readonly string[] = [],
): Promise<FoundFiles> {
  const walk = new Walk(await realPaths(except), except.map(excluding), await filesWritten(outputs));
  for (const name of names) {
    if (name === '') {
      throw new LogsError('USAGE', 'an empty word names no file', { hint: 'is a variable of the script not set?' });
    }
    const info = await files.stat(name).catch((error: unknown) => error as NodeJS.ErrnoException);
    if (info instanceof Error) {
      if (info.code !== 'ENOENT' || !isPattern(name)) walk.failures.push(readFailure(name, info));
      else await walk.pattern(name);
    } else if (info.isDirectory()) await walk.folder(name);
    else walk.add(name, info);
  }
  return { paths: walk.paths, skipped: walk.skipped, failures: walk.failures };
}

/** How far below its base a pattern reaches: `*.log` must not walk a whole disk. */
function depthOf(pattern: string, base: string): number {
  const rest = pattern.slice(base.length).replace(/^\/+/, '');
  return /\*\*|[{(]/.test(rest) ? Number.POSITIVE_INFINITY : rest.split('/').length;
}

function isPattern(name: string): boolean {
  return picomatch.scan(name).isGlob;
}

/** Whether a path is one that the pattern leaves out. */
function excluding(pattern: string): (path: string) => boolean {
  if (pattern.includes('/')) {
    const matches = picomatch(resolve(pattern), { dot: true });
    return (path) => matches(resolve(path));
  }
  return picomatch(pattern, { dot: true, basename: true });
}

async function realPaths(paths: readonly string[]): Promise<Set<string>> {
  return new Set(await Promise.all(paths.map((path) => files.realpath(path).catch(() => resolve(path)))));
}

/** Regular files that this process writes to, by device and inode. */
async function filesWritten(paths: readonly string[]): Promise<Set<string>> {
  const standard = [1, 2].map(async (fd) => fstatSync(fd));
  const found = await Promise.allSettled([...standard, ...paths.map((path) => files.stat(path))]);
  const infos = found.flatMap((each) => (each.status === 'fulfilled' && each.value.isFile() ? [each.value] : []));
  return new Set(infos.map(placeOf));
}

function placeOf({ dev, ino }: Stats): string {
  return `${dev}-${ino}`;
}

class Walk {
  readonly paths: string[] = [];
  readonly skipped: string[] = [];
  readonly failures: LogsError[] = [];
  private readonly taken = new Set<string>();
  private readonly except: ReadonlySet<string>;
  private readonly excluding: readonly ((path: string) => boolean)[];
  private readonly written: ReadonlySet<string>;

  constructor(
    except: ReadonlySet<string>,
    excluding: readonly ((path: string) => boolean)[],
    written: ReadonlySet<string>,
  ) {
    this.except = except;
    this.excluding = excluding;
    this.written = written;
  }

  add(path: string, info: Stats): void {
    const whole = resolve(path);
    if (this.taken.has(whole)) return;
    this.taken.add(whole);
    if (this.isExcluded(path)) return;
    if (this.written.has(placeOf(info))) this.skipped.push(`${path}: it is written to by this command`);
    else this.paths.push(path);
  }

  async pattern(pattern: string): Promise<void> {
    const { base } = picomatch.scan(pattern);
    const matches = picomatch(resolve(pattern), { dot: true });
    let matched = false;
    const wanted = (path: string) => {
      const found = matches(resolve(path));
      matched ||= found;
      return found;
    };
    await this.walk(base === '' ? '.' : base, wanted, new Set(), { bare: base === '', depth: depthOf(pattern, base) });
    if (matched) return;
    this.failures.push(
      new LogsError('NOT_FOUND', `no file matches ${pattern}`, {
        hint: 'check the pattern; ** goes into directories',
      }),
    );
  }

  async folder(folder: string): Promise<void> {
    await this.walk(folder, () => true, new Set(), { bare: false, depth: Number.POSITIVE_INFINITY });
  }

  /**
   * `bare`: paths are given without the folder's name, as the user left it out. `depth`: levels of names that are
   * looked at.
   */
  private async walk(
    folder: string,
    wanted: (path: string) => boolean,
    above: ReadonlySet<string>,
    { bare, depth }: { readonly bare: boolean; readonly depth: number },
  ): Promise<void> {
    let names: string[];
    let real: string;
    try {
      real = await files.realpath(folder);
      // A link to a folder above it leads in a circle.
      if (above.has(real) || this.except.has(real)) return;
      names = await files.readdir(folder);
    } catch (error) {
      const failure = readFailure(folder, error);
      // Nothing that follows could be looked at either.
      if (failure.code === 'TOO_MANY_FILES') throw failure;
      if (failure.code !== 'NOT_FOUND') this.failures.push(failure);
      return;
    }
    const here = new Set(above).add(real);
    for (const name of names.sort()) {
      const path = bare ? name : join(folder, name);
      const info = await files.stat(path).catch((error: unknown) => error);
      if (info instanceof Error) {
        if (wanted(path)) this.skipped.push(readFailure(path, info).message);
      } else if ((info as Stats).isDirectory()) {
        if (depth > 1 && !this.isExcluded(path)) await this.walk(path, wanted, here, { bare: false, depth: depth - 1 });
      } else if ((info as Stats).isFile() && wanted(path)) this.add(path, info as Stats);
    }
  }

  private isExcluded(path: string): boolean {
    return this.excluding.some((matches) => matches(path));
  }
}
