import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Scanner } from '../../../../../src/lib/adapters/embedded/scan/scanner.ts';
import { mayHoldToken } from '../../../../../src/lib/adapters/embedded/segment/filters.ts';
import { FORMATS } from '../../../../../src/lib/parse/formats.ts';
import { allAliases } from '../../../../../src/lib/record/aliases.ts';
import { allLevelWords } from '../../../../../src/lib/record/level.ts';
import { eachEvent } from '../../../../../src/lib/record/events.ts';
import type { EventContext } from '../../../../../src/lib/record/record.ts';
import { BAD_INPUT } from '../../../../round-trip/bad-input.ts';
import { eventLine, KEYS, likelyLine } from './arbitrary-event.ts';
import { TEXT_KEYS, textLine } from './arbitrary-text.ts';
import { checkRows, RECEIVED } from './scanned-rows.ts';

const contexts: readonly EventContext[] = [
  {},
  { format: 'json' },
  { service: 'web', host: 'h1', file: '/var/log/x' },
  { zone: 'Europe/Paris' },
  { zone: 'UTC', fields: { env: 'prod' } },
  { fields: { pod: 'p-9', n: '7' } },
  { fields: { app: 'shop' } },
  { truncated: 70_000 },
  { format: 'plain' },
  { format: 'logfmt' },
];

