import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CommitLog, EmbeddedWriter, nodeFs, restSeals, sealLog } from '../lib/adapters/embedded/built.ts';

const bin = join(import.meta.dirname, '../../bin/run.js');
const folder = mkdtempSync(join(tmpdir(), 'logs-damage-'));
const whole = join(folder, 'whole');
const store = join(folder, 'store');
const tenant = join(store, 'default');
afterAll(() => rmSync(folder, { recursive: true }));

const logs = (...args: string[]) => logsFed('', ...args);

function logsFed(input: string, ...args: string[]) {
  const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: folder, LOGS_STORE: store };
  const done = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env, input });
  return { output: done.stdout, error: done.stderr, exit: done.status };
}

/** A store with three segments, one of each commit: 3, 2 and 1 events. */
beforeAll(async () => {
  const tenantDir = join(whole, 'default');
  for (const events of [3, 2, 1]) {
    const commitLog = new CommitLog(nodeFs, tenantDir);
    const writer = await EmbeddedWriter.open({
      dir: whole,
      tell: (problem) => expect.fail(problem.message),
      seal: (log) => sealLog({ fs: nodeFs, tenantDir, commitLog, log }),
      restSeals,
      limits: { sealAtCloseBytes: 0 },
    });
    const text = `{"level":"error","service":"s${events}","message":"one of ${events}"}\n`.repeat(events);
    await writer.append({ bytes: Buffer.from(text), lines: events, context: {} });
    await writer.close();
  }
});
beforeEach(() => {
  rmSync(store, { recursive: true, force: true });
  // Sockets cannot be copied.
  cpSync(whole, store, { recursive: true, filter: (path) => !path.endsWith('.sock') });
});

/** The files of the segment that has the most rows. */
function segment(suffix: '.parquet' | '.idx'): string {
  const [first = ''] = readdirSync(join(tenant, 'commits')).sort();
  const { added } = JSON.parse(readFileSync(join(tenant, 'commits', first), 'utf8'));
  return join(tenant, added[0].day, `${added[0].name}${suffix}`);
}

const count = (text: string, part: string): number => text.split(part).length - 1;

/** The file of a commit. */
const commit = (number: number): string => join(tenant, 'commits', `${String(number).padStart(20, '0')}.json`);

describe('a commit that is not what was written', () => {
  const harms: readonly (readonly [string, () => void])[] = [
    ['changed', () => writeFileSync(commit(2), readFileSync(commit(2), 'utf8').replace('"rows":2', '"rows":9'))],
    ['missing', () => unlinkSync(commit(2))],
  ];
  it.each(harms)('keeps the rest readable and takes nothing in: %s', (_, harm) => {
    const saved = readFileSync(commit(2));
    harm();
    for (const args of [
      ['search', '-o', 'raw'],
      ['search', '-c'],
      ['agg', '--by', 'service'],
      ['store', 'stats'],
    ]) {
      const { exit, error, output } = logs(...args);
      expect({ args, exit }).toEqual({ args, exit: 2 });
      expect(count(error, 'damaged: ')).toBe(1);
      expect(error).toContain(join(tenant, 'commits'));
      if (args[2] === 'raw') expect(output.split('\n').length - 1).toBe(4);
    }
    const verified = logs('store', 'verify');
    expect(verified).toMatchObject({ exit: 2, output: expect.stringContaining('4 events in 2 segments') });
    expect(count(verified.error, 'damaged: ')).toBe(1);
    expect(verified.error).toContain('put the file back from a backup');
    const shipped = logs('ship', bin);
    expect(shipped).toMatchObject({ exit: 2, output: '' });
    expect(shipped.error).toMatch(/^error: .*commit.*\nhint: .*put the file back from a backup.*\n$/);
    writeFileSync(commit(2), saved);
    expect(logs('store', 'verify')).toMatchObject({ exit: 0 });
    expect(logs('search', '-c')).toMatchObject({ exit: 0, output: '6\n' });
  });
});

