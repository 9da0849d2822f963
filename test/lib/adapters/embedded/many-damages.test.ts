import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseQuery } from '../../../../src/lib/query/parse.ts';
import type { LogRecord } from '../../../../src/lib/record/record.ts';
import type { ReadReport } from '../../../../src/lib/store/store.ts';
import { CommitLog, nodeFs, openEmbeddedStore, verifyStore } from './built.ts';
import { SealedStore } from './compact/sealed-store.ts';

/** The same damages in every run; change it and run often to find more. */
const SEED = 20_260_102;
const DAYS = 16;
const EVENTS = 30;
const clock = { now: 0n, zone: 'UTC' };

/** Numbers below `below`, the same for a seed (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const HOW = ['flipped', 'cut', 'zeroed'] as const;

/** Bytes that differ from those given in one place, which is not behind them all. */
function harmed(bytes: Buffer, next: (below: number) => number): { readonly bytes: Buffer; readonly how: string } {
  for (;;) {
    const how = HOW[next(HOW.length)] ?? 'cut';
    const at = next(bytes.length);
    const copy = Buffer.from(bytes);
    if (how === 'flipped') copy[at] = (copy[at] ?? 0) ^ (1 << next(8));
    if (how === 'zeroed') copy.fill(0, at, Math.min(bytes.length, at + 1 + next(64)));
    const changed = how === 'cut' ? copy.subarray(0, at) : copy;
    if (!changed.equals(bytes)) return { bytes: changed, how: `${how} at ${at} of ${bytes.length}` };
  }
}

interface Answer {
  readonly texts: readonly string[];
  readonly count: number;
  readonly report: ReadReport;
  /** Of the count. */
  readonly counted: ReadReport;
}

const links = mkdtempSync(join(tmpdir(), 'logs-damages-'));
afterAll(() => rmSync(links, { recursive: true }));
const store = new SealedStore(links);
let looks = 0;

/** What a process that has read nothing of the store before finds in it: it is known by a name of its own. */
async function look(query = ''): Promise<Answer> {
  const dir = join(links, String(looks++));
  symlinkSync(store.dir, dir);
  const reader = await openEmbeddedStore(dir);
  const never = new AbortController().signal;
  const { filter } = parseQuery(query);
  const report: ReadReport = { scanned: 0, damage: [] };
  const counted: ReadReport = { scanned: 0, damage: [] };
  const texts: string[] = [];
  try {
    for await (const page of reader.search({ filter, range: {}, clock, order: 'newest' }, report, never))
      for (const record of page) texts.push(shown(record));
    const plan = { filter, range: {}, clock, functions: [{ kind: 'count' }], by: [] } as const;
    const { rows } = await reader.aggregate(plan, counted, never);
    return { texts, count: Number(rows[0]?.[0] ?? 0), report, counted };
  } finally {
    await reader.close();
    unlinkSync(dir);
  }
}

const shown = ({ raw, log_id, ts }: LogRecord): string => `${log_id} ${ts} ${Buffer.from(raw).toString('latin1')}`;

/** By the day of a segment: what it has. */
const held = new Map<string, string[]>();
let whole: Answer;

beforeAll(async () => {
  const rest: (readonly string[])[] = [];
  for (let day = 0; day < DAYS; day++) {
    const lines = Array.from({ length: EVENTS }, (_, line) =>
      JSON.stringify({
        '@timestamp': new Date(Date.UTC(2026, 0, day + 1, 10, 0, line)).toISOString(),
        pod: `p${line % 3}`,
        n: line,
        message: `day ${day} event ${line}`,
      }),
    );
    await store.add(lines.slice(0, 10), { service: `s${day}` });
    await store.add(lines.slice(10, 20));
    rest.push(lines.slice(20));
    // Three quarters are merged, a quarter twice, into one for all days: the files of all that were replaced stay.
    if (day === DAYS / 4 - 1) {
      await store.compact();
      for (const more of rest) await store.add(more);
    }
    if (day === (DAYS * 3) / 4 - 1) await store.compact();
  }
  whole = await look();
  for (const text of whole.texts) {
    const day = new Date(Number(BigInt(text.split(' ')[1] ?? 0) / 1_000_000n)).toISOString().slice(0, 10);
    const key = day.replaceAll('-', '.');
    held.set(key, [...(held.get(key) ?? []), text]);
  }
}, 60_000);

/** No answer has what is not in the store, none has it twice, and what is missing is told. */
function judge(answer: Answer, mayMiss: ReadonlySet<string>, where: string): void {
  const found = new Set(answer.texts);
  expect(found.size, `twice: ${where}`).toBe(answer.texts.length);
  // A count may come from the commits, which know how many there were, and look no further than at sizes.
  expect(answer.count, `count: ${where}`).toBeLessThanOrEqual(whole.count);
  if (answer.count < whole.count) expect(answer.counted.damage.length, `count not told: ${where}`).toBeGreaterThan(0);
  const known = new Set(whole.texts);
  expect(
    answer.texts.filter((text) => !known.has(text)),
    `wrong: ${where}`,
  ).toEqual([]);
  for (const [day, texts] of held) {
    const missing = texts.filter((text) => !found.has(text)).length;
    if (!mayMiss.has(day)) expect(missing, `${day} missing: ${where}`).toBe(0);
    if (missing > 0) expect(answer.report.damage.length, `not told: ${where}`).toBeGreaterThan(0);
  }
}

