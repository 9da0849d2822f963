import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../../src/lib/parse/detect.ts';
import { MAX_FIELDS, MAX_KEY } from '../../../src/lib/parse/limits.ts';
import { parseEvent } from '../../../src/lib/parse/parse-event.ts';
import type { EventContext, LogRecord } from '../../../src/lib/record/record.ts';
import { toWireJson } from '../../../src/lib/record/wire-json.ts';

const now = BigInt(Date.parse('2024-03-01T00:00:00Z')) * 1_000_000n;
const parse = (line: string | Uint8Array, context: EventContext = {}): LogRecord =>
  parseEvent(typeof line === 'string' ? Buffer.from(line) : line, context, now, 'ID');

describe('parseEvent', () => {
  it('never throws, is deterministic, keeps the bytes, and gives JSON, whatever the bytes and the format', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '{"log":"',
        '{"msg":',
        '<13>',
        '<34>1 ',
        '2024-01-02T03:04:05Z stdout F ',
        'I0102 03:04:05.1 1 a:1] ',
        'a=b ',
        '"',
        '[',
        'Jan  2 03:04:05 ',
        '\\',
        '}',
        '\n',
        '1.2.3.4 - - [02/Jan/2024:03:04:05 +0000] "',
      ),
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(piece, { maxLength: 8 }).map((p) => new Uint8Array(Buffer.from(p.join('')))),
    );
    const format = fc.constantFrom(undefined, ...FORMATS);
    fc.assert(
      fc.property(bytes, format, (line, name) => {
        const before = Buffer.from(line);
        const context = name === undefined ? {} : { format: name };
        const record = parse(line, context);
        expect(record.raw).toBe(line);
        expect(before.equals(line)).toBe(true);
        JSON.parse(toWireJson(record));
        expect(toWireJson(parse(line, context))).toBe(toWireJson(record));
      }),
      { numRuns: 3000 },
    );
  });

  it('costs linear time on a hostile line of 1 MiB, in every format', () => {
    const seeds = [
      'a=',
      ' [',
      '"\\',
      '2024-01-02T03:04:05Z stdout F ',
      '{"log":"',
      '\\"',
      '[x y="',
      ' = ',
      '<',
      '1e5,',
      '":',
      '[[',
      'x: ',
      '" ',
      '0.',
    ];
    for (const seed of seeds) {
      const line = Buffer.from(seed.repeat(Math.floor(1_048_576 / seed.length)));
      for (const format of [undefined, ...FORMATS]) {
        const start = performance.now();
        parse(line, format === undefined ? {} : { format });
        expect(performance.now() - start, `${seed} as ${format}`).toBeLessThan(2000);
      }
    }
  });

  it('takes defaults from the context, and lets its fields win', () => {
    const context = {
      service: 'dflt',
      host: 'dh',
      file: '/a.log',
      fields: { env: 'prod', b: 'ours', tenant: 'x', level: 'warn', trace_id: 't' },
    };
    const record = parse('{"msg":"m","b":1,"level":"error","host":"own"}', context);
    expect(record).toMatchObject({ service: 'dflt', host: 'own', level: 'WARN', trace_id: 't' });
    expect(record.fields).toEqual({ b: 'ours', env: 'prod', file: '/a.log', _tenant: 'x' });
    expect(parse('{"service":"own","file":"theirs"}', context)).toMatchObject({
      service: 'own',
      fields: { file: 'theirs' },
    });
  });

  it('tells a cut event', () => {
    const record = parse('{"msg":"abc', { truncated: 2_000_000 });
    expect(record.fields).toMatchObject({ truncated: true, original_length: 2_000_000 });
    expect(record).toMatchObject({ level: 'UNKNOWN', message: '{"msg":"abc' });
    expect(record.fields['_parse_error']).toBe('the string does not end at column 12');
  });

  it('reads zoneless times in the zone of the source', () => {
    expect(parse('2024-01-02 03:04:05,123 ERROR [main] x', { zone: 'Europe/Berlin' }).tsText).toBe(
      '2024-01-02T03:04:05.123+01:00',
    );
  });

  it('takes a BOM and a CR off before reading, not from the bytes', () => {
    const record = parse('\ufeff{"msg":"m"}\r');
    expect(record).toMatchObject({ message: 'm', format: 'json' });
    expect(record.raw).toHaveLength(15);
    expect(parse('a\ufeffb\r').message).toBe('a\ufeffb');
  });

  it('shows what is not UTF-8 as U+FFFD with a flag, and the character itself without', () => {
    const latin1 = Buffer.from('{"msg":"caf\xe9"}', 'latin1');
    expect(parse(latin1)).toMatchObject({ message: 'caf\ufffd', fields: { _invalid_utf8: true } });
    expect(parse('{"msg":"\ufffd"}').fields).toEqual({});
    expect(parse(Buffer.from([0, 1, 255])).message).toBe('\0\u0001\ufffd');
  });

  it('keeps ours apart from what the sender calls so', () => {
    const record = parse('{"log_id":"a","received_at":"b","tenant":"c","_parse_error":"fake","level":"error"}');
    expect(record).toMatchObject({ log_id: 'ID', receivedAt: now, level: 'ERROR' });
    expect(record.fields).toEqual({ _log_id: 'a', _received_at: 'b', _tenant: 'c', _parse_error: 'fake' });
  });

  it('keeps JSON that is too deep as text', () => {
    const deep = `{"a":${'['.repeat(200)}${']'.repeat(200)}}`;
    expect(parse(deep)).toMatchObject({ message: deep, level: 'UNKNOWN', fields: { _parse_error: 'depth' } });
    expect(parse(`{"a":${'['.repeat(100_000)}`).fields['_parse_error']).toBe('depth');
    const inside = parse(JSON.stringify({ msg: deep, level: 'info' }));
    expect(inside).toMatchObject({ message: deep, level: 'INFO' });
  });

  it('opens JSON in JSON only so often', () => {
    let line = '{"message":"core"}';
    for (let i = 0; i < 3; i++) line = JSON.stringify({ log: line });
    expect(parse(line).message).toBe('core');
    for (let i = 0; i < 8; i++) line = JSON.stringify({ log: line });
    expect(parse(line).message).toContain('core');
    expect(parse('2024-01-02T03:04:05Z stdout F '.repeat(10_000)).format).toBe('cri');
  });

  it('never lets a key reach a prototype', () => {
    for (const key of [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'a.__proto__.b',
      'constructor.prototype',
    ]) {
      for (const line of [
        `{"${key}":{"polluted":1},"n":1.0}`,
        `{"msg":"{\\"${key}\\":{\\"polluted\\":1}}"}`,
        `{"service":{"${key}":{"polluted":1}},"log":{"${key}":1}}`,
        `${key}=1 msg=x`,
        `<13>1 - - - - - [${key} ${key}="1"] x`,
      ]) {
        const record = parse(line);
        expect(Object.getPrototypeOf(record.fields)).toBe(Object.prototype);
        expect('polluted' in {}).toBe(false);
        expect(toWireJson(record)).toContain(key);
      }
    }
    const record = parse('{"x":1}', { fields: JSON.parse('{"__proto__":"v"}') as Record<string, string> });
    expect(toWireJson(record)).toContain('"__proto__":"v"');
  });

  it('puts what is over the limits into one text, and still finds the roles', () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, i]));
    const record = parse(JSON.stringify({ ...many, message: 'm', level: 'error' }));
    expect(Object.keys(record.fields)).toHaveLength(MAX_FIELDS + 1);
    expect(record).toMatchObject({ message: 'm', level: 'ERROR' });
    expect(JSON.parse(record.fields['_overflow'] as string)).toHaveProperty('k9999', 9999);

    const long = 'k'.repeat(MAX_KEY + 1);
    const wide = parse(JSON.stringify({ a: 1, [long]: 2, nested: { [long]: 3 }, big: many, z: 4, '': 5 }));
    expect(wide.fields).toMatchObject({ a: 1, z: 4, '': 5 });
    expect(Object.keys(JSON.parse(wide.fields['_overflow'] as string) as object)).toEqual([long, 'nested', 'big']);
  });

  it('uses the time of receipt where none can be used, and says why', () => {
    for (const [line, fields] of [
      ['{"ts":"yesterday"}', { ts: 'yesterday', _ts_error: 'no time in ts: yesterday' }],
      ['{"@timestamp":{"a":1}}', { '_@timestamp': { a: 1 }, _ts_error: 'no time in @timestamp: {"a":1}' }],
      ['{"ts":-5}', { clock_skew: '1969-12-31T23:59:55Z' }],
      ['{"ts":"2024-03-02T00:00:01Z"}', { clock_skew: '2024-03-02T00:00:01Z' }],
      ['{"ts":"9999-12-31T23:59:59Z"}', { clock_skew: '9999-12-31T23:59:59Z' }],
      ['{"a":1}', { a: 1 }],
    ] as const) {
      expect(parse(line), line).toMatchObject({ ts: now, tsText: undefined, fields });
    }
    expect(parse('{"ts":"2024-03-01T23:59:59Z"}').tsText).toBe('2024-03-01T23:59:59Z');
    expect(parse('{"time":"soon","ts":1700000000}').tsText).toBe('2023-11-14T22:13:20Z');
  });

  it('keeps the text of a level that says more than the level', () => {
    expect(parse('{"level":"notice"}')).toMatchObject({ level: 'INFO', fields: { _level: 'notice' } });
    expect(parse('{"severity":"banana"}')).toMatchObject({ level: 'UNKNOWN', fields: { severity: 'banana' } });
    expect(parse('{"level":30,"severity":"crit"}')).toMatchObject({ level: 'INFO', fields: { severity: 'crit' } });
    expect(parse('{"level":"error"}').fields).toEqual({});
  });
});
