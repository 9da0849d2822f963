import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chain } from '../round-trip/chain.ts';

describe('why nothing matched', () => {
  const chain = new Chain();
  afterAll(() => chain.dispose());
  beforeAll(() => chain.ship([], '{"ts":"2024-01-02T03:04:05Z","path":"/a","http":{"status":200}}\n{"service":"s"}\n'));

  it.each([
    ['pth:/a', 'no event has the field pth; did you mean path?\n'],
    ['http.statuz>=200 OR tenant:x', 'no event has the field http.statuz; did you mean http.status?\nno event has the field tenant\n'],
    ['path:/b', ''],
    ['NOT pth:/a boom', ''],
  ])('%s', (query, said) => {
    const { code, err } = chain.run(['search', query]);
    expect({ code, err }).toEqual({ code: 1, err: said });
  }); // biome-ignore format: a table
});
