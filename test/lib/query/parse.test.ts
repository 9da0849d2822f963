import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LogsError } from '../../../src/lib/errors.ts';
import { lintQuery } from '../../../src/lib/query/lint.ts';
import { parseFilter, parseQuery } from '../../../src/lib/query/parse.ts';
import { printQuery } from '../../../src/lib/query/print.ts';

const GOLDEN = readFileSync(new URL('../../golden/query/parse.txt', import.meta.url), 'utf8');
const DOCUMENTED = readFileSync(new URL('../../../docs/query.md', import.meta.url), 'utf8');

function outcome(text: string): string {
  try {
    return printQuery(parseQuery(text));
  } catch (error) {
    if (!(error instanceof LogsError) || error.code !== 'QUERY_SYNTAX') throw error;
    expect(error.message).not.toBe('');
    return `! ${error.at?.offset}+${error.at?.length}${error.hint === undefined ? '' : ` (${error.hint})`}`;
  }
}

describe('parseQuery', () => {
  const cases = GOLDEN.split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' => '));
  it.each(cases)('%s => %s', (text = '', expected) => {
    expect(outcome(text)).toBe(expected);
  });

  const examples = [...DOCUMENTED.matchAll(/^\| `(.+?)` \|/gm)].map(([, text = '']) => text.replaceAll('\\|', '|'));
  it.each(examples)('reads the documented %s', (text) => {
    expect(outcome(text)).not.toMatch(/^!/);
  });

  it('has examples to read', () => {
    expect(examples.length).toBeGreaterThan(30);
  });

  it('refuses what is too long, too deep, or a stage where only a filter stands', () => {
    expect(() => parseQuery('a'.repeat(70_000))).toThrow(/at most 65536/);
    expect(() => parseQuery(`${'('.repeat(200)}a${')'.repeat(200)}`)).toThrow(/100 deep/);
    expect(() => parseQuery(`${'-'.repeat(200)}a`)).toThrow(/100 deep/);
    expect(() => parseQuery(`f:/${'a'.repeat(11_000)}/`)).toThrow(/at most 10240/);
    expect(() => parseFilter('a | limit 1')).toThrow(/only a filter/);
  });

  it.each([
    ['NOT a OR b', /NOT is applied before OR/],
    ['level:eror2', /names no level/],
    ['sevice:x', /did you mean service/],
  ])('remarks on %s', (text, remark) => {
    expect(lintQuery(parseQuery(text), text).join()).toMatch(remark);
  });

  it('has no remark on plain queries', () => {
    expect(lintQuery(parseQuery('level:ERROR service:x -a'), '')).toEqual([]);
  });
});