describe('the newest commits, when they are missing', () => {
  it.each([
    ['the last', [3], 5],
    ['the last two', [2, 3], 3],
    ['all', [1, 2, 3], 0],
  ] as const)('are missed: %s', (_, numbers, left) => {
    const saved = numbers.map((number) => readFileSync(commit(number)));
    for (const number of numbers) unlinkSync(commit(number));
    for (const args of [
      ['search', '-o', 'raw'],
      ['search', '-c'],
      ['agg', '--by', 'service'],
      ['store', 'stats'],
      ['store', 'verify'],
    ]) {
      const { exit, error, output } = logs(...args);
      expect({ args, exit }).toEqual({ args, exit: 2 });
      expect(count(error, 'damaged: ')).toBe(1);
      expect(error).toMatch(/damaged: .*commits: commits? [1-3].* missing/);
      // Nothing says that the files of their segments may go.
      expect(error).not.toContain('no part of the store');
      if (args[1] === '-c') expect(output).toBe(`${left}\n`);
    }
    const before = readdirSync(tenant, { recursive: true }).length;
    for (const args of [
      ['ship', bin],
      ['store', 'compact'],
    ])
      expect(logs(...args)).toMatchObject({ exit: 2, output: '', error: expect.stringMatching(/^error: .*missing/) });
    expect(readdirSync(tenant, { recursive: true }).length).toBe(before);
    for (const [at, number] of numbers.entries()) writeFileSync(commit(number), saved[at] ?? '');
    expect(logs('store', 'verify')).toMatchObject({ exit: 0, error: '' });
    expect(logs('search', '-c')).toMatchObject({ exit: 0, output: '6\n' });
  });

  it('leave segments that nobody may delete, though nothing says how many commits there were', () => {
    unlinkSync(commit(3));
    for (const name of readdirSync(join(tenant, 'log')))
      if (name.startsWith('committed.')) unlinkSync(join(tenant, 'log', name));
    const verified = logs('store', 'verify');
    expect(verified).toMatchObject({ exit: 2, output: expect.stringContaining('5 events in 2 segments') });
    expect(count(verified.error, 'damaged: ')).toBe(1);
    expect(verified.error).toMatch(/damaged: \d{4}\.\d\d\.\d\d\/\S+: it has events that nothing else has/);
    expect(verified.error).not.toContain('no part of the store');
    // Whoever owns the folder next finds files of a segment that no commit names.
    for (const writer of readdirSync(join(tenant, 'log')))
      for (const name of readdirSync(join(tenant, 'log', writer)))
        if (name.startsWith('released.')) unlinkSync(join(tenant, 'log', writer, name));
    const files = readdirSync(tenant, { recursive: true }).filter((name) => /\.(?:parquet|idx)$/.test(String(name)));
    expect(logs('store', 'compact')).toMatchObject({ exit: 0 });
    expect(readdirSync(tenant, { recursive: true })).toEqual(expect.arrayContaining(files));
    expect(logs('store', 'verify').exit).toBe(2);
  });
});

describe('a log file that is not what was acknowledged', () => {
  it('is sealed without what is damaged, which is kept, told, and ends compaction with 2', () => {
    for (const text of ['a', 'b', 'c']) expect(logsFed(`${text}\n`, 'ship').exit).toBe(0);
    const [log = ''] = readdirSync(join(tenant, 'log'), { recursive: true })
      .map((name) => join(tenant, 'log', String(name)))
      .filter((path) => path.endsWith('.log'));
    const bytes = readFileSync(log);
    const at = bytes.indexOf('\na\n') + 1;
    bytes.write('x', at);
    writeFileSync(log, bytes);
    const { exit, error } = logs('store', 'compact');
    expect({ exit, error }).toEqual({
      exit: 2,
      error: expect.stringMatching(/ is damaged at byte 0: .*\nhint: .*quarantine/),
    });
    expect(logs('search', '-c')).toMatchObject({ exit: 0, output: '8\n' });
    expect(logs('store', 'compact')).toMatchObject({ exit: 0, error: '' });
    expect(logs('store', 'verify').error).toMatch(/^kept apart by an earlier recovery: /);
  });
});

