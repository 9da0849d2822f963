import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../src/lib/query/parse.ts';
import { compilePredicate } from '../../../src/lib/query/predicate.ts';
import { CLOCK, event } from './record.ts';

function matches(query: string, fields: object): boolean {
  return compilePredicate(parseFilter(query), CLOCK)(event(fields));
}

describe('compilePredicate', () => {
  it.each<[string, object, boolean]>([
    ['error', { message: 'An ERROR occurred' }, true],
    ['err', { message: 'An ERROR occurred' }, false],
    ['*err*', { message: 'An ERROR occurred' }, true],
    ['err*', { message: 'An ERROR occurred' }, true],
    ['*rror', { message: 'An ERRORS' }, false],
    ['10.0.0.1', { message: 'from 10.0.0.1:80' }, true],
    ['10.0.0.1', { message: 'from 110.0.0.1' }, false],
    ['/api/v1/orders', { message: 'GET /api/v1/orders HTTP' }, true],
    ['http://x', { message: 'see http://x/y' }, true],
    ['k', { message: 'a \u212a b' }, false],
    ['σίσυφος', { message: 'ΣΊΣΥΦΟΣ' }, true],
    ['"connection refused"', { message: 'Connection refused!' }, true],
    ['boom', { message: 'x', error: { message: 'boom' } }, true],
    ['boom', { message: 'x', other: 'boom' }, false],
    ['*:boom', { message: 'x', other: 'boom' }, true],
    ['user:Ann', { user: 'ann' }, false],
    ['status:100', { status: '1e2' }, true],
    ['status:"100"', { status: '1e2' }, false],
    ['status:[1 TO 2]', { status: 100 }, false],
    ['n>9007199254740992', { n: 1 }, false],
    ['latency_ms>500', { latency_ms: '501' }, true],
    ['latency_ms>0.5s', { latency_ms: 501 }, true],
    ['duration>500ms', { duration: '1m30s' }, true],
    ['size>10MB', { size: 10_000_001 }, true],
    ['size>10MiB', { size: '10 MB' }, false],
    ['NOT f:v', { other: 1 }, true],
    ['f!=v', { other: 1 }, true],
    ['f:*', { f: null }, false],
    ['_exists_:f', { f: 0 }, true],
    ['tags:b', { tags: ['a', 'b'] }, true],
    ['http.status:500', { http: { status: 500 } }, true],
    ['http.status:500', { 'http.status': 500 }, true],
    ['level:err', { level: 'ERROR' }, true],
    ['level:50', { level: 'error' }, true],
    ['severity:3', { severity: 'error' }, true],
    ['level>=WARN', { level: 'fatal' }, true],
    ['level<WARN', { message: 'no level' }, false],
    ['level:UNKNOWN', { message: 'no level' }, true],
    ['ip:10.0.0.0/8', { ip: '10.200.1.1' }, true],
    ['ip:10.0.0.0/8', { ip: '::ffff:10.1.1.1' }, true],
    ['ip:2001:db8::/32', { ip: '2001:db8:1::1' }, true],
    ['ip:10.0.0.0/8', { ip: '11.0.0.1' }, false],
    ['status:(500 OR 502)', { status: 502 }, true],
    ['status:in(500, 502)', { status: 501 }, false],
    ['message:/time(d )?out/', { message: 'it timed out' }, true],
    ['message:/TIME/i', { message: 'it timed out' }, true],
    ['@timestamp:2022-08-22', { time: '2022-08-22T23:59:59Z' }, true],
    ['@timestamp>2022-08-22', { time: '2022-08-22T23:59:59Z' }, false],
    ['@timestamp>=now-1h', { time: '2022-08-22T05:29:59Z' }, true],
    ['aa', { message: 'aaa aab baa x' }, false],
    ['aa', { message: 'aaa aab baa aa' }, true],
    ['aa-b', { message: 'aaa-b aa-bb aa-b' }, true],
    ['😀a', { message: 'x😀😀a' }, true],
    ['𝒳a', { message: '𝒳𝒳a 𝒳ab 𝒳a' }, true],
    ['𝒳a', { message: '𝒳𝒳a 𝒳ab' }, false],
    ['STRASSE', { message: 'straße' }, false],
    ['straẞe', { message: 'Straße' }, true],
    ['İstanbul', { message: 'istanbul' }, false],
    ['İSTANBUL', { message: 'İstanbul' }, true],
    ['I', { message: 'ı' }, false],
    ['caf\u00e9', { message: 'cafe\u0301' }, false],
    ['n:9007199254740993', { n: '9007199254740993' }, true],
    ['n:9007199254740993', { n: '9007199254740992' }, false],
    ['n>0', { n: '1e-400' }, true],
    ['n:0', { n: '-1e-400' }, false],
    ['n:0', { n: '-0.0' }, true],
    ['n:0', { n: '0e5' }, true],
    ['n:""', { n: '' }, true],
    ['n:""', { n: null }, false],
    ['n:*', { n: [] }, false],
    ['n:*', { n: {} }, true],
    ['a.b.c:x', { a: { 'b.c': 'x' } }, true],
    ['a.b.c:x', { 'a.b': { c: 'x' } }, true],
    ['a.b:y', { a: [{ b: 'x' }, { b: ['y'] }] }, true],
    ['constructor:*', {}, false],
    ['__proto__.toString:*', {}, false],
    ['created>2022-01-01', { created: '2022-08-22T05:18:16+99:99' }, false],
    ['p:a\\*b', { p: 'a*b' }, true],
    ['p:a\\*b', { p: 'axb' }, false],
    ['p:a\\**', { p: 'a*b' }, true],
    ['p:?', { p: '😀' }, true],
    ['p:a?b', { p: 'a\u0000b' }, true],
    ['p:a\\\\*', { p: 'a\\b' }, true],
    ['a b OR c', { message: 'c' }, true],
    ['-a', { message: 'b' }, true],
  ])('%s on %j is %s', (query, fields, expected) => {
    expect(matches(query, fields)).toBe(expected);
  });

  it('compares numbers that no double holds', () => {
    const test = compilePredicate(parseFilter('n>9007199254740992'), CLOCK);
    expect(test(event('{"n":9007199254740993}'))).toBe(true);
    expect(compilePredicate(parseFilter('n:9007199254740992'), CLOCK)(event('{"n":9007199254740993}'))).toBe(false);
  });
});
