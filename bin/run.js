#!/usr/bin/env node
'use strict';
// CommonJS, as all that is loaded from here: the loader of ES modules takes five milliseconds to begin.
const { readFileSync } = require('node:fs');
const path = require('node:path');

const args = process.argv.slice(2);
const root = path.dirname(__dirname);

if (args.length === 1 && ['--version', '-V', '-v', 'version'].includes(args[0])) {
  // Answered before anything is loaded.
  const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  process.stdout.on('error', ({ code, message }) => {
    if (code !== 'EPIPE') process.stderr.write(`error: standard output cannot be written: ${message}\n`);
    process.exitCode = code === 'EPIPE' ? 0 : 2;
  });
  process.stdout.write(`${name}/${version} ${process.platform}-${process.arch} node-${process.version}\n`);
} else {
  void begin();
}

async function begin() {
  try {
    const { start } = require('../dist/bundle/start.js');
    await start(args, root);
  } catch (error) {
    // Node itself would end with 1, which means that nothing matched.
    process.stderr.write(`error: the program is not whole: ${error.message.split('\n')[0]}\nhint: install it again\n`);
    process.exitCode = 2;
  }
}
