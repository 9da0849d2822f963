import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

describe('logs ship', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'logs-ship-cli-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  function start(args: readonly string[]) {
    const child = spawn(process.execPath, [RUN, 'ship', ...args], {
      cwd: folder,
      env: { ...process.env, LOGS_STORE: join(folder, 'store') },
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
    return { child, ended };
  }
  function run(args: readonly string[], input = ''): Promise<Ended> {
    const { child, ended } = start(args);
    child.stdin.end(input);
    return ended;
  }

  it('turns lines into NDJSON on standard output', async () => {
    const { code, out } = await run(
      ['--to', '-', '--service', 'shop', '--field', 'env=prod'],
      '{"level":"warn","msg":"a"}\nb',
    );
    expect(code).toBe(0);
    const records = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records).toMatchObject([
      { level: 'WARN', message: 'a', service: 'shop', env: 'prod' },
      { level: 'UNKNOWN', message: 'b', service: 'shop' },
    ]);
  });

  it('stores, and tells the summary as JSON; the second time there is nothing new', async () => {
    await writeFile(join(folder, 'a.log'), 'one\n\n{bad\n');
    const first = await run(['a.log', '--json']);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.out)).toMatchObject({
      events: 2,
      bytes: 10,
      rejected: 0,
      unparsed: 1,
      blank: 1,
      truncated: 0,
    });
    expect(JSON.parse((await run(['a.log', '--json'])).out)).toMatchObject({ events: 0, files: { unchanged: 1 } });
  });

  it('walks a directory once, links and all, without its own store', async () => {
    await mkdir(join(folder, 'd', 'e'), { recursive: true });
    await writeFile(join(folder, 'd', 'e', 'x.log'), 'x\n');
    await symlink('..', join(folder, 'd', 'e', 'loop'));
    const { code, out } = await run(['d', 'd/**/*.log', '--to', 'null:', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ events: 1 });
  });

  it('shows with --dry-run what would be stored, and stores nothing', async () => {
    const { code, out } = await run(['--dry-run', '--sample', '2', '--json'], '{"level":"error","msg":"a"}\n{bad\nc\n');
    expect(code).toBe(0);
    const samples = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(samples).toHaveLength(2);
    expect(samples[0]).toMatchObject({ line: 1, format: 'json', level: 'ERROR', parseError: null });
    expect(samples[1]).toMatchObject({ line: 2, level: 'UNKNOWN', parseError: expect.stringContaining('column') });
  });

  it.each([
    [['missing.log'], /no such file: missing.log/],
    [['--to', 'ftp://x'], /cannot ship to ftp/],
    [['--field', 'x'], /--field x/],
    [['--multiline', '('], /no regular expression/],
    [['--to', 'file:/no/such/dir/f'], /no\/such\/dir/],
  ])('refuses %j with exit 2', async (args, message) => {
    const { code, err } = await run(args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it('ships what came before it is stopped, and ends with 130', async () => {
    const { child, ended } = start(['--to', '-']);
    child.stdin.write('early\n');
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGTERM');
    const { code, out } = await ended;
    expect(code).toBe(130);
    expect(JSON.parse(out)).toMatchObject({ message: 'early' });
  });

  it('leaves a file to the process that ships it', async () => {
    await writeFile(join(folder, 'shared.log'), 's\n');
    const first = start(['shared.log', '-']);
    // Open standard input keeps the first one, and its claims, alive.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const second = await run(['shared.log']);
    expect(second.code).toBe(2);
    expect(second.err).toContain(`shared.log is being shipped by process ${first.child.pid}`);
    first.child.stdin.end();
    expect((await first.ended).code).toBe(0);
  });
});
