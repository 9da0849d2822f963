import { spawnSync } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';

/**
 * How many times smaller `zstd -3` makes bytes, or a file named by its path and size. Undefined where the program is not
 * installed.
 */
export function zstdRatio(input, size = input.length) {
  const file = typeof input === 'string' ? openSync(input, 'r') : undefined;
  try {
    const done = spawnSync('zstd', ['-3', '-q', '-c'], {
      ...(file === undefined ? { input } : {}),
      stdio: [file ?? 'pipe', 'pipe', 'inherit'],
      maxBuffer: 2 ** 31,
    });
    return done.status === 0 ? size / done.stdout.length : undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
