import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'logs-servers-'));
chmodSync(folder, 0o755);
symlinkSync(process.execPath, join(folder, 'node'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Of a machine that has only Node and what `folder` holds. */
function servers(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: folder, LOGS_SERVERS: folder };
  const script = join(root, 'scripts/servers.mjs');
  return spawnSync(process.execPath, [script, ...args], { env, encoding: 'utf8', timeout: 30_000 });
}

describe('npm run servers', () => {
  test('says what it takes', () => {
    expect(servers('start')).toMatchObject({ status: 2, stdout: '', stderr: expect.stringMatching(/^usage: /) });
  });

  test('names the servers there are for one that is not', () => {
    const { status, stderr } = servers('up', 'kafak');
    expect(stderr).toMatch(/^no server is called "kafak"; there are kafka, .*\n$/);
    expect(status).toBe(2);
  });

  test('says what the machine lacks, with a status of its own', () => {
    const { status, stderr } = servers('up', 'kafka');
    expect(stderr).toMatch(/^kafka: needs (Java 17|Maven) .*\n$/);
    expect(status).toBe(3);
  });

  test('takes what it can from Docker where that answers', () => {
    const docker = join(folder, 'docker');
    writeFileSync(docker, `#!/bin/sh\necho "$@" >> ${join(folder, 'calls')}\n`, { mode: 0o755 });
    const { status, stdout } = servers('up', 'kafka', 'opensearch');
    rmSync(docker);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: 'kafka           kafka://127.0.0.1:9092\nopensearch      opensearch://127.0.0.1:9201\n',
    });
    const calls = readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n');
    expect(calls.at(-1)).toMatch(/^compose -f .*compose\.yaml up --detach --wait kafka opensearch$/);
  });
});

describe('compose.yaml', () => {
  const { services } = parse(readFileSync(join(root, 'compose.yaml'), 'utf8')) as {
    services: Record<string, { image: string; ports: string[] }>;
  };
  const docs = readFileSync(join(root, 'docs/testing.md'), 'utf8');

  test.each([
    ['kafka', 'kafka-broker.mjs'],
    ['elasticsearch', 'elasticsearch.mjs'],
    ['opensearch', 'opensearch.mjs'],
    ['registry', 'registry.mjs'],
  ])('has %s at the version and the port that are tested and told', (name, file) => {
    const { image, ports } = services[name]!;
    const version = image.split(':').at(-1)!;
    expect(readFileSync(join(root, 'scripts/servers', file), 'utf8')).toContain(`'${version}'`);
    expect(docs).toContain(version);
    const [address, port] = ports[0]!.split(':');
    expect(address).toBe('127.0.0.1');
    expect(docs).toMatch(new RegExp(`^\\| \`${name}\` \\| ${port} `, 'm'));
    expect(readFileSync(join(root, 'scripts/servers/docker.mjs'), 'utf8')).toContain(`127.0.0.1:${port}`);
  });
});
