import { describe, expect, it } from 'vitest';
import { lintQuery } from '../../../src/lib/query/lint.ts';
import { parseQuery } from '../../../src/lib/query/parse.ts';

const lint = (text: string): string[] => lintQuery(parseQuery(text), text);

describe('what is said about a query', () => {
  it.each([
    ['servce:auth', 'did you mean service?'],
    ['trce_id:x', 'did you mean trace_id?'],
    ['NOT a OR b', 'NOT (a OR b)'],
    ['level:EVIL', 'EVIL names no level'],
    ['error | where levle:x | stats count() by pod', 'did you mean level?'],
  ])('%s: %s', (text, said) => {
    expect(lint(text).join('\n')).toContain(said);
  });

  it.each([
    'traceId:x',
    'traceID:x',
    'spanId:y',
    'svc:a',
    'service:a',
    'pod:b',
    'hostname:c',
    'level:err',
    '(NOT a) OR b',
  ])('nothing: %s', (text) => {
    expect(lint(text)).toEqual([]);
  });
});