describe('1,000 damages', () => {
  it('of segments and their indexes, several at once: each is found, told by name, and the rest answered', {
    timeout: 120_000,
  }, async () => {
    const next = numbers(SEED);
    const entries = [...(await store.fold()).segments.values()];
    let damages = 0;
    while (damages < 750) {
      const saved: [path: string, bytes: Buffer][] = [];
      const harms = new Map<string, string>();
      const mayMiss = new Set<string>();
      for (const { day, name, days = [day] } of entries) {
        if (next(4) === 0) continue;
        for (const of of days) mayMiss.add(of);
        const path = join(store.tenantDir, day, `${name}${next(3) === 0 ? '.idx' : '.parquet'}`);
        const bytes = readFileSync(path);
        const { bytes: changed, how } = harmed(bytes, next);
        saved.push([path, bytes]);
        harms.set(`${day}/${name}`, `${path.slice(-12)} ${how}`);
        writeFileSync(path, changed);
      }
      const where = [...harms].map(([key, how]) => `${key} ${how}`).join('\n');
      const answer = await look();
      judge(answer, mayMiss, where);
      expect(answer.report.damage.map((each) => each.where).sort(), where).toEqual([...harms.keys()].sort());
      const verified = await verifyStore(store.dir, new AbortController().signal);
      expect(verified.damage.map((each) => each.where).sort(), where).toEqual([...harms.keys()].sort());
      damages += harms.size;
      for (const [path, bytes] of saved) writeFileSync(path, bytes);
    }
    expect((await look()).report.damage).toEqual([]);
  });

  it('of commits, in a log that has no checkpoint and in one that has: each is found, and no answer is wrong', {
    timeout: 120_000,
  }, async () => {
    const next = numbers(SEED + 1);
    const folder = join(store.tenantDir, 'commits');
    const all = new Set(held.keys());
    const nothing = { added: [], removed: [], consumed: [], positions: [] };
    for (let damages = 0; damages < 250; damages++) {
      if (damages === 125) {
        const log = new CommitLog(nodeFs, store.tenantDir);
        while (readdirSync(folder).every((name) => name.endsWith('.json'))) await log.commit(await log.fold(), nothing);
      }
      const files = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.json'));
      const path = join(folder, files[next(files.length)] ?? '');
      const bytes = readFileSync(path);
      const { bytes: changed, how } = harmed(bytes, next);
      const where = `${path.slice(-30)} ${how}`;
      writeFileSync(path, changed);
      // Segments are looked into now and then: the commits name them, whole.
      if (damages % 8 === 0) judge(await look(), all, where);
      const { state, damage } = await new CommitLog(nodeFs, store.tenantDir).foldReadable();
      const rows = [...state.segments.values()].reduce((sum, segment) => sum + segment.rows, 0);
      expect(rows, where).toBeLessThanOrEqual(whole.texts.length);
      if (rows < whole.texts.length) expect(damage.length, where).toBeGreaterThan(0);
      const verified = damages % 8 === 0 ? await verifyStore(store.dir, new AbortController().signal) : undefined;
      if (verified !== undefined) expect(verified.damage.length, where).toBeGreaterThan(0);
      writeFileSync(path, bytes);
    }
    expect((await look()).report.damage).toEqual([]);
  });

  it('of a segment with several row groups: what is whole is answered, what is not is told', {
    timeout: 120_000,
  }, async () => {
    const next = numbers(SEED + 2);
    const large = new SealedStore();
    const HOUR = 3_600_000_000_000n;
    const midnight = BigInt(Date.UTC(2026, 0, 2)) * 1_000_000n;
    // Three groups of 2,048 rows; events of an hour are in one of them.
    const lines = Array.from({ length: 3 * 2048 }, (_, n) => {
      const time = new Date(Date.UTC(2026, 0, 2, Math.floor(n / 2048), 0, 0, n)).toISOString();
      return JSON.stringify({ '@timestamp': time, n, message: `event ${n} ${'x'.repeat(2_900)}` });
    });
    await large.add(lines);
    const [entry] = [...(await large.fold()).segments.values()];
    if (entry === undefined) throw new Error('nothing is sealed');
    const segment = `${entry.day}/${entry.name}`;
    const path = join(large.tenantDir, `${segment}.parquet`);
    const bytes = readFileSync(path);
    let partial = 0;
    for (let damages = 0; damages < 40; damages++) {
      const { bytes: changed, how } = harmed(bytes, next);
      writeFileSync(path, changed);
      let missing = 0;
      for (const hour of [0n, 1n, 2n]) {
        const dir = join(links, String(looks++));
        symlinkSync(large.dir, dir);
        const reader = await openEmbeddedStore(dir);
        const report: ReadReport = { scanned: 0, damage: [] };
        const found: unknown[] = [];
        const range = { from: midnight + hour * HOUR, to: midnight + (hour + 1n) * HOUR };
        const plan = { filter: { kind: 'all' }, range, clock, order: 'oldest' } as const;
        for await (const page of reader.search(plan, report, new AbortController().signal))
          for (const { raw } of page) found.push(Buffer.from(raw).toString('utf8'));
        await reader.close();
        unlinkSync(dir);
        const expected = lines.slice(Number(hour) * 2048, (Number(hour) + 1) * 2048);
        // All of it or, where it is told, none.
        if (report.damage.length === 0) expect(found, how).toEqual(expected);
        else {
          expect(report.damage, how).toMatchObject([{ where: segment }]);
          expect(found, how).toEqual([]);
          missing += 1;
        }
      }
      expect(missing, how).toBeGreaterThan(0);
      if (missing < 3) partial += 1;
    }
    writeFileSync(path, bytes);
    // A damage in one group takes nothing of the others.
    expect(partial).toBeGreaterThan(5);
  });
});
