import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const run = join(import.meta.dirname, '../../bin/run.js');
const folder = mkdtempSync(join(tmpdir(), 'logs-ship-input-'));
afterAll(() => rmSync(folder, { recursive: true }));
const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: folder };

function ship(args: readonly string[], input = ''): { records: { [name: string]: unknown }[]; error: string } {
  const done = spawnSync(process.execPath, [run, 'ship', '--to', '-', ...args], {
    cwd: folder,
    env,
    input,
    encoding: 'utf8',
  });
  expect(done.status).toBe(0);
  const lines = done.stdout.split('\n').filter((line) => line !== '');
  return { records: lines.map((line) => JSON.parse(line)), error: done.stderr };
}

/** A shell's view: the exit code of the first command of a pipeline, or of the only one. */
function shell(line: string): { code: number; error: string } {
  const done = spawnSync('bash', ['-c', `${line}; exit "\${PIPESTATUS[0]}"`], {
    cwd: folder,
    env: { ...env, LOGS: `${process.execPath} ${run}` },
    encoding: 'utf8',
    input: '',
  });
  return { code: done.status ?? -1, error: done.stderr };
}

const TRACES = {
  java: [
    '2026-01-05 10:00:00 ERROR c.a.Foo - failed',
    'java.lang.IllegalStateException: broken',
    '\tat com.acme.Foo.bar(Foo.java:12)',
    'Caused by: java.io.IOException: disk',
    '\tat com.acme.Disk.x(Disk.java:1)',
    '\t... 2 more',
  ],
  python: [
    '2026-01-05 10:00:02 ERROR failed',
    'Traceback (most recent call last):',
    '  File "/app/x.py", line 3, in <module>',
    '    main()',
    'ValueError: bad',
    '',
    'During handling of the above exception, another exception occurred:',
    '',
    'Traceback (most recent call last):',
    '  File "/app/x.py", line 9, in f',
    "KeyError: 'x'",
  ],
  node: [
    '2026-01-05T10:00:04Z ERROR broke',
    "TypeError: Cannot read properties of undefined (reading 'x')",
    '    at Object.<anonymous> (/app/index.js:3:9) {',
    "  code: 'X'",
    '}',
  ],
  go: [
    '2026/01/05 10:00:06 http: panic serving 1.2.3.4:5',
    'goroutine 34 [running]:',
    'net/http.(*conn).serve.func1()',
    '\t/usr/local/go/src/net/http/server.go:1868 +0xb9',
    'created by net/http.(*Server).Serve in goroutine 1',
    '\t/usr/local/go/src/net/http/server.go:3086 +0x5cb',
  ],
  dotnet: [
    '2026-01-05 10:00:08.123 [ERR] failed',
    'System.InvalidOperationException: bad',
    '   at Acme.Foo.Bar(String s) in /src/Foo.cs:line 12',
    ' ---> System.IO.IOException: inner',
    '   at Acme.Disk.X()',
    '   --- End of inner exception stack trace ---',
    '   at Acme.Main.Main()',
  ],
} as const;

describe('what logs ship is given', () => {
  const events = Object.values(TRACES).flatMap((trace) => [trace.join('\n'), '2026-01-05 10:00:09 INFO next']);
  it.each(['a file', 'standard input'])('has the stack traces of five languages joined, from %s', (from) => {
    const text = `${events.join('\n')}\n`;
    writeFileSync(join(folder, 'traces.log'), text);
    const { records } = from === 'a file' ? ship(['traces.log']) : ship([], text);
    expect(records.map(({ message }) => message)).toEqual(events);
  });

  it('is cut into events where a regular expression says', () => {
    const text = 'begin 1\n{"a":1}\n\nbegin 2\n at x\nbegin 3';
    const { records } = ship(['--multiline', '^begin \\d'], text);
    expect(records.map(({ message }) => message)).toEqual(['begin 1\n{"a":1}\n', 'begin 2\n at x', 'begin 3']);
    expect(ship(['--multiline', 'none'], 'a\n\tat b(C.java:1)\n').records).toHaveLength(2);
  });

  it('is kept whole where the format that was forced does not fit', () => {
    for (const format of ['json', 'logfmt', 'syslog', 'access', 'cri', 'docker', 'klog']) {
      const { records, error } = ship(['--format', format], 'no such thing\n');
      expect(records).toMatchObject([{ message: 'no such thing', level: 'UNKNOWN', _parse_error: expect.any(String) }]);
      expect(error).toContain('1 unparsed');
    }
  });

  it('gets fields that are typed, and a service where it names none', () => {
    const args = [
      '--field',
      'env=prod',
      '--field',
      'eq=a=b',
      '--field',
      'none=',
      '--field',
      '__proto__=p',
      '--service',
      's',
    ];
    const { records } = ship(args, '{"env":"dev","service":"own"}\nx\n');
    expect(records).toMatchObject([
      { env: 'prod', eq: 'a=b', none: '', service: 'own' },
      { env: 'prod', service: 's' },
    ]);
    expect(Object.hasOwn(records[1] ?? {}, '__proto__')).toBe(true);
  });

  it('may be called anything', () => {
    for (const name of ['-x.log', 'a b', 'ünï\n.log', 'esc\x1b[31m', '*[1]?']) {
      writeFileSync(join(folder, name), 'x\n');
      expect(ship(['--', name]).records).toMatchObject([{ message: 'x', file: name }]);
    }
  });
});

describe('pipes', () => {
  writeFileSync(
    join(folder, 'many.log'),
    Array.from({ length: 20_000 }, (_, n) => `{"level":"info","n":${n}}\n`).join(''),
  );
  it.each([
    'ship many.log --to -',
    'ship many.log --dry-run --sample 20000',
    'search many.log',
    "search '' many.log -o csv",
    'agg many.log --by n',
    'tail many.log -n 0',
    'tail many.log -n 20000',
    'search x --explain',
    'search --help',
    '--help',
  ])('logs %s | head -1 is a success', (line) => {
    const { code, error } = shell(`$LOGS ${line} | head -1`);
    expect([code, error.replaceAll(/^(note|\d|nothing).*\n/gm, '')]).toEqual([
      line === 'tail many.log -n 0' ? 1 : 0,
      '',
    ]);
  });

  it.each([
    'ship many.log --to -',
    'ship many.log --dry-run',
    'ship many.log --to null: --json',
    'search many.log',
    "search '' many.log -c",
    'agg many.log --by level',
    'tail many.log',
    'search x --explain',
  ])('logs %s says that standard output is full', (line) => {
    const { code, error } = shell(`$LOGS ${line} > /dev/full`);
    expect(code).toBe(2);
    expect(error).toContain('error: cannot write to standard output: no space left\nhint: ');
  });

  it.each([
    ['ship --to null:', 0],
    ['ship --dry-run', 0],
    ['search x -', 1],
  ])('logs %s takes a closed standard input for an empty one', (line, code) => {
    expect(shell(`$LOGS ${line} <&-`).code).toBe(code);
  });
});
