import { parse } from '@oclif/core/parser';
import { describe, expect, it } from 'vitest';
import { pipelineFlags, presetText, settingsOf } from '../../src/cli/pipeline-options.ts';
import { PIPELINE_DEFAULTS, type Pipeline } from '../../src/lib/config/pipeline.ts';
import { resolvePipeline } from '../../src/lib/config/resolve-pipeline.ts';
import { SETTINGS } from '../../src/lib/config/settings.ts';
import { LogsError } from '../../src/lib/errors.ts';

const RULES = { readRemote: async () => undefined, secrets: 'needed' } as const;

async function read(argv: readonly string[], text?: string, files: readonly string[] = []): Promise<Pipeline> {
  const { flags } = await parse([...argv], { flags: pipelineFlags, strict: false });
  const file = text === undefined ? {} : { file: { name: 'p.yaml', text } };
  return (await resolvePipeline({ flags: settingsOf(flags, files), ...file }, RULES)).pipeline;
}

/** What is wrong with a command line, first line and hint. */
async function wrong(...args: Parameters<typeof read>): Promise<string[]> {
  const error: unknown = await read(...args).catch((thrown: unknown) => thrown);
  if (!(error instanceof LogsError)) throw error;
  return [error, ...error.also].map(({ code, message }) => `${code} ${message}`);
}

describe('flags of a pipeline', () => {
  it('are there for every setting, none twice, each with its default', () => {
    const flags = Object.values(SETTINGS).map(({ flag }) => flag);
    expect(new Set(flags).size).toBe(flags.length);
    expect(Object.keys(pipelineFlags).sort()).toEqual([...flags, 'copies', 'no-queue'].sort());
    for (const setting of Object.values(SETTINGS)) {
      const { summary } =
        (pipelineFlags as { readonly [name: string]: { readonly summary?: string } })[setting.flag] ?? {};
      const preset = presetText(setting);
      if (preset !== '') expect(summary).toContain(`default ${preset}`);
    }
  });

  it('say nothing where none is given', async () => {
    expect(settingsOf({})).toEqual({});
    expect(await read([])).toEqual(PIPELINE_DEFAULTS);
  });

  it('say all that a file can', async () => {
    const argv = [
      ...['--from', 'kafka://h/t', '--from', 'b.log', '--exclude', '*.gz', '--service', 'shop', '--field', 'env=prod'],
      ...['--format', 'json', '--multiline', 'none', '--encoding', 'latin1', '--drop', 'path:/healthz'],
      ...['--keep', 'DEBUG=10%', '--lag-above', '1000', '--lag-group', 'g', '--lag-keep', 'INFO=0.5'],
      ...['--route', 'level>=ERROR => es://h/errors', '--to', 'es://a,b/x,store', '--copies', '1'],
      ...['--batch-events', '7', '--batch-bytes', '1MB', '--batch-after', '2s', '--retry-attempts', '3'],
      ...['--retry-first', '1ms', '--retry-most', '2s', '--breaker-failures', '2', '--breaker-pause', '3s'],
      ...['--concurrency', '4', '--queue-dir', '/q', '--queue-bytes', '2GiB', '--queue-age', '1d'],
      ...['--when-full', 'sample', '--dead-letters', '/d'],
    ];
    const file = `
from: [a.log, 'kafka://h/t', b.log]
exclude: '*.gz'
read: {service: shop, fields: {env: prod}, format: json, multiline: none, encoding: latin1}
drop: path:/healthz
sample: {keep: {DEBUG: 10%}, when-lag-above: {events: 1000, group: g, keep: {INFO: 0.5}}}
routes: [{match: level>=ERROR, to: es://h/errors}]
to: {replicate: ['es://a,b/x', store], copies: 1}
batch: {events: 7, bytes: 1MB, after: 2s}
retry: {attempts: 3, first: 1ms, most: 2s}
breaker: {failures: 2, pause: 3s}
concurrency: 4
queue: {dir: /q, bytes: 2GiB, age: 1d, when-full: sample}
dead-letters: {dir: /d}
`;
    const said = await read(argv, undefined, ['a.log']);
    expect(said).toEqual(await read([], file));
    const silent = Object.entries(SETTINGS).filter(([, { flag }]) => !argv.includes(`--${flag}`));
    expect(silent.map(([name]) => name)).toEqual([]);
  });

  it('win over the file, and add to its fields', async () => {
    const file = `
from: x.log
read: {service: shop, fields: {env: prod, zone: a}}
to: {replicate: [store, '-'], copies: all}
batch: {events: 10, bytes: 1MiB}
queue: none
`;
    const {
      batch,
      from,
      read: reading,
      to,
      queue,
    } = await read(['--batch-events', '20', '--field', 'env=test', '--to', 'file:/x', '--queue-age', '1h'], file);
    expect(batch).toEqual({ events: 20, bytes: 1024 * 1024, after: 1000 });
    expect(from).toEqual(['x.log']);
    expect(reading).toMatchObject({ service: 'shop', fields: { env: 'test', zone: 'a' } });
    expect(to).toEqual({ urls: ['file:/x'], mode: 'failover', copies: 1 });
    expect(queue).toMatchObject({ age: 3_600_000, bytes: 1024 * 1024 * 1024 });
    expect((await read(['--no-queue'], 'queue: {age: 1d}\n')).queue).toBeUndefined();
    expect((await read([], 'from: x.log\n', ['y.log'])).from).toEqual(['y.log']);
  });

  it('are named where they are wrong, all of them', async () => {
    const argv = ['--batch-bytes', '4 megs', '--route', 'level>=( => file:x', '--concurrency', '0', '--to', 'stor'];
    expect(await wrong(argv)).toEqual([
      'USAGE --route: expected a value, found (',
      'USAGE --batch-bytes: "4 megs" is not a size',
      'USAGE --concurrency: "0" is not in its range',
      'USAGE --to: cannot ship to stor',
    ]);
  });

  it('are told apart from what is wrong in the file', async () => {
    expect(await wrong(['--batch-after', 'soon'], 'batch: {events: 0}\nto: stor\n')).toEqual([
      'USAGE --batch-after: "soon" is not a duration',
      'CONFIG batch.events: 0 is not in its range',
      'CONFIG to: cannot ship to stor',
    ]);
  });

  it.each([
    [['--field', 'env'], 'USAGE --field env is no pair of a name and a value'],
    [['--keep', '=1'], 'USAGE --keep =1 is no pair of a level and a share'],
    [['--route', 'level:ERROR'], 'USAGE --route "level:ERROR" has no => between a query and an address'],
    [
      ['--route', 'a -> es://u:hunter2@h/x'],
      'USAGE --route "a -> es://u:*******@h/x" has no => between a query and an address',
    ],
    [['--copies', '2'], 'USAGE --copies is of the addresses of --to, and there is no --to'],
    [['--to', 'store,-', '--copies', '3'], 'USAGE --to: 3 is not in its range'],
    [['--to', 'es://ann:hunter2@h/x,elastic://h'], 'USAGE --to: cannot ship to elastic://h'],
    [['--keep', 'DEBUG=2'], 'USAGE --keep: "2" is no share'],
    [['--retry-first', '40s'], 'USAGE --retry-first: the first wait is longer than the longest'],
  ])('%j are told of', async (argv, told) => {
    expect(await wrong(argv)).toEqual([told]);
  });
});
