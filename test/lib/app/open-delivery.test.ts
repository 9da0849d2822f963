import { expect, it } from 'vitest';
import { openDelivery, openReplay } from '../../../src/lib/app/open-delivery.ts';
import type { AddressParts } from '../../../src/lib/app/open-addresses.ts';
import { batchOf } from '../../contracts/sink.ts';
import { away, keptLetters, scriptedSink, type ScriptedSink } from '../send/scripted-sink.ts';

const never = new AbortController().signal;

function world() {
  const down = Object.assign(
    scriptedSink(() => ({ error: away() }), {}, 'kafka://a/t'),
    { check: () => Promise.reject(away()) },
  );
  const sinks: { readonly [url: string]: ScriptedSink } = {
    'kafka://a/t': down,
    'kafka://b,c/t': scriptedSink(() => ({}), {}, 'kafka://b,c/t'),
    store: scriptedSink(() => ({}), {}, 'store'),
  };
  const opened: string[] = [];
  const open = async (url: string) => {
    opened.push(url);
    return sinks[url] ?? Promise.reject(new Error(`no sink ${url}`));
  };
  const parts = {
    isRemote: (url: string) => url.startsWith('kafka://'),
    openRemote: open,
    openLocal: async (url: string) => ({ sink: await open(url), claims: undefined }),
  } satisfies AddressParts;
  return { sinks, opened, tools: { parts, tell: () => undefined } };
}

it('delivers to the first of several addresses that can be reached, as a queue and a dead letter name them', async () => {
  for (const address of ['kafka://a/t,kafka://b,c/t', 'kafka://a/t, kafka://b,c/t']) {
    const { sinks, tools } = world();
    const sink = await openDelivery(address, keptLetters(), tools, never);
    expect(await sink.send(batchOf(['x']), never)).toEqual({ accepted: 1, rejected: [] });
    await sink.close();
    const again = await openReplay(address, tools, never);
    expect(await again.send(batchOf(['y']), never)).toEqual({ accepted: 1, rejected: [] });
    expect(sinks['kafka://b,c/t']?.accepted).toEqual(['x', 'y']);
  }
});

it('delivers to what is on this machine', async () => {
  const { sinks, tools } = world();
  const sink = await openDelivery('store', keptLetters(), tools, never);
  await sink.send(batchOf(['x']), never);
  await sink.close();
  expect(sinks['store']?.accepted).toEqual(['x']);
  expect(sinks['store']?.closed).toBe(true);
});

it('closes what cannot be reached', async () => {
  const { sinks, opened, tools } = world();
  await expect(openDelivery('kafka://a/t', keptLetters(), tools, never)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  expect(opened).toEqual(['kafka://a/t']);
  expect(sinks['kafka://a/t']?.closed).toBe(true);
});
