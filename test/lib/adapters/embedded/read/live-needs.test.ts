import { describe, expect, it } from 'vitest';
import type { LiveLog } from '../../../../../src/lib/adapters/embedded/read/live-logs.ts';
import { mayMeet } from '../../../../../src/lib/adapters/embedded/read/live-needs.ts';
import { filterNeeds } from '../../../../../src/lib/query/filter-needs.ts';
import { parseFilter } from '../../../../../src/lib/query/parse.ts';
import { compilePredicate } from '../../../../../src/lib/query/predicate.ts';
import type { EventContext } from '../../../../../src/lib/record/record.ts';
import { CLOCK, event } from '../../../query/record.ts';

/** Whether a frame of such lines is read for a query. */
function isRead(query: string, lines: readonly string[], context: EventContext = {}): boolean {
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  const header = { '~f': 1, life: '', seq: 1, synced: 0, t: 0, n: lines.length, len: bytes.length, crc: 0 } as const;
  const log: LiveLog = {
    entry: { path: 'x', writer: 'x', file: 'x', life: 'x', bytes: bytes.length },
    bytes,
    frames: [{ header, context, offset: 0, payload: 0 }],
    damage: [],
  };
  const filter = parseFilter(query);
  return mayMeet([log], filter, filterNeeds(filter, CLOCK)).some(({ frames }) => frames.length > 0);
}

const LINES = ['{"message":"Request started","pod":"frontend-1","n":100}', '{"msg":"ended"}'];

describe('frames of a log file', () => {
  it.each(['zyxwvu', 'zyxwvu AND started', 'pod:zyxwvu', 'message:/zyxwvu|zyxwxy/', '*yxwv*', 'pod:frontend-zyxwvu'])(
    'are not read for %s',
    (query) => expect(isRead(query, LINES)).toBe(false),
  );

  it.each(['started', 'STARTED', 'pod:frontend-1', '*ront*', 'NOT zyxwvu', 'zyxwvu OR ended', 'n:1e2', '*:zyxwvu'])(
    'are read for %s',
    (query) => expect(isRead(query, LINES)).toBe(true),
  );

  it.each<[string, string, string, EventContext]>([
    ['an escaped letter', 'started', String.raw`{"message":"\u0053tarted"}`, {}],
    ['an escaped letter of an inner line', 'started', String.raw`{"message":"{\"message\":\"\\u0053tarted\"}"}`, {}],
    ['a number as it is spelled', 'message:"1e2"', '{"message":1e2}', {}],
    ['what a format says by a number', 'facility:auth', '<34>1 2022-08-22T05:18:16Z h sshd 12 ID47 - text', {}],
    ['such a line in one of Docker', 'facility:auth', '{"log":"<34>Oct 11 22:14:15 h su: text\\n","stream":"stdout","time":"2022-08-22T05:18:16Z"}', {}],
    ['a service beside the line', 'service:frontend', '{"message":"x"}', { service: 'frontend' }],
    ['a field beside the line', 'team:"blue sky"', '{"message":"x"}', { fields: { team: 'blue sky' } }],
  ])('are read for %s', (_, query, line, context) => {
    expect(compilePredicate(parseFilter(query), CLOCK)(event(line, context))).toBe(true);
    expect(isRead(query, [line], context)).toBe(true);
  }); // biome-ignore format: a table
});
