import { createRequire } from 'node:module';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentOf } from '../../../../src/lib/adapters/elasticsearch/document/document-of.ts';
import { recordOf } from '../../../../src/lib/adapters/elasticsearch/document/record-of.ts';
import { readJson } from '../../../../src/lib/parse/json-reader.ts';
import { parseEvent } from '../../../../src/lib/parse/parse-event.ts';
import type { EventContext, Fields, LogRecord } from '../../../../src/lib/record/record.ts';
import { toWireJson } from '../../../../src/lib/record/wire-json.ts';

const naughty = createRequire(import.meta.url)('big-list-of-naughty-strings') as readonly string[];
const now = BigInt(Date.parse('2024-03-01T00:00:00Z')) * 1_000_000n + 123n;

function record(line: string | Uint8Array, context: EventContext = {}): LogRecord {
  return parseEvent(typeof line === 'string' ? Buffer.from(line) : line, context, now, 'ID');
}

function sourceOf(text: string): Fields {
  const { value, duplicateKeys } = readJson(text);
  expect(duplicateKeys).toBe(false);
  return value as Fields;
}

function back(from: LogRecord, options: Parameters<typeof documentOf>[1] = {}) {
  const stored = recordOf(sourceOf(documentOf(from, options)));
  if (stored === undefined) throw new Error('no document of ours');
  return stored;
}

/** The same record but for the bytes received. */
function expectSame(from: LogRecord, options: Parameters<typeof documentOf>[1] = {}): void {
  const { record: again } = back(from, options);
  expect(toWireJson(again)).toBe(toWireJson(from));
  expect({ ...again, raw: undefined }).toEqual({ ...from, raw: undefined });
}

describe('a document', () => {
  it.each([
    [
      'a JSON event',
      '{"ts":"2024-02-29T23:59:59.123456789+05:30","level":"warn","service":"shop","msg":"slow","ms":12.5,"a":{"b":[1,{"c":null}]}}',
    ],
    [
      'numbers no double holds',
      '{"a":9007199254740993,"b":1e400,"c":-0,"d":1.0,"e":123456789012345678901234567890,"f":[1e-400]}',
    ],
    [
      'names that Elasticsearch refuses',
      '{"":1,".":2,"a..b":{"x":1},"o":{"":1,"  ":2,"ok":3},"__proto__":{"x":1},"constructor":2}',
    ],
    [
      'names that are its own',
      '{"_id":"x","_source":{"a":1},"_logs":"x","_fields":{"_fields":1},"_inexact":["a"],"_primary_term":"x"}',
    ],
    [
      'names of ours, twice',
      '{"level":"error","severity":3,"log_id":"theirs","received_at":"then","tenant":"t","@timestamp":"x"}',
    ],
    ['paths that meet', '{"a":1,"a.b":2,"c.d":1,"c":{"d":2,"e":3},"f":{"g.h":1,"g":2}}'],
    [
      'what is under a leaf',
      '{"host.ip":"10.0.0.1","service":{"name":"x","version":"1"},"user_id":{"n":1},"stack":{"x":1},"error":"boom","exception":"e","event":[1,{"original":"x"}]}',
    ],
    [
      'arrays of both kinds',
      '{"a":[1,{"b":2}],"b":[{"c":1},2,null],"d":[[1],[{"e":1}]],"e":[],"f":[null],"g":{},"h":{"i":null}}',
    ],
    ['integer names', '{"z":1,"2":2,"1":3,"_9":4,"0":{"":1}}'],
    ['no time', 'plain text'],
    ['a time no nanosecond holds', '{"ts":"2024-02-29T23:59:59.1234567890123Z","msg":"x"}'],
    ['more keys than an event may have', `{${Array.from({ length: 1200 }, (_, i) => `"k${i}":${i}`).join(',')}}`],
    ['deep nesting', `{"a":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}`],
    ['a number of 2,000 digits', `{"a":${'1'.repeat(2000)},"b":{"c":${'2'.repeat(2000)},"d":1}}`],
    ['nothing', '{}'],
  ])('gives the record back: %s', (_, line) => {
    expectSame(record(line));
    expectSame(record(line), { unindexed: true });
    expectSame(record(line), { beside: new Set(['a', 'b', 'host.ip']) });
  });

  it('gives every naughty string back, byte for byte, as message and as name', () => {
    for (const text of naughty) {
      const line = JSON.stringify({ msg: text, [text]: text, in: { [text]: [text] } });
      const stored = back(record(line), { original: true });
      expect(stored.original).toBe(true);
      expect(Buffer.from(stored.record.raw).equals(Buffer.from(line))).toBe(true);
      expectSame(record(line));
      expectSame(record(text));
    }
  });

  it('keeps bytes that are no text, and an event.original of the sender', () => {
    const bytes = new Uint8Array([0xff, 0xfe, 0x41, 0]);
    expect([...back(record(bytes), { original: true }).record.raw]).toEqual([...bytes]);
    const line = '{"event.original":"theirs","event":{"original":"too"}}';
    const stored = back(record(line), { original: true });
    expect(Buffer.from(stored.record.raw).toString()).toBe(line);
    expectSame(record(line), { original: true });
    expect(back(record('{"a":1}')).original).toBe(false);
  });

  it('moves a time before 1970 and after 2262 aside', () => {
    for (const ts of [-1n, 2n ** 63n]) {
      const early = { ...record('{"a":1}'), ts, tsText: undefined };
      expectSame(early);
      expect(sourceOf(documentOf(early))['_inexact']).toEqual(['@timestamp']);
    }
  });

  const name: fc.Arbitrary<string> = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 6 }),
    fc.constantFrom(
      ...'a b a.b a.b.c host host.ip service.x level _level error error.message exception exception.type event event.original stack user_id _id _logs _fields _inexact . .. a..b 0 1 __proto__ message msg ts pod_id'.split(
        ' ',
      ),
      ' ',
      '',
    ),
  );

  const value = fc.letrec<{ leaf: unknown; any: unknown }>((tie) => ({
    leaf: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.maxSafeInteger(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('500', '1e3', '12345678901234567890', '0x1p3', ' 5', '5d', 'x'.repeat(9000)),
    ),
    any: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      tie('leaf'),
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(name, tie('any'), { maxKeys: 4 }),
    ),
  })).any;
  it('gives any JSON event back', () => {
    fc.assert(
      fc.property(
        fc.dictionary(name, value, { maxKeys: 8 }),
        fc.boolean(),
        fc.subarray(['a', 'b', 'error', 'host.ip', 'x']),
        (event, original, beside) => {
          const line = JSON.stringify(event);
          const from = record(line);
          expectSame(from, { original, beside: new Set(beside) });
          if (original) expect(Buffer.from(back(from, { original }).record.raw).toString()).toBe(line);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('gives any bytes back in any format, whatever ship adds', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom(undefined, 'json', 'logfmt', 'plain', 'syslog', 'access'),
        fc.dictionary(name, fc.string({ unit: 'grapheme', maxLength: 5 }), { maxKeys: 3 }),
        (bytes, format, fields) => {
          const context = { ...(format === undefined ? {} : { format }), fields, service: 's', truncated: 9 };
          expectSame(record(bytes, context), { original: true });
        },
      ),
    );
  });
});