describe('a segment that is not what was committed', () => {
  const harms: readonly (readonly [string, () => void])[] = [
    ['rows are missing', () => unlinkSync(segment('.parquet'))],
    ['index is cut short', () => truncateSync(segment('.idx'), 10)],
  ];
  it.each(harms)('whose %s is in no count, which says so', (_, harm) => {
    harm();
    const answers = [
      ['search -c', '3\n'],
      ['agg count', '3\n'],
      ['agg --by level -o csv', 'level,count\nERROR,3\n'],
    ] as const;
    for (const [line, output] of answers) {
      const args = line === 'agg count' ? ['agg', '| stats count()', '-o', 'csv'] : line.split(' ');
      const { exit, error, ...found } = logs(...args);
      expect({ line, exit, output: found.output.replace(/^count\n/, '') }).toEqual({ line, exit: 2, output });
      expect(count(error, 'damaged: ')).toBe(1);
      expect(error).toContain('the answer is partial');
    }
    // The rest of what the store holds is told all the same.
    const stats = logs('store', 'stats');
    expect(stats).toMatchObject({ exit: 2, output: expect.stringMatching(/^events +6$[^]*^levels +ERROR +3$/m) });
    expect(count(stats.error, 'damaged: ')).toBe(1);
    // What the events themselves say.
    expect(logs('search', '-o', 'raw').output.split('\n').length - 1).toBe(3);
    expect(logs('agg', '--by', 'level', '-o', 'csv', '--allow-partial').exit).toBe(0);
  });

  it.each([
    [['search', '--json'], '['],
    [['search', '-c', '--json'], '{"count":3}'],
    [['agg', '--by', 'level', '--json'], '['],
    [['search', 'started', '-q', '--json'], '{"error"'],
  ])('makes %j say PARTIAL in a form that programs read', (args, beginning) => {
    truncateSync(segment('.idx'), 10);
    const { exit, error, output } = logs(...args);
    expect(exit).toBe(2);
    expect(output.startsWith(beginning), output).toBe(true);
    const said = [...error.split('\n'), ...output.split('\n')].filter((line) => line.startsWith('{"error"'));
    expect(said.map((line) => JSON.parse(line))).toEqual([
      {
        error: {
          code: 'PARTIAL',
          message: 'the answer is partial',
          hint: `--allow-partial takes it as it is; logs store verify --store ${store} says what is wrong`,
          exit: 2,
        },
      },
    ]);
    JSON.parse(output);
  });

  it('is told beside lines of JSON, never among them', () => {
    truncateSync(segment('.idx'), 10);
    for (const args of [
      ['search', '-o', 'ndjson', '--json'],
      ['tail', '--json', '--timeout', '500ms'],
    ]) {
      const { exit, error, output } = logs(...args);
      expect({ exit, lines: output.split('\n').length - 1 }).toEqual({ exit: 2, lines: 3 });
      expect(output).not.toContain('PARTIAL');
      expect(JSON.parse(error.trim().split('\n').at(-1) ?? '')).toMatchObject({ error: { code: 'PARTIAL' } });
    }
  });

  it('hides no time: the newest event is that of the commits', () => {
    truncateSync(segment('.idx'), 10);
    const { error } = logs('search', 'nosuch:1', '--until', '2001-01-01');
    expect(error).toMatch(/^the newest event is at 20/m);
    expect(error).not.toContain('the store is empty');
  });

  it('is told once by what follows, which ends with 2', () => {
    const path = segment('.parquet');
    const bytes = readFileSync(path);
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const { exit, error, output } = logs('tail', '--timeout', '800ms');
    expect(output.split('\n').length - 1).toBe(3);
    expect(exit).toBe(2);
    expect(count(error, 'damaged: ')).toBe(1);
    expect(count(error, 'the answer is partial')).toBe(1);
  });
});
