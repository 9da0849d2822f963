import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../../src/lib/parse/parse-event.ts';
import { LineNeeds } from '../../../src/lib/query/line-needs.ts';
import { parseFilter } from '../../../src/lib/query/parse.ts';
import { compilePredicate } from '../../../src/lib/query/predicate.ts';
import { printFilter } from '../../../src/lib/query/print.ts';
import type { EventContext } from '../../../src/lib/record/record.ts';
import { anyFilter } from './arbitrary-query.ts';
import { hostileEvents } from './hostile-events.ts';
import { CLOCK } from './record.ts';
import { countOfQueries, sampled, SEED } from './sampled.ts';

const QUERIES = countOfQueries(200);
const TIMEOUT_MS = 60_000 + QUERIES * 100;

const BEFORE = Buffer.from('{"some":"line"}\n');

/** Of an event in the middle of a block. */
function mayMatch(needs: LineNeeds, { bytes, context }: { readonly bytes: Buffer; readonly context: EventContext }) {
  const block = Buffer.concat([BEFORE, bytes, Buffer.from('\n')]);
  return needs.within(block, context)(BEFORE.length, BEFORE.length + bytes.length);
}

describe('what the bytes of events say', () => {
  it(`is never no where the predicate says yes, over ${QUERIES} queries of seed ${SEED}`, {
    timeout: TIMEOUT_MS,
  }, () => {
    const events = hostileEvents(600, 7).map((event) => ({
      event,
      record: parseEvent(event.bytes, event.context, 1_661_146_200_000_000_000n, '0'),
    }));
    let passed = 0;
    for (const filter of sampled(anyFilter, QUERIES)) {
      const needs = new LineNeeds(filter, CLOCK);
      const matches = compilePredicate(filter, CLOCK);
      for (const { event, record } of events) {
        if (mayMatch(needs, event)) continue;
        passed++;
        if (matches(record)) expect.fail(`${printFilter(filter)} in ${Buffer.from(record.raw).toString('latin1')}`);
      }
    }
    expect(passed).toBeGreaterThan(0);
  });

  it.each([
    ['absent', '{"msg":"here"}', {}, false],
    ['here', '{"msg":"HERE"}', {}, true],
    ['here absent', '{"msg":"here"}', {}, false],
    ['here OR absent', '{"msg":"here"}', {}, true],
    ['NOT absent', '{"msg":"here"}', {}, true],
    ['level:ERROR', '{"msg":"here"}', {}, true],
    ['service:api', '{"msg":"here"}', { service: 'API' }, true],
    ['service:api', '{"msg":"here"}', { service: 'web' }, false],
    ['n:1e2', '{"n":100}', {}, true],
    ['*ront*', '{"pod":"frontend-1"}', {}, true],
    ['message:/zyxwvu|zyxwxy/', '{"message":"here"}', {}, false],
    ['team:"blue sky"', '{"msg":"a"}', { fields: { team: 'blue sky' } }, true],
    // An escape hides letters, however deep; others only stand beside them.
    ['here', '{"msg":"\\u0068ere"}', {}, true],
    ['here', '{"msg":"{\\"a\\":\\"\\\\u0068ere\\"}"}', {}, true],
    ['absent', '{"msg":"a\\nb\\"c\\\\"}', {}, false],
    ['service:api', '{"msg":"a"}', { service: '\u0001' }, true],
    // Whatever else may be made of other formats.
    ['facility:auth', '<34>1 2022-08-22T05:18:16Z host1 sshd 12 ID47 - x', {}, true],
    ['facility:auth', '{"log":"<34>1 2022-08-22T05:18:16Z h sshd 12 ID47 - x","stream":"stdout","time":"2022-08-22T05:18:16Z"}', {}, true],
    ['absent', '{"msg":"here"}', { format: 'plain' }, true],
    ['*:time', '{"msg":"here"}', {}, true],
  ])('%s in %s of %j: %j', (query, line, context, said) => {
    expect(mayMatch(new LineNeeds(parseFilter(query), CLOCK), { bytes: Buffer.from(line), context })).toBe(said);
  }); // biome-ignore format: a table
});
