import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { compress, init } from '@bokuweb/zstd-wasm';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseEvent } from '../../src/lib/parse/parse-event.ts';

const SCRIPT = join(import.meta.dirname, '../../bench/generate.mjs');
const SIZE = 4_000_000;

function generate(...args: readonly string[]): { status: number | null; stdout: Buffer; stderr: string } {
  const done = spawnSync(process.execPath, [SCRIPT, ...args], { maxBuffer: 1 << 26 });
  return { status: done.status, stdout: done.stdout, stderr: done.stderr.toString() };
}

beforeAll(() => init());

describe.each([
  { kind: 'shop', least: 8, most: 12 },
  { kind: 'entropy', least: 3.6, most: 4.6 },
  { kind: 'access', least: 9, most: 12 },
])('generated logs: $kind', ({ kind, least, most }) => {
  const { stdout, stderr } = generate(kind, '--size', String(SIZE));

  test('are as much as was asked for, in whole lines', () => {
    expect(stdout.length).toBeLessThanOrEqual(SIZE);
    expect(stdout.length).toBeGreaterThan(SIZE - 2000);
    expect(stdout.at(-1)).toBe(10);
    expect(stderr).toMatch(/^\w+, seed 1: \d+ events, 4\.0 MB in /);
  });

  test('compress as they are said to', () => {
    const ratio = stdout.length / compress(stdout, 3).length;
    expect(ratio).toBeGreaterThan(least);
    expect(ratio).toBeLessThan(most);
  });

  test('are the same for a seed, and others for another', () => {
    expect(generate(kind, '--size', '100KB').stdout).toEqual(generate(kind, '--size', '100KB', '--seed', '1').stdout);
    expect(generate(kind, '--size', '100KB', '--seed', '2').stdout).not.toEqual(
      generate(kind, '--size', '100KB').stdout,
    );
  });

  const lines = stdout.toString().trimEnd().split('\n');
  const records = lines.map((line) =>
    parseEvent(Buffer.from(line), {}, BigInt(Date.now()) * 1_000_000n, '0'.repeat(32)),
  );

  if (kind === 'access')
    test('are lines of an access log, at times that rise', () => {
      expect(records.filter(({ format }) => format !== 'access')).toEqual([]);
      expect(new Set(records.map(({ level }) => level))).toEqual(new Set(['INFO', 'WARN', 'ERROR']));
      expect(records.filter(({ ts }, at) => ts < (records[at - 1]?.ts ?? 0n))).toEqual([]);
    });
  else
    test('are events with all that questions are asked about, at times that rise', () => {
      expect(
        records.filter(({ service, trace_id, message, fields }) => {
          return [service, trace_id, message, fields['pod'], fields['latency_ms']].includes(undefined);
        }),
      ).toEqual([]);
      expect(new Set(records.map(({ level }) => level))).toEqual(new Set(['DEBUG', 'INFO', 'WARN', 'ERROR']));
      expect(records.filter(({ ts }, at) => at > 0 && ts <= (records[at - 1]?.ts ?? 0n))).toEqual([]);
    });
});

describe('bench/generate.mjs', () => {
  test('writes no faster than it is told', () => {
    const began = performance.now();
    expect(generate('shop', '--size', '1MB', '--rate', '1MB').status).toBe(0);
    expect(performance.now() - began).toBeGreaterThan(900);
  });

  test.each([
    [['nosuch'], /no kind is called nosuch; there are shop, entropy, access/],
    [['shop', '--size', '5 bananas'], /5 bananas is no size/],
  ])('refuses %j', (args, said) => {
    const { status, stderr } = generate(...args);
    expect(stderr).toMatch(said);
    expect(status).toBe(2);
  });
});
