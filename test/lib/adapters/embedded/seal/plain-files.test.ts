import { closeSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import {
  deleteSpareFiles,
  openPlainFile,
  sparePlainFile,
} from '../../../../../src/lib/adapters/embedded/seal/plain-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'logs-plain-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): number {
  const { fd, size } = openPlainFile(path);
  writeSync(fd, text);
  closeSync(fd);
  return size;
}

it('gives files that are not needed any more to be written over, up to three', () => {
  const [first, second] = [join(folder, 'a', '1'), join(folder, 'b', '2')];
  expect(write(first, 'a long text of the first')).toBe(0);
  sparePlainFile(first);
  expect(write(second, 'short')).toBe(24);
  expect(existsSync(first)).toBe(false);
  expect(readFileSync(second, 'utf8')).toBe('short' + 'a long text of the first'.slice(5));
  const more = ['3', '4', '5'].map((name) => join(folder, 'b', name));
  for (const path of more) write(path, 'a file of its own');
  for (const path of [second, ...more]) sparePlainFile(path);
  expect([second, ...more].map((path) => existsSync(path))).toEqual([true, true, true, false]);
  deleteSpareFiles();
  expect([second, ...more].some((path) => existsSync(path))).toBe(false);
});

it('keeps no large file', () => {
  const path = join(folder, 'large');
  write(path, '');
  truncateSync(path, 33e6);
  sparePlainFile(path);
  expect(existsSync(path)).toBe(false);
});

it('makes a new file where the spare one is gone', () => {
  const [first, second] = [join(folder, '4'), join(folder, '5')];
  write(first, 'x');
  sparePlainFile(first);
  rmSync(first);
  write(second, 'y');
  expect(readFileSync(second, 'utf8')).toBe('y');
});

it('never moves a file to another tenant', () => {
  const [first, second] = [join(folder, 'one', 'day', '6'), join(folder, 'two', 'day', '7')];
  write(first, 'of the first tenant');
  sparePlainFile(first);
  expect(write(second, '')).toBe(0);
  expect(existsSync(first)).toBe(false);
});