describe('what a document says of its index', () => {
  const told = (line: string) => sourceOf(documentOf(record(line)))['_inexact'];

  it('names the paths the index has not as they are', () => {
    expect(told('{"a":1,"b":"x","c":1.0,"d":"0500","e":true,"f":null,"g":["x"],"h":"2024-01-01"}')).toBeUndefined();
    expect(told('{"a":9007199254740993}')).toEqual(['a']);
    expect(told('{"a":{"b":1e400,"c":1}}')).toEqual(['a.b']);
    expect(told('{"a":"12345678901234567890"}')).toEqual(['a', '=a']);
    expect(told('{"a":" 5","b":"5d","c":"5m"}')).toEqual(['a', 'b']);
    expect(told(`{"a":"${'x'.repeat(8192)}","host":"${'y'.repeat(8192)}"}`)).toEqual(['host', 'a']);
    expect(told(`{"msg":"${'x '.repeat(8192)}"}`)).toBeUndefined();
    expect(told(`{"msg":"${'x'.repeat(8192)}"}`)).toEqual(['message']);
    expect(told('{"exception":{"code":5,"type":"E"}}')).toEqual(['exception.code']);
    expect(told('{"a":{},"b":{"c":{}}}')).toEqual(['a', 'b.c', 'b']);
    expect(told('{"":1}')).toEqual(['*']);
  });

  it('puts beside what the template has no place for', () => {
    const source = sourceOf(documentOf(record('{"host.ip":"1","_id":"x","error":"boom","n":1}')));
    expect(source['_fields']).toEqual({ 'host.ip': '1', _id: 'x', error: 'boom' });
    expect(source['n']).toBe(1);
    expect(source['_inexact']).toEqual(['=host.ip']);
  });

  it('tells texts that read as numbers and booleans, and fields with several values', () => {
    expect(told('{"a":"500","b":"true","c":"-1.5e3","d":"+1","e":"x"}')).toEqual(['=a', '=b', '=c']);
    expect(told('{"a":["x","y"],"b":["x"],"c":[{"d":"x"},{"d":"y"}]}')).toEqual(['[]a', '[]c.d']);
    expect(told('{"a":[1,"1"],"b":[true,"x"]}')).toEqual(['[]a', '=a', 'a', '[]b']);
    expect(told('{"a.b":"x","a":{"b":"y"}}')).toEqual(['[]a.b']);
  });

  it('leaves out what the whole document would be refused for', () => {
    const source = sourceOf(documentOf(record('{"o":{"":1,"ok":3},"a..b":1,"p":{"q":1,"q.r":2},"m":[1,{"b":2}]}')));
    expect(source).toMatchObject({ o: { ok: 3 }, p: { q: 1 }, m: [1], _inexact: ['*', 'o', 'p.q.r', 'm'] });
    expect(Object.keys(source['o'] as Fields)).toEqual(['ok']);
    expect(source).not.toHaveProperty(['a..b']);
  });
});
