import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { eventsWithIds } from '../../lib/query/events-with-ids.ts';
import { hostileEvents, type ShippedEvent } from '../../lib/query/hostile-events.ts';
import { CLOCK } from '../../lib/query/record.ts';
import { SEED } from '../../lib/query/sampled.ts';
import { BAD_INPUT } from '../bad-input.ts';
import { linesOf } from '../chain.ts';

const ROOT = join(import.meta.dirname, '../../..');
const DATA = process.env.LOGS_TEST_DATA ?? join(ROOT, '../shared/data');
const require = createRequire(import.meta.url);
/** Longer ones are the business of other tests. */
const MOST_BYTES = 8192;

/** Lines of files, by what they are: of each some of the real logs, of the repository's samples where those are not here. */
export function linesOfFiles(): ReadonlyMap<string, readonly Buffer[]> {
  const odd = BAD_INPUT.filter(
    ({ content, flags, extension }) => flags === undefined && extension === undefined && content.length < MOST_BYTES,
  );
  return new Map([
    ['shops.ndjson', spread(realOr('nezha/nezha-20mb.ndjson.gz', 'train-ticket.ndjson.gz', 'online-boutique.ndjson').filter((line) => !line.includes('2022-08-23T')), 300)],
    ['access.log', spread(realOr('access/apache_logs', 'apache-access.log').slice(0, 1600), 120)],
    ['auth.log', spread(realOr('access/auth.log', 'auth.log').slice(0, 372), 120)],
    // Moved to the day of those before.
    ['plus.ndjson', spread(realOr('access/nginxplus_json_logs'), 8).map((line) => Buffer.from(line.toString().replace('"timestamp":14462', '"timestamp":16483')))],
    ['golden.log', readdirSync(join(ROOT, 'test/golden/parse')).flatMap(goldenLines)],
    ['naughty.log', spread(linesOf(Buffer.from(naughty().join('\n'))), 100)],
    ['naughty.ndjson', spread(naughty().map((text, n) => Buffer.from(JSON.stringify({ message: text, value: text, n, [`k${text}`]: 1 }))), 80)],
    ['suite.json', spread(suite(), 120)],
    ['ids.ndjson', eventsWithIds(240, Number(CLOCK.now / 1_000_000n)).filter(({ context }) => context.host === undefined).map(({ bytes }) => bytes)],
    ['hostile.log', hostileEvents(280, SEED).filter(({ context }) => Object.keys(context).length === 0).map(({ bytes }) => bytes)],
    ['odd.log', [...odd.flatMap(({ content }) => linesOf(Buffer.from(content))), ...ODD.map((line) => Buffer.from(line))]],
  ]); // biome-ignore format: a table
}

/** Events that something is known of beside their lines: in files there is no such thing. */
export function eventsWithContext(): readonly ShippedEvent[] {
  const hostile = hostileEvents(300, SEED + 1);
  const forced = hostile.slice(0, 40).flatMap(({ bytes }): ShippedEvent[] => [
    { bytes, context: { format: 'plain', service: 'frontend' } },
    { bytes, context: { zone: 'Asia/Kolkata', fields: { trace_id: '4bf92f3577b34da6a3ce929d0e0e4001', pod: 'x' } } },
    { bytes, context: { truncated: 9_000_000, fields: { level: 'err', stack: 'timeout at x' } } },
  ]); // biome-ignore format: a table
  const ids = eventsWithIds(120, Number(CLOCK.now / 1_000_000n)).filter(({ context }) => context.host !== undefined);
  return [...hostile, ...forced, ...ids];
}

