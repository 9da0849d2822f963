// Bundles the command line into dist/bundle: CommonJS scripts, of which a cold start reads one or two instead of some two
// hundred files, of ours and of the libraries, and takes the code that V8 made of them from the process before
// (src/start). The loader of ES modules would cost a short search more than all that the search does.
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { build } from 'esbuild';

/**
 * Outside the bundle: native modules, one that reads its WebAssembly beside itself, and compilers that the framework would
 * load for commands in TypeScript.
 */
const EXTERNAL = [
  '@duckdb/node-bindings-*',
  'snappy',
  'lz4-napi',
  '@bokuweb/zstd-wasm',
  '@node-rs/crc32',
  'typescript',
  'ts-node',
  'tsx',
];

/** Files with nothing but a large library behind them: scripts of their own, so that only who uses one reads it. */
const LIBRARIES = {
  'duckdb-api': 'src/lib/adapters/embedded/segment/duckdb-api.ts',
  'client-api': 'src/lib/adapters/elasticsearch/client-api.ts',
  'kafkajs-api': 'src/lib/adapters/kafka/kafkajs-api.ts',
  'schema-registry-api': 'src/lib/adapters/kafka/schema-registry-api.ts',
  'schema-api': 'src/lib/config/schema-api.ts',
  'yaml-api': 'src/lib/config/yaml-api.ts',
  // Loaded in the middle of synchronous code and only with the first regular expression.
  re2js: 'node_modules/re2js/build/index.cjs',
};

/** Writes dist/bundle anew, and dist/.bundle.json: what each file of it holds and imports (esbuild's metafile). Throws when a source cannot be bundled; what was there before then stays. */
export async function bundle(root) {
  const target = join(root, 'dist', 'bundle');
  const half = `${target}.${process.pid}.tmp`;
  const scripts = {
    start: 'src/start/start.ts',
    'builder-worker': 'src/lib/adapters/embedded/seal/builder-worker.ts',
    ...LIBRARIES,
  };
  try {
    const made = [
      await script(root, half, { stdin: { contents: mainSource(root), resolveDir: root, sourcefile: 'main' } }, 'main'),
    ];
    for (const [name, source] of Object.entries(scripts)) {
      made.push(await script(root, half, { entryPoints: [source] }, name));
    }
    const inputs = Object.assign({}, ...made.map((metafile) => metafile.inputs));
    const outputs = Object.assign({}, ...made.map((metafile) => metafile.outputs));
    // Beside the scripts: it is read by a path relative to the one that asks for it.
    copyFileSync(join(root, 'dist', 'scanner.wasm'), join(half, 'scanner.wasm'));
    writeFileSync(join(half, 'THIRD-PARTY-LICENSES'), licenses(root, Object.keys(inputs)));
    writeFileSync(join(half, 'package.json'), '{"type":"commonjs"}\n');
    rmSync(target, { recursive: true, force: true });
    renameSync(half, target);
    const named = Object.entries(outputs).map(([path, output]) => [relative(relative(root, half), path), output]);
    writeFileSync(join(root, 'dist', '.bundle.json'), JSON.stringify({ inputs, outputs: Object.fromEntries(named) }));
  } finally {
    rmSync(half, { recursive: true, force: true });
  }
}

