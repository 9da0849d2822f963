import fc from 'fast-check';
import type { EventContext } from '../../../src/lib/record/record.ts';
import { WORDS } from './arbitrary-query.ts';

/** One event as it was shipped. */
export interface ShippedEvent {
  readonly bytes: Buffer;
  readonly context: EventContext;
}

const NAMES = [
  'level', 'severity', 'ts', 'time', 'service', 'app', 'host', 'message', 'msg', 'log', 'error', 'exception', 'stack',
  'status', 'latency_ms', 'size', 'user', 'odd name', 'tags', 'pod', 'trace_id', '_x', 'clientip', 'bytes',
  'a', 'a.b', 'b.c', 'n', '', '__proto__', 'constructor', 'tenant', 'Größe',
]; // biome-ignore format: a table

/** JSON as text, so that it can say what JavaScript's values cannot: digits beyond 2^53, -0, half a pair, a key twice. */
const JSON_VALUES = [
  '9007199254740993', '9007199254740992', '-9007199254740993', '1e400', '-0', '1.0', '1E-2', '0.1', '100', '1e2', '-2',
  '"9007199254740993"', '"1e2"', '"0.5s"', '"12 MB"', '"1m30s"', '""', 'null', 'true', 'false', '[]', '{}',
  '[["error",[1,null]],"b",""]', '[{"b":"x"},{"b":["y",404]}]', '{"b":"x"}', '{"b":{"c":"error"},"b.c":"timeout"}', '{"b.c":[1,"err"]}',
  '"\\ud800"', '"error \\ud800 \\udc00"', '"\\u0000"', '"err\\u0000or"', '"\\u0045RROR"', '"\\u212a"', '"\\/api\\/v1\\/orders"', '"a\\tb\\nerror"',
  '"2022-08-22T05:18:16Z"', '"2022-08-22T05:18:16+99:99"', '"2022-08"', '1661145496', '1661145496123456789', '"10.0.0.1"', '"::ffff:10.0.0.1"',
  '{"__proto__":{"b":"x"}}', '{"message":"error"}', '"{\\"message\\":\\"inner error\\",\\"status\\":500}"',
]; // biome-ignore format: a table

const word = fc.constantFrom(...WORDS);
const text = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '));
const name = fc.constantFrom(...NAMES);

/** A JSON object as text; a key may be in it twice. */
const json = fc
  .array(
    fc.tuple(
      name,
      fc.oneof(
        { weight: 2, arbitrary: fc.oneof(text, word).map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: fc.integer({ min: -2, max: 600 }).map(String) },
        { weight: 3, arbitrary: fc.constantFrom(...JSON_VALUES) },
      ),
    ),
    { maxLength: 6 },
  )
  .map((pairs) => `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`);

const escapeOf = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;
const escaped = json.map((line) => line.replace(/[er\u00df]/g, escapeOf));
/** Digits, signs, and characters that hide none; where a backslash is one of them, an escape behind it. */
const escapedElse = json.map((line) =>
  line.replace(
    /"((?:[^"\\]|\\.)*)"/g,
    (_, inside: string) => `"${inside.replace(/(?<!\\)[0-5_.+<>-]|\\\\/g, (found) => escapeOf(found.charAt(0)))}"`,
  ),
);
const escapedInside = escaped.map((line) => JSON.stringify({ message: line }).replace(/\\\\/g, '\\u005c'));
const wrapped = json.map((line) => JSON.stringify({ log: line, time: '2022-08-22T05:18:16Z', stream: 'stdout' }));
const plain = text.map((line) => line.replace('100', '{"status":1e2,"message":1e2}'));
const logfmt = fc
  .array(fc.tuple(name, word), { maxLength: 4 })
  .map((pairs) => pairs.map(([key, found]) => `${key.replace(' ', '_')}=${JSON.stringify(found)}`).join(' '));
const syslog = text.map((line) => `<34>1 2022-08-22T05:18:16Z host1 sshd 12 ID47 - ${line}`);

const context = fc.constantFrom<EventContext>(
  {},
  {},
  { service: 'frontend' },
  { fields: { message: 'error', status: '500' } },
  { fields: { 'a.b': 'x', app: 'STRASSE', n: '' } },
  { host: 'error', file: '/var/log/err.log' },
);

/** Events of every form, with everything in them that compilers of queries may read differently; the same for one seed. */
export function hostileEvents(count: number, seed: number): ShippedEvent[] {
  const line = fc
    .oneof({ weight: 4, arbitrary: json }, escaped, escapedElse, escapedInside, wrapped, plain, logfmt, syslog, text)
    .map((found) => Buffer.from(found.replaceAll('\n', ' ')))
    .filter((bytes) => bytes.length > 0);
  const notUtf8 = ['error \xff\xfe', 'caf\xe9 error', '{"message":"err\xff","n":"\xc3"}', '\xed\xa0\x80 error'];
  return [
    ...fc.sample(fc.tuple(line, context), { numRuns: count, seed }).map(([bytes, from]) => ({ bytes, context: from })),
    ...notUtf8.map((latin1) => ({ bytes: Buffer.from(latin1, 'latin1'), context: {} })),
  ];
}