/** Forms that real logs seldom have: marks of segments in texts, ids and times in messages, docker's lines, escapes. */
const ODD: readonly string[] = [
  ...['\u0001', '\u0002x', 'a\u0006"b', '\u0005 \u0006!', '\u0003\u0004 error'].flatMap((text) => [text, `{"message":${JSON.stringify(text)},"pod":"p"}`]),
  '{"ts":"2022-08-22T05:18:16.100Z","trace_id":"fe3974115b911675d0640788986f80c9","message":"TraceID: fe3974115b911675d0640788986f80c9 at 2022-08-22T05:18:16.100Z, again fe3974115b911675d0640788986f80c9"}',
  '{"ts":"2022-08-22T05:18:16.100Z","trace_id":"fe3974115b911675d0640788986f80c9","message":"fe3974115b911675d0640788986f80c9x _fe3974115b911675d0640788986f80c9 \\"fe3974115b911675d0640788986f80c9\\""}',
  '{"ts":"2022-08-22T05:18:16Z","trace_id":"a \\"quoted\\" id, \\u00e9","message":"has a \\"quoted\\" id, \\u00e9 in it"}',
  '{"time":1661145496,"msg":"1661145496 is when","status":200,"n":200.0,"bytes":2e2}',
  '{"time":1661145496123,"msg":"at 1661145496123","status":"200","n":"2e2","bytes":200}',
  '{"time":"2022-08-22 05:18:16,123","level":30,"msg":"a comma \\/ and \\u002f\\u0065rror"}',
  '{"log":"{\\"level\\":\\"error\\",\\"msg\\":\\"inside \\\\\\"twice\\\\\\" \\\\u0065scaped\\",\\"status\\":500}\\n","stream":"stderr","time":"2022-08-22T05:18:16.000000001Z"}',
  '{"log":"plain text of a container, status=404\\n","stream":"stdout","time":"2022-08-22T05:18:16.000000002Z"}',
  '{"log":"half a line ","stream":"stdout","time":"2022-08-22T05:18:16.000000003Z"}',
  '2022-08-22T05:18:16.000000004Z stderr F {"message":"in CRI","error":{"message":"timeout","stack_trace":"at a\\nat b"}}',
  '{"message":"{\\"message\\":\\"{\\\\\\"message\\\\\\":\\\\\\"three deep\\\\\\",\\\\\\"a\\\\\\":1}\\",\\"b\\":2}","c":3}',
  `{"message":"long","text2":"${'word '.repeat(800)}"}`,
  `a very long line of text ${'0123456789abcdef'.repeat(300)} end`,
  '{"status":-0,"n":1e400,"size":"12 MB","latency":"1m30s","latency_ms":"0.5","client_ip":"10.0.0.1","ip":"::ffff:10.0.0.1"}',
  '{"status":123456789012345,"n":1234567890123456,"pod":"123456789012345","tags":["a",1,null,{"b":"error"}]}',
  '{"a":{"b":{"c":1}},"a.b":{"c":2},"a.b.c":3,"error":{"message":"nested error text"},"exception":{"type":"T","inner":[{"message":"deep"}]}}',
  'ts=2022-08-22T05:18:16Z level=warn msg="logfmt with \\"quotes\\" and \\n" status=404 pod=x trace_id=fe3974115b911675d0640788986f80c9',
  'E0822 05:18:16.000000       1 main.go:10] klog of an error',
  '\ufeff{"message":"a mark before it"}',
  'trailing blank \r',
]; // biome-ignore format: a table

function realOr(name: string, ...samples: readonly string[]): Buffer[] {
  const path = join(DATA, name);
  const paths = existsSync(path) ? [path] : samples.map((sample) => join(ROOT, 'samples', sample));
  return paths.flatMap((each) => {
    const bytes = readFileSync(each);
    return linesOf(each.endsWith('.gz') ? gunzipSync(bytes) : bytes);
  });
}

/** `count` of them, evenly taken, so that all kinds and days are there. */
function spread(lines: readonly Buffer[], count: number): Buffer[] {
  const step = Math.max(1, Math.floor(lines.length / count));
  return lines.filter((_, n) => n % step === 0).slice(0, count);
}

function goldenLines(name: string): Buffer[] {
  const cases = JSON.parse(readFileSync(join(ROOT, 'test/golden/parse', name), 'utf8')) as { readonly line: string }[];
  return cases.flatMap(({ line }) => linesOf(Buffer.from(line)));
}

function naughty(): string[] {
  const texts = require('big-list-of-naughty-strings') as string[];
  return texts.filter((text) => text !== '' && text.length < MOST_BYTES);
}

/** Each text of JSONTestSuite as one line, where they are here. */
function suite(): Buffer[] {
  const folder = join(DATA, 'json-test-suite/test_parsing');
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const bytes = readFileSync(join(folder, name));
    return bytes.length < MOST_BYTES && !bytes.includes(10) ? linesOf(Buffer.concat([bytes])) : [];
  });
}
