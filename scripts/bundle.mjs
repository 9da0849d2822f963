// Bundles the command line into dist/bundle: a cold start then reads a dozen files instead of some two hundred, of
// ours and of the libraries, which is most of the time a small search takes (docs/performance.md, start-up).
// Each command stays a file of its own, since the framework looks for commands in a folder; what several share is split
// into chunks, so that nothing is loaded that a command does not use.
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

/**
 * Outside the bundle: native modules, one that reads its WebAssembly beside itself, one that is loaded in the middle of
 * synchronous code and only with the first regular expression, and compilers that the framework would load for commands
 * in TypeScript.
 */
const EXTERNAL = [
  '@duckdb/node-bindings',
  'snappy',
  'lz4-napi',
  '@bokuweb/zstd-wasm',
  're2js',
  'typescript',
  'ts-node',
  'tsx',
];

/** CommonJS inside an ES module asks for Node's own modules through `require`. */
const REQUIRE =
  "import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);";

/** Writes dist/bundle anew, and dist/.bundle.json: what each file of it holds and imports (esbuild's metafile). Throws when a source cannot be bundled; what was there before then stays. */
export async function bundle(root) {
  const target = join(root, 'dist', 'bundle');
  const half = `${target}.${process.pid}.tmp`;
  try {
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: entryPoints(root),
      outdir: half,
      bundle: true,
      splitting: true,
      // Next to the entries: the builder starts its worker by a path relative to its own file.
      chunkNames: '[name]-[hash]',
      format: 'esm',
      platform: 'node',
      target: 'node20',
      external: EXTERNAL,
      banner: { js: REQUIRE },
      define: { 'process.env.NODE_ENV': '"production"' },
      minifySyntax: true,
      minifyWhitespace: true,
      legalComments: 'none',
      metafile: true,
      logLevel: 'warning',
    });
    writeFileSync(join(half, 'THIRD-PARTY-LICENSES'), licenses(root, Object.keys(metafile.inputs)));
    rmSync(target, { recursive: true, force: true });
    renameSync(half, target);
    const outputs = Object.entries(metafile.outputs).map(([path, output]) => [
      relative(relative(root, half), path),
      output,
    ]);
    writeFileSync(
      join(root, 'dist', '.bundle.json'),
      JSON.stringify({ ...metafile, outputs: Object.fromEntries(outputs) }),
    );
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

/** Output name and source of every file that is loaded by its path: the start, the framework's hooks, commands, workers. */
function entryPoints(root) {
  const commands = join(root, 'src', 'commands');
  const files = readdirSync(commands, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return {
    main: 'src/cli/main.ts',
    help: 'src/cli/help.ts',
    'command-not-found': 'src/cli/command-not-found.ts',
    'builder-worker': 'src/lib/adapters/embedded/seal/builder-worker.ts',
    ...Object.fromEntries(files.map((name) => [`commands/${name.slice(0, -3)}`, join('src', 'commands', name)])),
  };
}

/** The licences of the packages whose code the bundle holds: most of them ask to be kept with every copy. */
function licenses(root, inputs) {
  const packages = new Set(
    inputs.filter((input) => input.includes('node_modules/')).map((input) => packageOf(root, input)),
  );
  const texts = [...packages].sort(byName).map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? `${license}\n` : readFileSync(join(folder, file), 'utf8');
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return texts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** The folder of the package that a file belongs to: the nearest whose package.json has a name. */
function packageOf(root, input) {
  for (let folder = dirname(join(root, input)); relative(root, folder) !== ''; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name !== undefined) return folder;
  }
  throw new Error(`${input} belongs to no package`);
}

function byName(one, other) {
  return one < other ? -1 : 1;
}
