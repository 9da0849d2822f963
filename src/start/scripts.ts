import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import type { CodeCache } from './code-cache.ts';

/** The first line of a script of the bundle: what it is, so that no code of another is ever taken for its. */
const IDENTITY = /^\/\/([0-9a-f]{32})\n/;

type Wrapper = (this: unknown, exports: unknown, require: NodeJS.Require, module: Module, ...names: string[]) => void;

/**
 * Loads the CommonJS scripts of a folder with the code that V8 made of them in a process before: reading and compiling
 * them is otherwise most of what a short command does. `variant` tells apart what is kept of different commands,
 * which use different parts of one script.
 */
export class Scripts {
  readonly #folder: string;
  readonly #variant: string;
  readonly #cache: CodeCache | undefined;
  /** Those of this process, by the name under which their code is kept. */
  readonly #scripts = new Map<string, Script>();
  /** Some of them had to be compiled. */
  #hasNew = false;

  constructor(folder: string, variant: string, cache: CodeCache | undefined) {
    this.#folder = folder;
    this.#variant = variant;
    this.#cache = cache;
  }

  /** The exports of a script. Any `require` of its file gives the same ones. */
  load(name: string): unknown {
    const path = join(this.#folder, name);
    const nodeRequire = createRequire(path);
    const known = nodeRequire.cache[path];
    if (known !== undefined) return known.exports;
    const module = new Module(path);
    module.filename = path;
    // The interface that Node documents for this says read-only.
    (nodeRequire.cache as Record<string, Module>)[path] = module;
    const own = (id: string): unknown => (id.startsWith('./') ? this.load(id.slice(2)) : nodeRequire(id));
    const require: NodeJS.Require = Object.assign(own, nodeRequire);
    try {
      this.#compile(name, path).call(module.exports, module.exports, require, module, path, dirname(path));
    } catch (error) {
      delete nodeRequire.cache[path];
      throw error;
    }
    module.loaded = true;
    return module.exports;
  }

  /**
   * Keeps the code of all scripts, what ran of them so far, where one had to be compiled: then this process has used more
   * of the others, too, than those before it. Later there is more to keep.
   */
  keep(): void {
    if (this.#hasNew) for (const [name, script] of this.#scripts) this.#cache?.write(name, script.createCachedData());
  }

  #compile(name: string, path: string): Wrapper {
    // The build writes ASCII alone, which is read fastest as what it then is in memory.
    const source = readFileSync(path, 'latin1');
    const identity = IDENTITY.exec(source)?.[1];
    const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}\n})`;
    const kept = `${name}-${this.#variant}-${identity}-${process.version}-${process.arch}`;
    const code = identity === undefined ? undefined : this.#cache?.read(kept);
    const script = new Script(wrapped, { filename: path, ...(code === undefined ? {} : { cachedData: code }) });
    // Rejected: of another build of this version of Node, or of other flags.
    if (identity !== undefined) {
      this.#scripts.set(kept, script);
      this.#hasNew ||= code === undefined || script.cachedDataRejected === true;
    }
    return script.runInThisContext() as Wrapper;
  }
}
