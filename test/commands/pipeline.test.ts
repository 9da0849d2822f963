import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'logs-pipeline-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

function logs(argv: readonly string[], options: { input?: string; env?: NodeJS.ProcessEnv } = {}) {
  return run(['pipeline', ...argv], options);
}

function run(argv: readonly string[], { input = '', env = {} }: { input?: string; env?: NodeJS.ProcessEnv } = {}) {
  const done = spawnSync(process.execPath, [join(root, 'bin/run.js'), ...argv], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TZ: 'UTC', HOME: folder, ...env },
    input,
  });
  return { output: done.stdout, error: done.stderr, exit: done.status };
}

const GOOD = file(
  'good.yaml',
  `from: app.log
drop: path:/healthz
sample: {keep: {DEBUG: 50%}, when-lag-above: {}}
routes: [{match: level>=ERROR, to: 'es://ann:\${env:CANARY}@h/errors', continue: true}]
to: store
`,
);

describe('logs pipeline check', () => {
  it('says nothing is wrong, and what there is', () => {
    expect(logs(['check', GOOD], { env: { CANARY: 'x' } })).toEqual({
      output: '',
      error: 'good.yaml: 1 source, 1 route and the rest to store: nothing is wrong\n',
      exit: 0,
    });
    const done = logs(['check', GOOD, '--json'], { env: { CANARY: 'x' } });
    expect([JSON.parse(done.output), done.error, done.exit]).toEqual([{ file: GOOD, ok: true, notes: [] }, '', 0]);
  });

  it('tells each fault with its place and exits with 2', () => {
    const text = 'from: app.log\nbatch: {evnts: 10}\nto: stor\n';
    expect(logs(['check', '-'], { input: text })).toEqual({
      output: '',
      error: `error: batch.evnts: unknown key (standard input:2:9)
  batch: {evnts: 10}
          ^^^^^
hint: did you mean events? known are events, bytes, after
error: to: cannot ship to stor (standard input:3:5)
  to: stor
      ^^^^
hint: did you mean store:? it takes store, store:DIR, file:PATH, - (standard output), null:, and what begins with kafka://, kafka+tls://, es://, es+https://, opensearch://, opensearch+https://
`,
      exit: 2,
    });
    const { output, exit } = logs(['check', '-', '--json'], { input: text });
    expect([JSON.parse(output), exit]).toMatchObject([
      {
        error: {
          code: 'CONFIG',
          message: 'batch.evnts: unknown key',
          at: { file: 'standard input', line: 2, column: 9 },
          also: [{ code: 'CONFIG', message: 'to: cannot ship to stor', at: { line: 3, column: 5 } }],
        },
      },
      2,
    ]);
  });

  it('prints no secret, in the open or not, right or wrong', () => {
    const open = file(
      'open.yaml',
      'to: es://ann:s3cret-canary@h/x\nroutes: [{match: a, to: "es://${env:CANARY}:b@h/X"}]\n',
    );
    const env = { CANARY: 's3cret-canary' };
    for (const argv of [[GOOD], [GOOD, '--show'], [GOOD, '--json'], [open], [open, '--show'], [open, '--json']]) {
      const { output, error } = logs(['check', ...argv], { env });
      expect(output + error).not.toContain('s3cret');
      expect(output + error).not.toBe('');
    }
  });

  it('writes out a file that is read as the same', () => {
    const env = { CANARY: 'x' };
    const shown = logs(['check', GOOD, '--show'], { env });
    expect(shown.output).toContain('after: 1s\n');
    expect(logs(['check', file('shown.yaml', shown.output), '--show'], { env })).toEqual(shown);
  });

  it('asks addresses where it is told to', () => {
    const away = file('away.yaml', 'to: kafka://127.0.0.1:1/x\n');
    expect(logs(['check', away]).exit).toBe(0);
    const { error, exit } = logs(['check', away, '--connect']);
    expect(error).toMatch(/^error: kafka:\/\/127\.0\.0\.1:1\/x: .+\n/);
    expect(exit).toBe(2);
    const { output } = logs(['check', away, '--connect', '--json']);
    expect(JSON.parse(output)).toMatchObject({
      ok: false,
      addresses: [{ address: 'kafka://127.0.0.1:1/x', use: 'target', ok: false, error: { code: 'UNREACHABLE' } }],
    });
  });

  it.each([
    [['check'], 'no pipeline file was named'],
    [['check', 'a', 'b'], 'one file at a time: b is one too many'],
    [['check', 'nope.yaml'], 'cannot read nope.yaml: no such file or folder'],
    [['check', file('binary.yaml', 'a\0b')], 'binary.yaml is no text in UTF-8'],
    [['check', '.'], 'cannot read .: it is a folder'],
    [['test', GOOD, 'app.log', '--examples', 'x'], '--examples has its own events: app.log is one file too many'],
    [['test', GOOD, '--examples', 'nope.yaml'], 'cannot read nope.yaml: no such file or folder'],
    [['test', GOOD, 'nope.log'], 'no such file: nope.log'],
  ])('%j is told of', (argv, told) => {
    const { error, exit } = logs(argv);
    expect([error.split('\n')[0], exit]).toEqual([`error: ${told}`, 2]);
  });
});

