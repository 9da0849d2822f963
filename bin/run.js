#!/usr/bin/env node
import { readFileSync } from 'node:fs';

const args = process.argv.slice(2);
const root = new URL('..', import.meta.url);

if (args.length === 1 && ['--version', '-V', '-v', 'version'].includes(args[0])) {
  // Answered before anything is imported: the framework alone takes longer to load than Node itself.
  const { name, version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));
  process.stdout.on('error', ({ code, message }) => {
    if (code !== 'EPIPE') process.stderr.write(`error: standard output cannot be written: ${message}\n`);
    process.exitCode = code === 'EPIPE' ? 0 : 2;
  });
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
} else {
  const { main } = await import('../dist/bundle/main.js');
  await main(args, root);
}
