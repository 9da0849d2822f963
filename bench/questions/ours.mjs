// Our store, opened once: what a program that asks again and again pays.
import { aggregate, count } from '../../dist/lib/app/aggregate.js';
import { newTally, search } from '../../dist/lib/app/search.js';
import { parseQuery } from '../../dist/lib/query/parse.js';
import { openStoreReader } from '../../dist/lib/wire/readers.js';
import { eventOf, rowsOf } from './answers.mjs';

const LIMIT = 100;

/** Asks a store in this process; `ask` gives {ms, answer}. */
export async function openOurs(store) {
  const reader = await openStoreReader(store);
  const { signal } = new AbortController();
  const tableOf = async (options, tally) => {
    const { table } = await aggregate(reader.store, options, tally.report, signal);
    return table.rows;
  };
  const ways = {
    count: (options, tally) => count(reader.store, options, tally.report, signal),
    table: tableOf,
    top: tableOf,
    events: async (options, tally) => {
      const found = [];
      const newest = { ...options, limit: LIMIT, newestFirst: true };
      for await (const batch of search(reader.store, newest, tally, signal)) found.push(...batch);
      return found;
    },
  };
  return {
    name: 'ours',
    can: () => true,
    async ask({ kind, query, time }) {
      const tally = newTally();
      const began = performance.now();
      const clock = { now: BigInt(Date.now()) * 1_000_000n, zone: 'UTC' };
      const found = await ways[kind]({ query: parseQuery(query), clock, range: {} }, tally);
      const ms = performance.now() - began;
      if (tally.report.damage.length > 0) throw new Error(`${store}: ${JSON.stringify(tally.report.damage)}`);
      return { ms, answer: answerOf(kind, found, time) };
    },
    close: () => reader.close(),
  };
}

function answerOf(kind, found, time) {
  if (kind === 'count') return found;
  if (kind === 'events') return found.map(({ raw }) => eventOf(JSON.parse(Buffer.from(raw).toString()), time));
  return rowsOf(found.map((row) => row.map((cell) => (typeof cell === 'bigint' ? timeOf(cell) : cell))));
}

function timeOf(ns) {
  return new Date(Number(ns / 1_000_000n)).toISOString();
}
