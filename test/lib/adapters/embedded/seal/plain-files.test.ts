import { existsSync, fstatSync, mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import {
  closePlainFile,
  deleteSpareFiles,
  openPlainFile,
  sparePlainFile,
} from '../../../../../src/lib/adapters/embedded/seal/plain-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'logs-plain-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, text: string): void {
  const fd = openPlainFile(path);
  closePlainFile(fd, writeSync(fd, text));
}

it('writes over a file that is not needed any more, and leaves nothing of it', () => {
  const [first, second, third] = [join(folder, 'a', '1'), join(folder, 'b', '2'), join(folder, 'b', '3')];
  write(first, 'a long text of the first');
  sparePlainFile(first);
  write(second, 'short');
  expect(existsSync(first)).toBe(false);
  expect(readFileSync(second, 'utf8')).toBe('short');
  write(third, 'a file of its own');
  sparePlainFile(second);
  sparePlainFile(third);
  expect([existsSync(second), existsSync(third)]).toEqual([true, false]);
  deleteSpareFiles();
  expect(existsSync(second)).toBe(false);
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
  const fd = openPlainFile(second);
  expect(existsSync(first)).toBe(false);
  expect(fstatSync(fd).size).toBe(0);
  closePlainFile(fd, 0);
});
