import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  PIPELINE_DEFAULTS,
  type Pipeline,
  type PipelineTarget,
  type Shares,
  WHEN_FULL,
} from '../../../src/lib/config/pipeline.ts';
import { printPipeline } from '../../../src/lib/config/print-pipeline.ts';
import { resolvePipeline } from '../../../src/lib/config/resolve-pipeline.ts';
import { FORMATS } from '../../../src/lib/parse/formats.ts';
import { ENCODINGS } from '../../../src/lib/read/decode.ts';
import { LEVELS, type Level } from '../../../src/lib/record/level.ts';

const RULES = { readRemote: async () => undefined, secrets: 'needed' } as const;

/** Texts that YAML or our own reading could take for something else. */
const ODD = [
  'yes',
  'null',
  '~',
  '1e3',
  '0x10',
  '- a',
  'a: b',
  '#x',
  '*a',
  '&a',
  '!a',
  '"',
  "'",
  'a\nb\n',
  ' x ',
  '<<',
  '%',
  '@',
  '`',
  '{a}',
  '[a]',
  '2026-01-31',
  'ü\u2028',
  '|',
  '>',
];
const text = fc.oneof(fc.constantFrom(...ODD), fc.string({ minLength: 1 })).filter((one) => !/\$\{/.test(one));
/** A key `<<` merges what stands under it, quoted or not. */
const name = fc.oneof(text, fc.constant('__proto__')).filter((one) => one !== '<<');
const url = fc.oneof(
  fc.constantFrom(
    'store',
    '-',
    'null:',
    'store:a b',
    'file:/x,y',
    'kafka://one:1,two:2/raw?acks=all',
    'es://${env:HOME}@h/x',
  ),
  fc.webPath().map((path) => `es+https://h${path}`),
);
const target: fc.Arbitrary<PipelineTarget> = fc
  .tuple(fc.uniqueArray(url, { minLength: 1, maxLength: 4 }), fc.nat(), fc.boolean())
  .map(([urls, copies, all]) =>
    all ? { urls, mode: 'replicate', copies: 1 + (copies % urls.length) } : { urls, mode: 'failover', copies: 1 },
  );
const shares: fc.Arbitrary<Shares> = fc.dictionary(
  fc.constantFrom(...(Object.keys(LEVELS) as Level[])),
  fc.integer({ min: 0, max: 1000 }).map((share) => share / 1000),
  { noNullPrototype: true },
);
const between = (min: number, max: number) => fc.integer({ min, max });
const or = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const matches = fc.uniqueArray(fc.constantFrom('*', 'level>=ERROR', 'a b', '"x: y"', 'NOT # -c', 'm:/a\\.b/i'));

const pipeline: fc.Arbitrary<Pipeline> = fc.record({
  from: fc.uniqueArray(fc.constantFrom('-', '/a/**/*.log', 'x y', 'kafka://h/t?group=g', '~/a'), { maxLength: 3 }),
  exclude: fc.uniqueArray(text, { maxLength: 3 }),
  read: fc.record({
    service: or(text),
    fields: fc.dictionary(name, text, { noNullPrototype: true }),
    format: or(fc.constantFrom(...FORMATS)),
    multiline: fc.constantFrom('auto', 'none', '^\\d{4}-', 'a: b # c'),
    encoding: or(fc.constantFrom(...ENCODINGS)),
  }),
  drop: or(fc.constantFrom('*', 'path:/healthz OR "a: b"')),
  sample: fc.record({
    keep: shares,
    whenLagAbove: or(fc.record({ events: between(1, 1e9), group: or(text), keep: shares })),
  }),
  routes: matches.chain((all) =>
    fc.tuple(...all.map((match) => fc.record({ match: fc.constant(match), to: target, continue: fc.boolean() }))),
  ),
  to: target,
  batch: fc.record({ events: between(1, 100_000), bytes: between(1024, 2 ** 26), after: between(1, 60_000) }),
  retry: fc.record({ attempts: or(between(1, 1e6)), first: between(1, 60_000), most: between(60_000, 3_600_000) }),
  breaker: fc.record({ failures: between(1, 1000), pause: between(10, 3_600_000) }),
  concurrency: between(1, 256),
  queue: or(
    fc.record({
      dir: or(text),
      bytes: between(2 ** 20, 2 ** 30),
      age: or(between(1000, 2 ** 31)),
      whenFull: fc.constantFrom(...WHEN_FULL),
    }),
  ),
  deadLetters: or(text),
});

async function readBack(given: Pipeline): Promise<Pipeline> {
  const file = { name: 'printed.yaml', text: printPipeline(given) };
  return (await resolvePipeline({ flags: {}, file }, RULES)).pipeline;
}

describe('a pipeline written as a file', () => {
  it('is read back as the same', async () => {
    await fc.assert(
      fc.asyncProperty(pipeline, async (given) => {
        expect(await readBack(given)).toEqual(given);
      }),
      { numRuns: 50 },
    );
  });

  it('is so where nothing was said', async () => {
    expect(await readBack(PIPELINE_DEFAULTS)).toEqual(PIPELINE_DEFAULTS);
    expect((await resolvePipeline({ flags: {} }, RULES)).pipeline).toEqual(PIPELINE_DEFAULTS);
  });

  it('has no password that stood in the open, and says so', async () => {
    const file = { name: 'p.yaml', text: 'to: es://ann:hunter2@h/x?api-key=hunter3\n' };
    const { pipeline: read, notes } = await resolvePipeline({ flags: {}, file }, RULES);
    expect(printPipeline(read)).toContain('to: es://ann:***@h/x?api-key=***\n');
    expect(notes).toEqual([
      'a secret of es://ann:***@h/x?api-key=*** stands in the open: write ${env:NAME} or ${file:PATH} for it',
    ]);
  });
});