describe('logs pipeline test', () => {
  const input =
    'level=error msg=boom\n  at x\nlevel=debug msg=miss\nlevel=info path=/healthz msg=ok\n\nlevel=info msg=hi\n';

  it('shows where each event would go, and needs no secrets', () => {
    const { output, exit } = logs(['test', GOOD], { input });
    expect(output.split('\n')).toEqual([
      '-:1 ERROR - "boom" -> es://ann:${env:CANARY}@h/errors and store',
      '-:3 DEBUG - "miss" -> 50 % of such to store',
      '-:4 INFO - "ok" -> dropped by drop',
      '-:6 INFO - "hi" -> store',
      '',
    ]);
    expect(exit).toBe(0);
    expect(logs(['test', GOOD, '-', '--lagging'], { input }).output).toContain('"hi" -> 50 % of such to store\n');
    const [first = ''] = logs(['test', GOOD, file('app.log', input), '--json']).output.split('\n');
    expect(JSON.parse(first)).toMatchObject({ source: 'app.log', line: 1, level: 'ERROR', share: 1, dropped: null });
  });

  it('runs examples and exits with 1 where one fails, saying how', () => {
    const examples = file(
      'examples.yaml',
      `- name: right
  input: level=error msg=boom
  expect: {to: [store, es://h/errors], share: 1, record: {level: ERROR, message: boom, user: null}}
- input: [level=error msg=boom, level=debug msg=miss, level=debug]
  expect:
    - {to: store, record: {service: shop}}
    - {dropped: drop, share: 0.1}
- {name: slow, lagging: true, input: level=debug msg=x, expect: {share: 0.1}}
`,
    );
    expect(logs(['test', GOOD, '--examples', examples])).toEqual({
      output: `ok    right
FAIL  example 2 (examples.yaml:4)
      events: expected 2, got 3
      event 1, to: expected store, got es://ann:\${env:CANARY}@h/errors and store
      event 1, service: expected "shop", got nothing
      event 2, dropped: expected drop, got it is not
      event 2, share: expected 0.1, got 0.5
ok    slow
`,
      error: '1 of 3 examples failed\n',
      exit: 1,
    });
    const { output, exit } = logs(['test', GOOD, '--examples', examples, '--json']);
    expect([JSON.parse(output), exit]).toMatchObject([
      { passed: 2, failed: 1, examples: [{ differences: [] }, {}, {}] },
      1,
    ]);
  });

  it('says what is wrong with a file of examples', () => {
    const examples = file('wrong.yaml', '- {input: a, expect: {too: x}}\n- {inputs: a, expect: {dropped: no}}\n');
    expect(
      logs(['test', GOOD, '--examples', examples])
        .error.split('\n')
        .filter((line) => line.startsWith('error')),
    ).toEqual([
      'error: [0].expect.too: unknown key (wrong.yaml:1:23)',
      'error: [1].inputs: unknown key (wrong.yaml:2:4)',
      'error: [1].expect.dropped: expected drop or sample, found "no" (wrong.yaml:2:33)',
    ]);
  });

  it('says of every event of a real log where ship then sends it', () => {
    const routed = file(
      'routed.yaml',
      `drop: conversion
routes:
  - {match: product, to: file:one.ndjson, continue: true}
  - {match: currency OR Getting, to: file:two.ndjson}
to: file:rest.ndjson
`,
    );
    const log = join(root, 'samples/online-boutique.ndjson');
    const said = logs(['test', routed, log, '--json']).output.trimEnd().split('\n');
    const events = said.map((line) => JSON.parse(line) as { to: string[]; message: string });
    expect(run(['ship', log, '--pipeline', routed]).exit).toBe(0);
    const names = ['one.ndjson', 'two.ndjson', 'rest.ndjson'];
    for (const name of names) {
      const sent = readFileSync(join(folder, name), 'utf8').trimEnd().split('\n');
      const expected = events.filter(({ to }) => to.includes(`file:${name}`)).map(({ message }) => message);
      expect(sent.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(expected);
      expect(expected.length).toBeGreaterThan(0);
      expect(expected.length).toBeLessThan(310);
    }
    expect(events.length).toBe(310);
  });
});
