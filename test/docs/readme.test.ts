import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { pageAsRun, ROOT } from './typed-blocks.ts';

const folder = mkdtempSync(join(tmpdir(), 'logs-readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what the README shows is what the commands write (npx vitest run test/docs/readme.test.ts -u writes it)', async () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
  const asRun = pageAsRun(readme, { folder, env: { LOGS_STORE: join(folder, 'store') } });
  expect(asRun.match(/^\$ logs /gm)?.length).toBeGreaterThan(5);
  await expect(asRun).toMatchFileSnapshot(join(ROOT, 'README.md'));
});