describe('rows of the scanner', () => {
  it('say what parseEvent says, whatever the event', () => {
    fc.assert(
      fc.property(
        fc.array(eventLine, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(...contexts),
        fc.constantFrom(KEYS, [], ['user']),
        (lines, context, columns) => {
          checkRows(
            lines.filter((line) => line !== ''),
            { context, columns },
          );
        },
      ),
      { numRuns: Number(process.env['RUNS'] ?? 500) },
    );
  });

  it('say it of events as programs write them, most of them alone', () => {
    let rows = 0;
    let slow = 0;
    fc.assert(
      fc.property(
        fc.array(likelyLine, { minLength: 1, maxLength: 12 }),
        fc.constantFrom(...contexts.slice(0, 6)),
        fc.constantFrom([...KEYS, 'name', 'v'], [], ['user']),
        (lines, context, columns) => {
          const checked = checkRows(lines, { context, columns });
          rows += checked.rows;
          slow += checked.slow;
        },
      ),
      { numRuns: Number(process.env['RUNS'] ?? 500) },
    );
    expect(slow / rows).toBeLessThan(0.5);
  });

  it('say it of text as programs write it, much of it alone', () => {
    let rows = 0;
    let slow = 0;
    fc.assert(
      fc.property(
        fc.array(textLine, { minLength: 1, maxLength: 12 }),
        fc.oneof(
          fc.constantFrom<EventContext>({}, { host: 'h1' }, { fields: { env: 'prod' } }),
          fc.constantFrom<EventContext>(
            ...contexts,
            { format: 'access' },
            { format: 'syslog' },
            { format: 'syslog-5424' },
            { format: 'cri' },
            { format: 'klog' },
            { format: 'syslog-3164', service: 'web', file: '/var/log/x', fields: { pid: '7' } },
            { format: 'plain', zone: '+01:00' },
          ),
        ),
        fc.constantFrom(TEXT_KEYS, [], ['user']),
        (lines, context, columns) => {
          const checked = checkRows(lines, { context, columns });
          rows += checked.rows;
          slow += checked.slow;
        },
      ),
      { numRuns: Number(process.env['RUNS'] ?? 1000) },
    );
    expect(slow / rows).toBeLessThan(0.8);
  });

  it('say it of lines with bytes changed, cut and doubled, and end', () => {
    const bytes = fc.oneof(eventLine, likelyLine, textLine).chain((line) => {
      const raw = Buffer.from(line);
      const change = fc.tuple(
        fc.nat({ max: Math.max(raw.length - 1, 0) }),
        fc.nat({ max: 255 }),
        fc.constantFrom('set', 'cut', 'add'),
      );
      return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
        let out = raw;
        for (const [at, byte, what] of changes) {
          const behind = out.subarray(what === 'add' ? at : at + 1);
          out = Buffer.concat([out.subarray(0, at), Buffer.from(what === 'cut' ? [] : [byte]), behind]);
        }
        return Buffer.from(out.map((byte) => (byte === 10 ? 32 : byte)));
      });
    });
    fc.assert(
      fc.property(fc.array(bytes, { minLength: 1, maxLength: 8 }), fc.constantFrom(...contexts), (lines, context) => {
        checkRows(
          lines.filter((line) => line.length > 0),
          { context, columns: KEYS },
        );
      }),
      { numRuns: Number(process.env['RUNS'] ?? 400) },
    );
  });

  it('know every alias in every spelling, and every word of a level', () => {
    const values = ['"x"', '17', '"2022-08-22T05:18:42Z"', '1661145522', '"INFO"', 'null', 'true', '{"name":"n"}'];
    const lines = [...allAliases().keys()].flatMap((name) =>
      values.map((value) => `{${JSON.stringify(name)}:${value}}`),
    );
    expect(checkRows(lines).slow).toBeLessThan(lines.length * 0.7);
    const words = [...allLevelWords().keys()].map((word) => `{"level":"${word}","msg":"m"}`);
    expect(checkRows(words).slow).toBe(2);
    for (const name of ['severity', 'pri', 'levelno', 'severityNumber', 'lvl', 'PRIORITY']) {
      checkRows(Array.from({ length: 300 }, (_, number) => `{"${name}":${number}}`));
      checkRows(Array.from({ length: 300 }, (_, number) => `{"${name}":"${number}"}`));
    }
  });

  it('find the level in the head of any message, whatever is before and behind it', () => {
    const words = ['TraceID', 'warn', 'ERROR', 'Error', 'critical', 'tRacE', 'warnings', 'x', 'INFO', 'trace', ''];
    const between = [
      ':',
      ' ',
      '\u00a0',
      ' \u00a0- ',
      '|',
      ' - ',
      'é',
      '：',
      '\u2028',
      '/',
      'x'.repeat(150),
      '[warn]',
      '\\t',
    ];
    const part = fc.constantFrom(...words, ...between);
    fc.assert(
      fc.property(fc.array(fc.array(part, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 }), (all) => {
        checkRows(all.map((parts) => `{"message":"${parts.join('')}"}`));
      }),
      { numRuns: Number(process.env['RUNS'] ?? 500) },
    );
  });

  it('look for a level as far as parseEvent does, which may end inside a word', () => {
    const lines = Array.from({ length: 120 }, (_, at) => [
      `2024-01-02 03:04:05 ${'x'.repeat(80 + at)} ERRORS`,
      `2024-01-02 03:04:05 ${'x'.repeat(80 + at)} INFO`,
      `[2024-01-02 03:04:05] ${'é'.repeat(80 + at)} LOG:  x`,
      `Jan  2 03:04:05 web cron: ${'x'.repeat(80 + at)} ERRORS`,
    ]).flat();
    checkRows(lines);
  });

  it.each([
    ['18:05:37.558 INFO done', '\u0006^ INFO done'],
    ['18:05:37', '\u0006^'],
    ['[2022-08-22 05:18:42,908] x', '[\u0006^] x'],
    ['2022/08/22 05:18:42 x', '\u0006^ x'],
    ['2022-08-22T05:18:42.908318001+02:00: x', '\u0006^: x'],
    ['2022-08-22T05:18:42-0730 x', '\u0006^ x'],
    ['2022-08-22T05:18:42Z', '\u0006^'],
    ['05:18:42. The end', '\u0006^. The end'],
    ['05:18:42+1 x', '\u0006^+1 x'],
    ['05:18:42é', '\u0006^é'],
    ['05:18:42.9083180012 x', undefined],
    ['05:18:42Zulu', undefined],
    ['2022-08-22 x', undefined],
    ['2022-08/22 05:18:42 x', undefined],
    ['5:18:42 x', undefined],
    ['(05:18:42) x', undefined],
    ['at 05:18:42', undefined],
    ['05:18:42 \u0006', undefined],
    ['', undefined],
  ])('take the time that %j begins with out of it', (message, left) => {
    const { messages } = checkRows([JSON.stringify({ time: '2024-01-02T03:04:05Z', message })]);
    expect(messages).toEqual([left ?? message]);
  });

  it('take the time out of text that they know no time of', () => {
    const { messages } = checkRows(['<13>Jan  2 03:04:05 web app: 18:05:37.558 started', '18:05:37.558 x']);
    expect(messages).toEqual(['\u0006^ started', '18:05:37.558 x']);
  });

  it('keep values that come again once, and others as they come', () => {
    const lines = Array.from({ length: 3000 }, (_, at) => {
      const id = at % 5 === 3 ? '' : `"id":"request-${at}",`;
      const late = at < 2100 ? '' : `"late":"${at % 3}",`;
      return `{${id}${late}"pod":"pod-${at % 7}","message":"${'x'.repeat(at % 11)}"}`;
    });
    const { group } = checkRows(lines, { columns: ['id', 'pod', 'late'] });
    const repeated = (name: string) => group.columns.find((column) => column.name === name)?.repeated;
    expect(repeated('k0')).toMatchObject({ rows: 1024 });
    expect(repeated('k1')).toMatchObject({ rows: 3000, different: 7 });
    expect(repeated('k2')).toMatchObject({ rows: 3000, different: 3 });
    expect(repeated('rest')).toMatchObject({ rows: 3000, different: 4 });
    expect(repeated('message')).toMatchObject({ rows: 3000, different: 11 });
    expect(group.slow).toBe(0);
  });

  it('take several claims of one role as they are ranked', () => {
    const time = [...allAliases()].filter(([, { role }]) => role === 'time').map(([name]) => name);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...time), { minLength: 2, maxLength: 5 }), (names) => {
        checkRows([`{${names.map((name, at) => `${JSON.stringify(name)}:"2022-08-22T05:18:4${at}Z"`).join(',')}}`]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('lines that are nearly JSON', () => {
  const root = join(
    process.env['LOGS_TEST_DATA'] ?? join(import.meta.dirname, '../../../../../../shared/data'),
    'json-test-suite',
  );
  const missing = !existsSync(root);
  if (missing) console.warn(`skipped: JSONTestSuite is not at ${root} (set LOGS_TEST_DATA)`);

  it.skipIf(missing)('are judged as parseEvent judges them: JSONTestSuite', () => {
    for (const folder of ['test_parsing', 'test_transform']) {
      for (const name of readdirSync(join(root, folder))) {
        const bytes = readFileSync(join(root, folder, name));
        if (bytes.length === 0) continue;
        const line = Buffer.from(bytes.map((byte) => (byte === 10 ? 32 : byte)));
        const around = (before: string, behind: string): Buffer =>
          Buffer.concat([Buffer.from(before), line, Buffer.from(behind)]);
        const lines = [
          line,
          bytes,
          around('{"v":', '}'),
          around('{"user":', ',"msg":"m"}'),
          around('{"msg":', '}'),
          around('{"msg":"', '"}'),
        ];
        for (const format of [undefined, 'json']) {
          checkRows(lines, { context: format === undefined ? {} : { format }, columns: ['user', 'v'] });
        }
      }
    }
  });

  it('take a number out of a line and leave the text of its digits, which is another value', () => {
    const inside = (status: unknown): string => JSON.stringify({ msg: 'x', status });
    const lines = [
      JSON.stringify({ status: 200, message: inside('200') }),
      JSON.stringify({ status: '200', message: inside(200) }),
      JSON.stringify({ status: 200, message: inside(200) }),
    ];
    expect(checkRows(lines, { columns: ['status'] }).rests).toEqual([
      '{"status":\u0006$,"message":"{\\"msg\\":\\"\u0003\\",\\"status\\":\\"200\\"}"}',
      '{"status":"\u0006$","message":"{\\"msg\\":\\"\u0003\\",\\"status\\":200}"}',
      '{"status":\u0006$,"message":"{\\"msg\\":\\"\u0003\\",\\"status\\":\u0006$}"}',
    ]);
  });

  it('are judged as parseEvent judges them: naughty strings', () => {
    const naughty = createRequire(import.meta.url)('big-list-of-naughty-strings') as string[];
    const texts = naughty.filter((text) => text !== '');
    const oneLine = texts.map((text) => text.replaceAll('\n', ' '));
    for (const format of [undefined, ...FORMATS])
      checkRows(oneLine, { context: format === undefined ? {} : { format } });
    const json = texts.flatMap((text) => {
      const value = JSON.stringify(text);
      return [`{"msg":${value}}`, `{"user":${value}}`, `{${value}:1}`, `{"log":${JSON.stringify(`{"msg":${value}}`)}}`];
    });
    checkRows(json, { columns: ['user'] });
  });

  it('are judged as parseEvent judges them: the catalogue of bad input', () => {
    for (const { name, events, content, extension } of BAD_INPUT) {
      if (events === undefined && extension !== undefined) continue;
      const lines = (events ?? Buffer.from(content).toString('latin1').split('\n')).map((line) =>
        Buffer.from(line as string, events === undefined ? 'latin1' : 'utf8'),
      );
      const rows = lines.filter((line) => line.length > 0);
      for (const context of [{}, { format: 'json' }, { format: 'plain' }, { truncated: 70_000 }] as const) {
        try {
          checkRows(rows, { context, columns: [...KEYS, 'a', 'k1', '__proto__', 'user'] });
        } catch (error) {
          expect.fail(`${name}, ${JSON.stringify(context)}: ${String(error)}`);
        }
      }
    }
  });
});

describe('text that the scanner holds', () => {
  it('has the words of what stands in no line in its filters', () => {
    const scanner = new Scanner({ columns: ['facility'] });
    const text = Buffer.from('<37>Oct 11 22:14:15 web su: failed for lonvick on pts 8\n');
    const held = scanner.hold(text.length);
    held.bytes().set(text);
    const { starts, ends } = held.findLines(0, text.length, 8);
    const block = {
      get bytes() {
        return held.bytes();
      },
      starts: starts.slice(),
      ends: ends.slice(),
      frames: [{ events: 1, context: {}, receivedAt: RECEIVED }],
    };
    const { filters, slow } = scanner.scan(block, { events: Uint32Array.of(0), from: 0, day: null, rows: 1 });
    expect(slow).toBe(0);
    for (const word of ['facility', 'auth', 'severity', '5', 'web', 'su', 'lonvick'])
      expect(mayHoldToken(filters, word), word).toBe(true);
  });
});

describe('lines that the scanner finds', () => {
  it('are those that the events of a frame are, where none are joined', () => {
    const scanner = new Scanner({ columns: [] });
    const line = fc.oneof(
      { weight: 3, arbitrary: fc.string({ maxLength: 90 }) },
      { weight: 1, arbitrary: fc.constant('') },
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.boolean(), fc.nat(70), (lines, isEnded, most) => {
        const text = Buffer.from(lines.join('\n') + (isEnded ? '\n' : ''));
        const before = Buffer.from('before\n');
        const held = scanner.hold(before.length + text.length);
        held.bytes().set(before);
        held.bytes().set(text, before.length);
        const { starts, ends, numbers, count } = held.findLines(before.length, text.length, most);
        expect(count).toBe(
          text.toString('latin1').split('\n').length - (/(^|\n)$/.test(text.toString('latin1')) ? 1 : 0),
        );
        const events: number[][] = [];
        eachEvent(text, undefined, (start, end, number) =>
          events.push([before.length + start, before.length + end, number]),
        );
        expect(Array.from(starts, (start, at) => [start, ends[at], numbers[at]])).toEqual(events);
      }),
    );
  });
});

describe('the cost of a line', () => {
  const times = (line: string, columns: readonly string[] = []): number => {
    // Of the processor, in milliseconds: others may use it as well.
    const before = process.cpuUsage();
    checkRows([line], { columns });
    return process.cpuUsage(before).user / 1000;
  };

  it.each([
    ['escapes', (n: number) => `{"msg":"${'\\u0041\\n'.repeat(n)}"}`],
    ['brackets', (n: number) => `{"a":${'['.repeat(n)}`],
    ['keys', (n: number) => `{${Array.from({ length: n }, (_, at) => `"k${at}":1`).join(',')}}`],
    ['ids', (n: number) => `{"trace_id":"aaaaaaaaa","msg":"${'aaaaaaaab '.repeat(n)}"}`],
    ['wrapped', (n: number) => `{"msg":"${'{\\"msg\\":'.repeat(n)}"}`],
    ['requests', (n: number) => `h - - [17/May/2015:10:05:03 +0000] "${'GET / '.repeat(n)}" 200 -`],
    ['words', (n: number) => `2024-01-02 03:04:05 ${'Mon 2 ] "'.repeat(n)}`],
  ])('grows with its length alone: %s', (_, make) => {
    times(make(1000));
    const small = Math.max(times(make(4000)), 5);
    expect(times(make(40_000))).toBeLessThan(small * 60);
  });
});
