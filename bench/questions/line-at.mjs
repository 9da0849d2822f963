import { closeSync, openSync, readSync } from 'node:fs';

const LONGEST = 1 << 20;

/** The first whole line of a file that begins at or behind a place. */
export function lineAt(file, place) {
  const fd = openSync(file, 'r');
  try {
    const bytes = Buffer.alloc(LONGEST);
    const length = readSync(fd, bytes, 0, LONGEST, Math.max(0, place - 1));
    const start = place === 0 ? 0 : bytes.indexOf(10) + 1;
    const end = bytes.indexOf(10, start);
    return bytes.toString('utf8', start, end === -1 ? length : end);
  } finally {
    closeSync(fd);
  }
}