/** Builds one script; gives esbuild's metafile. */
async function script(root, folder, source, name) {
  const outfile = join(folder, `${name}.js`);
  const { metafile } = await build({
    ...source,
    absWorkingDir: root,
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: EXTERNAL,
    plugins: [librariesApart(name), nodeWhenUsed(root), compiledWhenUsed()],
    // `import()` as `require`: what it is of lies in the same script most often, and the rest is CommonJS.
    supported: { 'dynamic-import': false },
    define: { 'process.env.NODE_ENV': '"production"', 'import.meta.url': 'importMetaUrl' },
    banner: { js: "'use strict'; const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const text = ascii(readFileSync(outfile, 'utf8'));
  // The first line says which script it is: the name under which its compiled code is kept.
  const identity = createHash('sha256').update(text).digest('hex').slice(0, 32);
  writeFileSync(outfile, `//${identity}\n${text}`);
  return metafile;
}

/**
 * The same script in ASCII, which is read without decoding and takes half the memory. What esbuild leaves of other
 * characters stands in regular expressions, where the escape means the same; a tagged template would show it.
 */
function ascii(text) {
  if (/String\.raw`[^`]*[^\0-\x7f]/.test(text))
    throw new Error('String.raw with more than ASCII: write the text otherwise');
  return text.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Imports of the libraries' files, from other scripts than their own, as `require` of the script beside. */
function librariesApart(script) {
  return {
    name: 'libraries-apart',
    setup(build) {
      build.onResolve({ filter: /-api\.ts$|^re2js$/ }, ({ path }) => {
        const name = basename(path, '.ts');
        return Object.hasOwn(LIBRARIES, name) && name !== script ? { path: `./${name}.js`, external: true } : undefined;
      });
      // Here `require` is the script's own; the one that the source makes would go past the scripts.
      build.onLoad({ filter: /\/src\/lib\/query\/regex\.ts$/ }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        const own = source.replace('const require = createRequire(import.meta.url);', '');
        if (own === source) throw new Error(`${path} loads its engine in another way than the bundle knows`);
        return { contents: own, loader: 'ts' };
      });
    },
  };
}

/** Parts of Node that take a millisecond or more to load, and that few commands use of all that name them. */
const NODE_WHEN_USED = ['child_process', 'crypto', 'net', 'timers/promises', 'worker_threads'];

/**
 * Imports of those from our own files, and from the one that tells for DuckDB which C library there is, load them with
 * the first use of a name of theirs.
 */
function nodeWhenUsed(root) {
  const importers = [join(root, 'src/'), join(root, 'node_modules/detect-libc/')];
  const filter = new RegExp(`^(?:node:)?(?:${NODE_WHEN_USED.join('|')})$`);
  return {
    name: 'node-when-used',
    setup(build) {
      build.onResolve({ filter }, ({ path, importer, namespace }) => {
        if (namespace === 'node-when-used') return { path, external: true };
        return importers.some((folder) => importer.startsWith(folder))
          ? { path, namespace: 'node-when-used' }
          : undefined;
      });
      build.onLoad({ filter, namespace: 'node-when-used' }, async ({ path }) => {
        const names = Object.keys(await import(path)).filter((name) => name !== 'default');
        const getters = names.map((name) => `get ${name}() { return require('${path}').${name}; }`);
        return { contents: `module.exports = { ${getters.join(', ')} };` };
      });
    },
  };
}

/**
 * The files of the framework and of DuckDB's client load all they name before they run: templates, globs, spinners, every
 * type there is. With what the compiler of TypeScript wrote for that, `const x_1 = require("…")` and `x_1.name` from then
 * on, made a call on first use, a command loads what it uses.
 */
function compiledWhenUsed() {
  return {
    name: 'compiled-when-used',
    setup(build) {
      build.onLoad({ filter: /node_modules\/(?:@oclif\/core|@duckdb\/node-api)\/lib\/.*\.js$/ }, ({ path }) => {
        const lines = readFileSync(path, 'utf8').split('\n');
        const loads = lines.map((line) => /^(?:const|var) (\w+_\d+) = (.*require\("[^"]+"\).*);$/.exec(line));
        const names = loads.flatMap((load) => (load === null ? [] : [load[1]]));
        const used = new RegExp(`\\b(?:${names.join('|')})\\b`, 'g');
        const late = lines.map((line, at) => {
          const [, name, load] = loads[at] ?? [];
          if (name !== undefined) return `let ${name}_loaded; const ${name} = () => (${name}_loaded ??= ${load});`;
          return names.length === 0 ? line : line.replaceAll(used, '($&())');
        });
        return { contents: late.join('\n') };
      });
    },
  };
}

/** The command line: `main`, and what the framework asks for by name, each command loaded when it is first wanted. */
function mainSource(root) {
  const files = readdirSync(join(root, 'src', 'commands'), { recursive: true, encoding: 'utf8' });
  const commands = files
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map(
      (name) =>
        `get '${name.slice(0, -3).replaceAll('/', ':')}'() { return require('./src/commands/${name}').default; },`,
    );
  return [
    "import { main as run } from './src/cli/main.ts';",
    `export const COMMANDS = {${commands.join('\n')}};`,
    'export const main = (args, root, ran) => run(args, root, COMMANDS, ran);',
    "export const commandNotFound = (...given) => require('./src/cli/command-not-found.ts').default(...given);",
    "export const help = { get default() { return require('./src/cli/help.ts').default; } };",
  ].join('\n');
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
