import { describe, expect, it } from 'vitest';
import { patience } from '../../../../src/lib/adapters/kafka/patience.ts';
import { LogsError } from '../../../../src/lib/errors.ts';

const signal = new AbortController().signal;
const away = () => new LogsError('UNREACHABLE', 'kafka://one: cannot read logs: nobody listens there');

describe('asking a cluster that may be away', () => {
  it('goes on until there is an answer, told once, and once that it is back', async () => {
    const told: string[] = [];
    let asked = 0;
    const ask = patience('kafka://one', (text) => told.push(text));
    const answer = await ask(async () => {
      asked += 1;
      if (asked < 3) throw away();
      return 'here';
    }, signal);
    expect([answer, asked]).toEqual(['here', 3]);
    expect(told).toEqual([`${away().message}; trying again`, 'kafka://one is back']);
  });

  it('ends by the signal, and with what will never be an answer', async () => {
    const ask = patience('kafka://one', () => undefined);
    const stop = new AbortController();
    const asking = ask(() => Promise.reject(away()), stop.signal);
    stop.abort();
    await expect(asking).rejects.toThrow();
    const denied = new LogsError('REMOTE_DENIED', 'no');
    await expect(ask(() => Promise.reject(denied), signal)).rejects.toBe(denied);
  });
});
