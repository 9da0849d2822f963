import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pageAsRun, ROOT } from '../docs/typed-blocks.ts';
import { ownServer } from './servers.ts';

const kafka = await ownServer('kafka');
const search = await ownServer('opensearch');
const folder = mkdtempSync(join(tmpdir(), 'logs-cluster-page-'));

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await kafka.stop();
  await search.stop();
});

/** Who reads the page types more slowly than indices are refreshed. */
function refresh(): void {
  spawnSync('curl', ['-s', '-X', 'POST', `http://${search.host}:${search.port}/_refresh`]);
}

describe.skipIf(kafka.missing !== undefined || search.missing !== undefined)('docs/cluster.md', () => {
  it('shows what the commands write (npx vitest run test/services/cluster-page -u writes it)', async () => {
    const page = readFileSync(join(ROOT, 'docs', 'cluster.md'), 'utf8');
    const asRun = pageAsRun(page, {
      folder,
      env: { K: kafka.url, O: search.url },
      shown: (output) =>
        output.replaceAll(kafka.url, 'kafka://127.0.0.1:9092').replaceAll(search.url, 'opensearch://127.0.0.1:9201'),
      after: refresh,
    });
    expect(asRun).not.toMatch(/^error: /m);
    await expect(asRun).toMatchFileSnapshot(join(ROOT, 'docs', 'cluster.md'));
  });
});
