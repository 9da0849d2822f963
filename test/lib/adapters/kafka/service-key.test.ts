import { describe, expect, it } from 'vitest';
import { keyReader, PARSE, topLevelService } from '../../../../src/lib/adapters/kafka/service-key.ts';
import { parseEvent } from '../../../../src/lib/parse/parse-event.ts';
import type { EventContext } from '../../../../src/lib/record/record.ts';

const LINES = [
  '{"service":"checkout","message":"x"}',
  '{ "message" : "x" , "service" : "checkout" }',
  '{"app":"a","source":"b"}',
  '{"source":"b","app":"a"}',
  '{"SERVICE":"loud"}',
  '{"service":{"name":"nested"}}',
  '{"service.name":"dotted","n":[1,{"service":"no"}]}',
  '{"a":{"service":"no"},"b":"\\"service\\":\\"no\\"","service":"yes"}',
  '{"service":"esc\\u0041pe"}',
  '{"service":""}',
  '{"service":7}',
  '{"service":null,"app":"second"}',
  '{"msg":"{\\"service\\":\\"inside\\"}"}',
  '{"msg":"{\\"service\\":\\"inside\\"}","app":"outside"}',
  '{"log":"level=info service=x\\n","stream":"stdout","time":"2024-01-01T00:00:00Z"}',
  '{"n":1.5e3,"t":true,"o":{},"l":[]}',
  '{}',
  '{"service":"ünï"}',
  '{"broken":',
  '{"service":"x"',
  'plain text',
  'level=info service=shop msg="a b"',
  '<34>Oct 11 22:14:15 mymachine su: failed',
  '[1,2]',
];
const CONTEXTS: readonly EventContext[] = [
  {},
  { service: 'fallback' },
  { fields: { app: 'forced' } },
  { format: 'json', service: 'fallback' },
  { format: 'plain', service: 'fallback' },
];

describe('what events are put together by', () => {
  it.each(LINES)('is the service of the record: %s', (line) => {
    const event = Buffer.from(line);
    for (const context of CONTEXTS) {
      // What breaks off is a record without a service, and its key may be better than that.
      if (line === '{"service":"x"') continue;
      expect(keyReader('service', context)(event)).toBe(parseEvent(event, context, 0n, '').service);
    }
  });

  it('is found without parsing where that can be', () => {
    expect(topLevelService(Buffer.from('{"n":1,"o":{"a":[1,"}"]},"service":"quick"}'))).toBe('quick');
    expect(topLevelService(Buffer.from('{"n":1}'))).toBeUndefined();
    expect(topLevelService(Buffer.from('{"service":{"name":"x"}}'))).toBe(PARSE);
  });

  it('may be any field, or none', () => {
    const event = Buffer.from('{"pod":"p1","k":{"n":3},"service":"s"}');
    expect(keyReader('pod', {})(event)).toBe('p1');
    expect(keyReader('k.n', {})(event)).toBe('3');
    expect(keyReader('absent', {})(event)).toBeUndefined();
    expect(keyReader('none', {})(event)).toBeUndefined();
  });
});
