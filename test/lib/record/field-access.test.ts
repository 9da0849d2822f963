import { describe, expect, it } from 'vitest';
import { allValuesOf, textValuesOf, valuesOf } from '../../../src/lib/record/field-access.ts';
import { toWireJson } from '../../../src/lib/record/wire-json.ts';
import { parseEvent } from '../../../src/lib/parse/parse-event.ts';
import type { LogRecord } from '../../../src/lib/record/record.ts';

const receivedAt = BigInt(Date.parse('2024-03-01T00:00:00Z')) * 1_000_000n;
const record = (line: string): LogRecord => parseEvent(Buffer.from(line), {}, receivedAt, 'ID');

describe('valuesOf', () => {
  it('sees a role under its name and its aliases, and what kept the alias as its own name', () => {
    const r = record(
      '{"severity":"warning","lvl":"debug","msg":"m","traceId":"t","service":{"name":"s"},"hostname":"h"}',
    );
    expect(valuesOf(r, 'level')).toEqual(['WARN']);
    expect(valuesOf(r, 'severity')).toEqual(['WARN']);
    expect(valuesOf(r, 'lvl')).toEqual(['WARN', 'debug']);
    expect(valuesOf(r, 'log.level')).toEqual(['WARN']);
    expect(valuesOf(r, 'message')).toEqual(['m']);
    expect(valuesOf(r, 'trace_id')).toEqual(['t']);
    expect(valuesOf(r, 'service.name')).toEqual(['s']);
    expect(valuesOf(r, 'host')).toEqual(['h']);
    expect(valuesOf(r, 'log_id')).toEqual(['ID']);
    expect(valuesOf(r, '@timestamp')).toEqual(['2024-03-01T00:00:00.000Z']);
    expect(valuesOf(r, 'received_at')).toEqual(['2024-03-01T00:00:00.000Z']);
    expect(valuesOf(r, 'span_id')).toEqual([]);
  });

  it('takes a dotted name for the literal key, the nested path, and both mixed', () => {
    const r = record('{"a.b":1,"a":{"b":2,"b.c":3},"a.b.c":4,"x.y":{"z":5}}');
    expect(valuesOf(r, 'a.b')).toEqual([1, 2]);
    expect(valuesOf(r, 'a.b.c')).toEqual([4, 3]);
    expect(valuesOf(r, 'x.y.z')).toEqual([5]);
    expect(valuesOf(r, 'a.none')).toEqual([]);
  });

  it('gives each element of arrays, through objects too', () => {
    const r = record('{"tags":["a",["b"]],"items":[{"id":1},{"id":[2,3]}]}');
    expect(valuesOf(r, 'tags')).toEqual(['a', 'b']);
    expect(valuesOf(r, 'items.id')).toEqual([1, 2, 3]);
  });

  it('never sees what no sender sent', () => {
    const r = record('{"a":{"b":1}}');
    for (const name of ['constructor', '__proto__', 'toString', 'a.constructor', 'a.__proto__.b', 'hasOwnProperty']) {
      expect(valuesOf(r, name), name).toEqual([]);
    }
  });

  it('knows pod_id as pod', () => {
    const r = record('{"pod_id":"p1"}');
    expect(valuesOf(r, 'pod')).toEqual(['p1']);
    expect(valuesOf(r, 'pod_id')).toEqual(['p1']);
  });
});

it('textValuesOf gives the strings of the text fields only', () => {
  const r = record(
    '{"msg":"m","error":{"message":"e","stack_trace":"s","code":"c"},"exception.type":"t","exception":{"a":["x",1]},"stack":"k","other":"o"}',
  );
  expect(textValuesOf(r).sort()).toEqual(['e', 'k', 'm', 's', 't', 'x']);
});

it('allValuesOf gives every leaf', () => {
  const values = allValuesOf(record('{"msg":"m","a":{"b":[1,null,{"c":true}]}}'));
  expect(values).toEqual(expect.arrayContaining(['m', 1, null, true, 'UNKNOWN', 'ID']));
});

describe('toWireJson', () => {
  it('puts roles first in their order, then the fields as they came, numbers as written', () => {
    const line =
      '{"z":1.0,"id":9007199254740993,"msg":"m","span_id":"s","trace_id":"t","host":"h","app":"a","time":"2024-01-02T03:04:05.1+01:00","level":"error","a":1e400}';
    expect(toWireJson(record(line))).toBe(
      '{"@timestamp":"2024-01-02T03:04:05.1+01:00","level":"ERROR","service":"a","message":"m","host":"h","trace_id":"t","span_id":"s","log_id":"ID","received_at":"2024-03-01T00:00:00.000Z","z":1.0,"id":9007199254740993,"a":1e400}',
    );
  });

  it('picks fields in the order asked for', () => {
    const r = record('{"msg":"m","tags":["a","b"],"n":1}');
    expect(toWireJson(r, ['n', 'tags', 'absent', 'message'])).toBe('{"n":1,"tags":["a","b"],"message":"m"}');
  });

  it('is one line of JSON with each name once', () => {
    const r = record(
      '{"level":"notice","tenant":"x","log_id":"y","received_at":"z","message":"a","msg":"b\\nc","host":{"name":"h","ip":"1"}}',
    );
    const text = toWireJson(r);
    expect(text).not.toContain('\n');
    const names = [...text.matchAll(/[{,]"([^"]+)":/g)].map((m) => m[1]);
    expect(new Set(names).size).toBe(names.length);
    expect(JSON.parse(text)).toMatchObject({
      level: 'INFO',
      _level: 'notice',
      _tenant: 'x',
      _log_id: 'y',
      'host.ip': '1',
      log_id: 'ID',
    });
  });
});
