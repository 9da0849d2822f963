import { describe, expect, it } from 'vitest';
import { type StoredRow, storedRow } from '../../../../../src/lib/adapters/embedded/scan/stored-row.ts';
import { rebuildLine, rebuildMessage } from '../../../../../src/lib/adapters/embedded/segment/rebuild.ts';
import { parseEvent } from '../../../../../src/lib/parse/parse-event.ts';
import { ROW_FLAGS } from '../../../../../src/lib/query/sql-columns.ts';

const RECEIVED = 1_709_380_800_000_000_000n;
const KEYS = ['pod', 'n', 'list'];

function row(text: string | Buffer): StoredRow {
  return storedRow(Buffer.from(text as string), {}, RECEIVED, KEYS);
}

function rebuilt(stored: StoredRow): string | undefined {
  const { rest, values } = stored;
  return rest === undefined ? undefined : rebuildLine({ ...stored, rest, column: (index) => values[index] });
}

const LINES = [
  '{"time":"2024-03-02T11:00:00.5Z","level":"info","service":"checkout","pod":"checkout-1","n":17,"msg":"a \\"b\\" done"}',
  '{"log":"{\\"ts\\": \\"2024-03-02 11:00:00\\", \\"message\\": \\"in \\\\\\"side\\\\\\"\\"}", "pod": "p-1234", "n": "12"}',
  '{"ts":1709377200,"msg":"epoch 1709377200","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}',
  '{"msg":"x\\u00e4y","pod":["a","b"],"n":1.50}',
  '{"msg":"ä\u2028","pod":"pöd-ä","n":-0}',
  '{"msg":"\u0007"}',
  'plain \u0006\u0021 text',
  '\ufeff{"msg":"bom"}',
  '2024-03-02T11:00:00Z host1 app[17]: syslog says hello',
  'time=2024-03-02T11:00:00Z level=warn msg="logfmt here" pod=pod-1 n=3',
  '<34>1 2024-03-02T11:00:00.003Z mymachine.example.com su - ID47 - message of su',
  '127.0.0.1 - - [02/Mar/2024:11:00:00 +0000] "GET /index.html HTTP/1.1" 200 2326',
  '{"a":1,"a":2}',
  '{"broken":',
  ' x ',
  '{"msg":"crlf"}\r',
];

describe('what an event is stored as', () => {
  it.each(LINES)('gives back the line and the message: %j', (line) => {
    const stored = row(line);
    expect(rebuilt(stored)).toBe(line);
    const { message } = parseEvent(Buffer.from(line), {}, RECEIVED, '');
    expect(rebuildMessage({ ...stored, rest: '', column: () => undefined })).toBe(message);
  });

  it('takes message, time and values out of the line', () => {
    const stored = row(LINES[0] ?? '');
    expect(stored.rest).toBe(
      '{"time":"\u0005\u0021","level":"info","service":"\u0006\u0020","pod":"\u0006\u0024","n":17,"msg":"\u0002"}',
    );
    expect(stored).toMatchObject({ flags: ROW_FLAGS.JSON | ROW_FLAGS.BACKSLASH, message: 'a "b" done', level: 9 });
    expect(row(LINES[1] ?? '').rest).toContain('\\"message\\": \\"\u0003\\"');
    expect(row(LINES[8] ?? '').rest).toContain('\u0004');
  });

  it('says where a promoted column does not tell all', () => {
    const opaque = (line: string): boolean => (row(line).flags & ROW_FLAGS.OPAQUE) !== 0;
    expect(LINES.map(opaque)).toEqual(LINES.map((_, at) => at === 3));
    expect(['{"pod":null}', '{"pod":{"a":1}}', '{"pod":true}'].map(opaque)).toEqual([true, true, true]);
    expect(row('{"pod":"x","n":1.50}').values.slice(4)).toEqual(['x', '1.50', undefined]);
  });

  it('is the bytes themselves where they are not UTF-8', () => {
    expect(row(Buffer.from([0x61, 0xff])).rest).toBeUndefined();
  });
});
