import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { logs, type Running, start } from './command.ts';
import { ownServer } from './servers.ts';

/*
 * Files, two agents, Kafka, two indexers, a search server: everything is killed and started again in turn, and each of
 * 100,000 numbered events arrives once.
 */
const kafka = await ownServer('kafka');
const search = await ownServer('opensearch');
const FILES = 10;
const EVENTS = 100_000;
const PER_FILE = EVENTS / FILES;

const folder = mkdtempSync(join(tmpdir(), 'logs-pipeline-'));
const env = { PATH: process.env.PATH, TZ: 'UTC', HOME: folder, XDG_DATA_HOME: join(folder, 'data') };
const files = Array.from({ length: FILES }, (_, file) => join(folder, `source-${file}.log`));
const topic = () => `${kafka.url}/logs-raw?create=true&partitions=6&replication=1`;
const index = () => `${search.url}/logs`;

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await kafka.stop();
  await search.stop();
});

/** Numbered events of some services, a second apart, so that they lie in two days. */
function write(file: string, source: number): void {
  const from = Date.UTC(2026, 10, 20, 22);
  const lines = Array.from({ length: PER_FILE }, (_, number) =>
    JSON.stringify({
      time: new Date(from + number * 1000).toISOString(),
      level: number % 10 === 0 ? 'error' : 'info',
      service: `service-${number % 7}`,
      source,
      number,
      msg: `event ${number} of source ${source}: ${'x'.repeat(number % 80)}`,
    }),
  );
  writeFileSync(file, `${lines.join('\n')}\n`);
}

/** An agent: ships its files, and is started again until all is delivered. */
class Agent {
  running: Running | undefined;
  private readonly args: readonly string[];

  constructor(names: readonly string[]) {
    this.args = ['ship', ...names, '--to', topic(), '--spool'];
  }

  async run(): Promise<number> {
    for (let starts = 1; ; starts += 1) {
      this.running = start(this.args, env);
      const { code, signal, err } = await this.running.ended;
      if (code === 0) return starts;
      if (signal !== 'SIGKILL') throw new Error(`the agent ended with ${code}: ${err}`);
      await sleep(300);
    }
  }
}

/** An indexer that somebody starts again whenever it ends, as it may at the start while a server is away. */
class Indexer {
  private running: Running | undefined;
  private wanted = true;
  private readonly over: Promise<void>;
  starts = 0;
  /** How it ended when nobody had told it to. */
  readonly ends: string[] = [];

  constructor() {
    this.over = this.run();
  }

  kill(): void {
    this.running?.child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.wanted = false;
    this.running?.child.kill('SIGTERM');
    await this.over;
  }

  private async run(): Promise<void> {
    while (this.wanted) {
      this.starts += 1;
      this.running = start(['ship', '--from', topic(), '--to', index(), '--spool'], env);
      const { code, signal, err } = await this.running.ended;
      if (signal !== 'SIGKILL' && this.wanted) this.ends.push(`${code}: ${err}`);
      await sleep(300);
    }
  }
}

interface Found {
  readonly source: number;
  readonly number: number;
  readonly log_id: string;
}

/** All documents of the indices, by their log ids: asked of the server itself, not of what is tested. */
async function documents(): Promise<Found[]> {
  const url = `http://${search.host}:${search.port}/logs-*`;
  await fetch(`${url}/_refresh`, { method: 'POST' });
  const found: Found[] = [];
  for (let after: unknown; ; ) {
    const body = { size: 10_000, sort: ['log_id'], _source: ['source', 'number', 'log_id'], search_after: after };
    const answer = await fetch(`${url}/_search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const { hits } = (await answer.json()) as { hits: { hits: { _source: Found; sort: unknown }[] } };
    for (const { _source } of hits.hits) found.push(_source);
    after = hits.hits.at(-1)?.sort;
    if (after === undefined) return found;
  }
}

describe.skipIf(kafka.missing !== undefined || search.missing !== undefined)('the whole pipeline', () => {
  it('loses nothing and doubles nothing while each part is killed in turn, and keeps the order of each source', async () => {
    files.forEach(write);
    expect(await logs(['index', 'init', index(), '--shards', '1', '--replicas', '0'], env)).toMatchObject({ code: 0 });
    const indexers = [new Indexer(), new Indexer()];
    const agents = [new Agent(files.slice(0, FILES / 2)), new Agent(files.slice(FILES / 2))];
    const shipped = Promise.all(agents.map((agent) => agent.run()));

    await sleep(1500);
    agents[0]?.running?.child.kill('SIGKILL');
    await sleep(500);
    await kafka.kill({ signal: 'SIGKILL' });
    agents[1]?.running?.child.kill('SIGKILL');
    await kafka.start();
    indexers[0]?.kill();
    await sleep(1500);
    await search.kill({ signal: 'SIGKILL' });
    indexers[1]?.kill();
    await search.start();
    indexers[0]?.kill();
    await sleep(500);
    await kafka.kill({ signal: 'SIGKILL' });
    await kafka.start();
    const starts = await shipped;
    expect(Math.min(...starts), 'both agents were killed').toBeGreaterThan(1);

    let found: Found[] = [];
    for (const until = Date.now() + 120_000; found.length < EVENTS && Date.now() < until; found = await documents())
      await sleep(1000);
    await Promise.all(indexers.map((indexer) => indexer.stop()));
    expect(indexers.map((indexer) => indexer.starts > 1)).toEqual([true, true]);
    for (const end of indexers.flatMap(({ ends }) => ends))
      expect(end).toMatch(/^2: (?:.*\n)*error: .*(?:kafka|opensearch)/);
    found = await documents();
    const bySource = Array.from({ length: FILES }, () => [] as number[]);
    for (const { source, number } of found) bySource[source]?.push(number);
    for (const [source, numbers] of bySource.entries()) {
      expect(new Set(numbers).size, `different events of source ${source}`).toBe(PER_FILE);
      expect(numbers.length, `events of source ${source}`).toBe(PER_FILE);
      expect(
        numbers.every((number, at) => number === at),
        `order of source ${source}`,
      ).toBe(true);
    }
  }, 400_000);
});
