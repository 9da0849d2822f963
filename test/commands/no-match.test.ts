import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chain } from '../round-trip/chain.ts';

describe.each(['in log files', 'in segments', 'in both'])('why nothing matched %s', (where) => {
  const chain = new Chain();
  afterAll(() => chain.dispose());
  beforeAll(async () => {
    chain.ship([], '{"ts":"2024-01-02T03:04:05Z","path":"/a","http":{"status":200},"geo":{"country":"x"}}\n');
    if (where === 'in both') await chain.seal();
    chain.ship([], '{"service":"s","message":"nosuch: words"}\n');
    if (where === 'in segments') await chain.seal();
  });

  it.each([
    ['pth:/a', 'no event has the field pth; did you mean path?\n'],
    ['http.statuz>=200 OR tenant:x', 'no event has the field http.statuz; did you mean http.status?\nno event has the field tenant\n'],
    ['path:/b', ''],
    ['geo.contry:x', 'no event has the field geo.contry; did you mean geo.country?\n'],
    ['nosuch:x', 'no event has the field nosuch\n'],
    ['trace_id:x OR app:y', 'no event has the field trace_id\n'],
    ['NOT pth:/a boom', ''],
  ])('%s', (query, said) => {
    const { code, err } = chain.run(['search', query]);
    expect({ code, err }).toEqual({ code: 1, err: said });
  }); // biome-ignore format: a table

  it('tells the newest event', () => {
    const { err } = chain.run(['search', 'words', '--until', '2001-01-01']);
    expect(err).toMatch(
      new RegExp(`^the newest event is at ${new Date().getUTCFullYear()}-.*; --since all looks at every one\n$`),
    );
  });

  it('tells of a field that is shown and that no event has', () => {
    expect(chain.run(['search', '*', '-n', '1', '-k', 'pth,geo.contry']).err).toMatch(
      /^no event has the field pth; did you mean path\?\nno event has the field geo.contry; did you mean geo.country\?$/m,
    );
  });
});

describe('a field of old events alone', () => {
  const chain = new Chain();
  afterAll(() => chain.dispose());

  it('is named where none of the newest has it', async () => {
    const line = (n: number): string =>
      JSON.stringify({ ts: new Date(1_700_000_000_000 + n * 1000).toISOString(), n, ...(n < 2 ? { rare: 1 } : {}) });
    chain.ship([], Array.from({ length: 3000 }, (_, n) => `${line(n)}\n`).join(''));
    await chain.seal();
    const said = 'none of the newest 1000 events has the field rare\n';
    expect(chain.run(['search', 'rare:zz']).err).toBe(said);
    expect(chain.run(['search', '*', '-k', 'rare', '-n', '1']).err).toContain(said);
  });
});
