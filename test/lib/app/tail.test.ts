import { expect, it } from 'vitest';
import { newTally } from '../../../src/lib/app/search.ts';
import { searchAndFollow } from '../../../src/lib/app/tail.ts';
import { parseQuery } from '../../../src/lib/query/parse.ts';
import { parseEvent } from '../../../src/lib/parse/parse-event.ts';
import type { LogRecord } from '../../../src/lib/record/record.ts';
import type { Damage, LogStore } from '../../../src/lib/store/store.ts';

const at = (where: string): Damage => ({ where, what: 'does not have the bytes that were written' });

function record(text: string): LogRecord {
  return parseEvent(Buffer.from(text), {}, BigInt(Date.now()) * 1_000_000n, text);
}

/** Gives one event and one damaged place from the store, then what arrives: an event, a damaged place, an event. */
const store: Pick<LogStore, 'search' | 'follow'> = {
  async *search(_, report) {
    report.damage.push(at('before'));
    yield [record('old')];
  },
  async *follow(_, damaged) {
    yield [record('one')];
    damaged(at('arriving'));
    yield [record('two')];
  },
};

it('tells damage as it is met, each place once, and goes on', async () => {
  const heard: string[] = [];
  const tally = newTally();
  const following = searchAndFollow(
    store as LogStore,
    {
      query: parseQuery(''),
      clock: { now: 0n, zone: 'UTC' },
      range: {},
      last: 10,
      damaged: ({ where }) => void heard.push(`damaged ${where}`),
    },
    tally,
    new AbortController().signal,
  );
  for await (const batch of following) for (const { message } of batch) heard.push(message ?? '');
  expect(heard).toEqual(['old', 'damaged before', 'one', 'damaged arriving', 'two']);
  expect(tally.report.damage.map(({ where }) => where)).toEqual(['before', 'arriving']);
});
