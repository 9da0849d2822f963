import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { CodeCache, codeFolders, ownerOf } from './code-cache.ts';
import { Scripts } from './scripts.ts';
import { wantsHelp } from './wants-help.ts';

/** What the main script of the bundle gives: `ran` is called when what was asked for is done and all that was written has left the process. */
interface MainScript {
  main(args: readonly string[], root: string, ran: () => void): Promise<void>;
}

/**
 * Microseconds of work after which V8 may have given up the code of the start, which is what is worth keeping: it does so
 * with code that was not used for some collections. (A flag that forbids it makes code that no process without it takes.)
 */
const LONG = 1_500_000;

/** A command that takes longer may work for long: what there is by then is kept, in case there is no good moment later. */
const SOON_MS = 500;

/**
 * Threads of libuv for a command that writes much: they write its log files and are what DuckDB runs its statements in.
 * Each keeps memory that DuckDB used; with four a ship of 228 MB took 4 % more work and 50 MB more.
 */
const SHIP_THREADS = '2';

/**
 * Bytes of bytecode after which V8 optimizes a function, seven times its own: while logs are shipped WebAssembly does the
 * work, and what runs beside it for some seconds is not worth the compiler's time (docs/adr/0006).
 */
const SHIP_BUDGET = '--interrupt-budget=500000';

/** Runs one command line and ends the process. `root` is the folder of the package. */
export async function start(args: readonly string[], root: string): Promise<void> {
  const folder = join(root, 'dist', 'bundle');
  if (variantOf(args) === 'ship') {
    // Before the first of them is begun.
    process.env['UV_THREADPOOL_SIZE'] ??= SHIP_THREADS;
    // Before the first script: kept code is taken only where the flags are those that it was kept with.
    setFlagsFromString(SHIP_BUDGET);
  }
  const scripts = new Scripts(folder, variantOf(args), cacheOf(folder));
  const main = scripts.load('main.js') as MainScript;
  const soon = setTimeout(() => scripts.keep(), SOON_MS).unref();
  await main.main(args, root, () => {
    clearTimeout(soon);
    if (process.cpuUsage().user < LONG) scripts.keep();
  });
}

/** Help, or the first word: the command, or the topic of one. */
function variantOf(args: readonly string[]): string {
  if (wantsHelp(args)) return 'help';
  return /^[a-z]{1,16}$/.exec(args[0] ?? '')?.[0] ?? 'other';
}

/** None where Node is told to keep none, and where it counts what runs, which V8 cannot tell of kept code. */
function cacheOf(folder: string): CodeCache | undefined {
  const { NODE_DISABLE_COMPILE_CACHE: off, NODE_V8_COVERAGE: coverage } = process.env;
  const user = process.geteuid?.();
  const owner = ownerOf(folder);
  if (off !== undefined || coverage !== undefined || user === undefined || owner === undefined) return undefined;
  return new CodeCache(codeFolders(folder, process.env, user), [user, owner, 0]);
}
