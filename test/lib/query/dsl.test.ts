import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { FieldIndex, FieldMap } from '../../../src/lib/query/dsl-fields.ts';
import { EVERY, NONE } from '../../../src/lib/query/dsl-pair.ts';
import { luceneRegex } from '../../../src/lib/query/dsl-regex.ts';
import { compileDsl } from '../../../src/lib/query/dsl.ts';
import { parseFilter } from '../../../src/lib/query/parse.ts';
import { printFilter } from '../../../src/lib/query/print.ts';
import { CLOCK } from './record.ts';

interface Golden {
  readonly query: string;
  readonly may: unknown;
  /** Absent: the same as `may`. */
  readonly surely?: unknown;
  readonly partial?: readonly string[];
}

const GOLDEN = new URL('../../golden/query/dsl.json', import.meta.url);

function keyword(path: string): FieldIndex {
  return { terms: path };
}

function number(path: string): FieldIndex {
  return { terms: path, numbers: `${path}.num`, several: { term: { _inexact: `[]${path}` } } };
}

/** Fields as our template maps them, as far as the queries of the test name them. */
const PATHS: { readonly [path: string]: FieldIndex } = {
  level: keyword('level'),
  service: keyword('service'),
  host: keyword('host'),
  log_id: keyword('log_id'),
  message: { words: { path: 'message', by: 'ours' } },
  'error.message': { words: { path: 'error.message', by: 'ours' } },
  status: number('status'),
  latency_ms: number('latency_ms'),
  path: keyword('path'),
  ip: keyword('ip'),
  user: { object: true },
  'a*': keyword('a*'),
  'user.name': keyword('user.name'),
  pod: keyword('pod'),
  '_fields.status': keyword('_fields.status'),
};

const OURS: FieldMap = { ours: true, inexact: '_inexact', get: (path) => PATHS[path], below: () => [] };
const FOREIGN: FieldMap = {
  ours: false,
  get: (path) => {
    if (path === 'msg') return { words: { path, by: 'standard' }, terms: 'msg.keyword' };
    return path === 'app' ? keyword('app') : undefined;
  },
  below: () => [],
};

describe('compileDsl', () => {
  const goldens = JSON.parse(readFileSync(GOLDEN, 'utf8')) as Golden[];

  it.each(goldens)('$query', ({ query, may, surely = may, partial = [] }) => {
    const compiled = compileDsl(parseFilter(query), CLOCK, OURS);
    expect({ ...compiled, partial: compiled.partial.map(printFilter) }).toEqual({ may, surely, partial });
  });

  it('is sure of nothing in indices of others, and looks under all names that senders use', () => {
    const { may, surely } = compileDsl(parseFilter('service:web'), CLOCK, FOREIGN);
    expect(surely).toBe(NONE);
    expect(JSON.stringify(may)).toContain('{"term":{"app":"web"}}');
    expect(JSON.stringify(compileDsl(parseFilter('refused'), CLOCK, FOREIGN).may)).toContain('"msg"');
    expect(compileDsl(parseFilter('level:ERROR'), CLOCK, FOREIGN).may).toBe(EVERY);
  });

  it.each(['NOT service:web', 'service!=web', 'NOT NOT service!=web'])(
    'trusts indices of others no more where a clause is negated: %s',
    (query) => {
      const { may, surely, partial } = compileDsl(parseFilter(query), CLOCK, FOREIGN);
      expect({ may, surely, partial }).toEqual({ may: EVERY, surely: NONE, partial: [] });
    },
  );

  it('never hands over what was typed as something to be parsed', () => {
    const text = JSON.stringify(compileDsl(parseFilter('service:"a OR b* /x/" "y AND z"'), CLOCK, OURS));
    expect(text).not.toContain('query_string');
    expect(text).toContain('{"term":{"service":"a OR b* /x/"}}');
  });

  it('gives up on filters too deep for a server', () => {
    const query = `${'NOT (service:a OR '.repeat(20)}host:b${')'.repeat(20)}`;
    const { may, partial } = compileDsl(parseFilter(query), CLOCK, OURS);
    expect(depthOf(may)).toBeLessThan(30);
    expect(partial.length).toBeGreaterThan(0);
  });
});

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = 'bool' in value ? 1 : 0;
  return own + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('luceneRegex', () => {
  it.each([
    ['time(d )?out', '', '.*(time(d )?out).*'],
    ['^GET', '', '(GET).*'],
    ['^(error|500)$', '', '((error|500))'],
    ['a/b', '', '.*(a/b).*'],
    ['a.b', '', '.*(a[^\n]b).*'],
    ['a.b', 's', '.*(a.b).*'],
    ['sk', 'i', '.*([sS\u017f][kK\u212a]).*'],
    ['[a-c]+?x', '', '.*([a-c]+x).*'],
    ['#<&@~"', '', '.*(\\#\\<\\&\\@\\~\\").*'],
    ['\\d{3}', '', '.*([0-9]{3}).*'],
  ])('takes /%s/%s', (source, flags, lucene) => {
    expect(luceneRegex(source, flags)).toBe(lucene);
  });

  it.each([
    '\\bx',
    '^a|b$',
    'a$b',
    '(?i)a',
    '\\pL',
    '[[:alpha:]]',
    'x{2000}',
    '(|a)',
    'a||b',
    '\\x41',
    '[^\\d]',
    '[^]a]',
    '[^]]',
  ])('leaves /%s/ to us', (source) => {
    expect(luceneRegex(source, '')).toBeUndefined();
  });

  it('leaves letters outside ASCII in any case to us', () => {
    expect(luceneRegex('\\w', 'i')).toBeUndefined();
    expect(luceneRegex('ß', 'i')).toBeUndefined();
    expect(luceneRegex('ß', '')).toBe('.*(ß).*');
  });
});
