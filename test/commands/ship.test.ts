import { spawn, spawnSync } from 'node:child_process';
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

  it('ships the others where one is missing, and says both', async () => {
    await writeFile(join(folder, 'there.log'), 'here\n');
    const { code, out } = await run(['gone.log', 'there.log', '*.none', '--json']);
    expect(code).toBe(2);
    const document = JSON.parse(out);
    expect(document).toMatchObject({ events: 1, files: { shipped: 1, skipped: 2 } });
    expect(document.error).toMatchObject({ code: 'NOT_FOUND', message: 'no such file: gone.log', exit: 2 });
    expect(document.errors).toMatchObject([{ message: 'no such file: gone.log' }, { message: /^no file matches/ }]);
    const again = await run(['gone.log', 'there.log']);
    expect(again.code).toBe(2);
    expect(again.err).toBe(
      [
        '0 events',
        '1 file with nothing new (--again sends all), 1 file damaged or left out',
        'error: no such file: gone.log',
        'hint: check the path; quote a pattern so that it reaches logs: logs ship "/var/log/*.log"',
        '',
      ].join('\n'),
    );
  });

  it('samples the others where one cannot be read, and says which has nothing', async () => {
    await writeFile(join(folder, 'some.log'), 'some\n');
    await writeFile(join(folder, 'nothing.log'), '');
    const { code, out, err } = await run(['gone.log', 'some.log', 'nothing.log', '--dry-run']);
    expect(code).toBe(2);
    expect(out).toMatch(/^some\.log:1: plain/);
    expect(err).toContain(
      'nothing.log: no events\nnothing was stored: this was a dry run\nerror: no such file: gone.log',
    );
  });

  it('ships many files where few may be open, and nothing twice', async () => {
    await mkdir(join(folder, 'many'));
    const count = 150;
    for (let n = 0; n < count; n++) await writeFile(join(folder, 'many', `${n}.log`), `line ${n}\n`);
    const args = ['ship', 'many', '--json', '--store', join(folder, 'many-store')];
    const few = () =>
      spawnSync('bash', ['-c', 'ulimit -n 64; exec "$@"', '-', process.execPath, RUN, ...args], {
        cwd: folder,
        encoding: 'utf8',
      });
    const first = few();
    expect(first.stderr).toBe('');
    expect(JSON.parse(first.stdout)).toMatchObject({
      events: count,
      files: { shipped: count, skipped: 0 },
      errors: [],
    });
    const second = few();
    expect(JSON.parse(second.stdout)).toMatchObject({ events: 0, files: { unchanged: count, skipped: 0 }, errors: [] });
  }, 20_000);

  it('reads a device to its end', async () => {
    expect(await run(['/dev/null', '--to', 'null:'])).toMatchObject({ code: 0, err: '0 events\n' });
  });

  it.each([
    [['missing.log'], /no such file: missing.log/],
    [['--to', 'ftp://x'], /cannot ship to ftp/],
    [['--field', 'x'], /--field x/],
    [['--multiline', '('], /the regular expression .* is not one of RE2/],
    [
      ['--to', 'file:/no/such/dir/f'],
      /^error: cannot write to \/no\/such\/dir\/f: there is no folder \/no\/such\/dir\nhint: make/,
    ],
    [['--to', 'file:/'], /^error: cannot write to \/: it is a folder\nhint: name a file in it/],
    [['--to', 'file:/dev/null/x'], /^error: cannot write to \/dev\/null\/x: a part of the path is not a folder\n/],
    [['--store', '/proc/x'], /^error: cannot write to the store \/proc\/x: the folder cannot be made there\nhint: /],
    [['--json', '--to', '-'], /^$/],
    [['--service', ''], /^error: --service expects a value, and got an empty one\n/],
    [['--store', ''], /^error: --store expects a value, and got an empty one\n/],
    [['-x.log'], /^error: unknown flag -x.log\nhint: .*\.\/-x\.log\n/],
    [['/proc/self/mem'], /cannot read \/proc\/self\/mem: the device reports an error\n/],
    [['two\nlines'], /^error: no such file: two\\nlines\nhint/],
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
