// Compiles src to dist, bundles it, and writes the command manifest that spares oclif loading every command at start.
// `--if-changed`: only when a file that the build reads is other than at the last build, so that a second
// `npm start` does not wait for the compiler. Talks on stderr: stdout belongs to the command that follows.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const src = join(root, 'src');
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const buildInfo = join(dist, '.tsbuildinfo');
const scanner = join(dist, 'scanner.wasm');
const manifest = join(root, 'oclif.manifest.json');

const before = fingerprint();
const current = existsSync(stamp) && existsSync(manifest) && readFileSync(stamp, 'utf8') === before;
if (!(current && process.argv.includes('--if-changed'))) {
  process.stderr.write('building …\n');
  removeOrphans();
  compile();
  await compileScanner();
  // Imported late: `--if-changed` finds most often that there is nothing to do.
  const { bundle } = await import('./bundle.mjs');
  await bundle(root);
  await writeManifest();
  // Taken before the compiler ran: a file saved meanwhile makes the next build run again.
  writeFileSync(stamp, before);
}

/** What the build reads, one line a file: a name, a size and a time. Deleted and older files change it too. */
function fingerprint() {
  const inputs = ['package.json', 'package-lock.json', 'tsconfig.json', 'scripts/build.mjs', 'scripts/bundle.mjs'].map(
    (name) => join(root, name),
  );
  const lines = [...inputs, ...filesUnder(src)].map((path) => {
    const { size, mtimeMs } = statSync(path);
    return `${relative(root, path)} ${size} ${mtimeMs}`;
  });
  return `${lines.sort().join('\n')}\n`;
}

/** Every file under a folder, in no order. */
function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

/** A command whose source is gone would still be found by oclif in dist. */
function removeOrphans() {
  for (const path of filesUnder(dist)) {
    if (!path.endsWith('.js') || path.startsWith(join(dist, 'bundle'))) continue;
    const source = join(src, relative(dist, path)).replace(/\.js$/, '.ts');
    if (!existsSync(source)) rmSync(path);
  }
}

function compile() {
  // Without its outputs the compiler's memory of them is wrong: it would emit nothing.
  if (!existsSync(stamp)) rmSync(buildInfo, { force: true });
  mkdirSync(dist, { recursive: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['-p', 'tsconfig.json', '--incremental', '--tsBuildInfoFile', buildInfo, '--noEmitOnError'];
  const done = spawnSync(process.execPath, [tsc, ...options], { cwd: root, stdio: ['ignore', 2, 2] });
  if (done.status !== 0) {
    rmSync(stamp, { force: true });
    process.stderr.write('the build failed: the compiler said why above\n');
    process.exit(1);
  }
}

/**
 * The scanner of the embedded store, from AssemblyScript to WebAssembly. Its compiler takes seconds, so it runs only
 * where one of its own sources is newer.
 */
async function compileScanner() {
  const sources = [...filesUnder(join(src, 'scanner')), join(root, 'package-lock.json')];
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  if (existsSync(scanner) && statSync(scanner).mtimeMs > newest) return;
  const { default: asc } = await import('assemblyscript/asc');
  const half = `${relative(root, scanner)}.${process.pid}.tmp`;
  const options = ['-O3', '--enable', 'simd', '--enable', 'bulk-memory', '--runtime', 'stub', '--noAssert'];
  const input = relative(root, join(src, 'scanner', 'index.ts'));
  // Told as it comes, warnings too.
  const talk = { stdout: process.stderr, stderr: process.stderr };
  const { error } = await asc.main([input, '-o', half, '--baseDir', root, ...options], talk);
  if (error !== null) {
    rmSync(stamp, { force: true });
    process.stderr.write('the build failed: the scanner does not compile\n');
    process.exit(1);
  }
  renameSync(join(root, half), scanner);
}

/** Same bytes for the same commands: it is committed, and `npm run check` holds it clean. */
async function writeManifest() {
  process.env.NODE_ENV = 'production';
  const { Plugin, settings } = await import('@oclif/core');
  // oclif would otherwise look for the .ts sources of a package that has a tsconfig.json.
  settings.enableAutoTranspile = false;
  const plugin = new Plugin({
    root,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  const { commands, version } = plugin.manifest;
  const text = `${JSON.stringify(inOrder({ commands, version }), undefined, 2)}\n`;
  if (existsSync(manifest) && readFileSync(manifest, 'utf8') === text) return;
  const half = `${manifest}.${process.pid}.tmp`;
  writeFileSync(half, text);
  renameSync(half, manifest);
}

/** Commands by name, whatever order the folder gave them in; within a command the order of declaration stands. */
function inOrder({ commands, version }) {
  const names = Object.keys(commands).sort();
  return { commands: Object.fromEntries(names.map((name) => [name, commands[name]])), version };
}
