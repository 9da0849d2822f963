import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { detectFormat } from '../../../src/lib/parse/detect.ts';
import { parseEvent } from '../../../src/lib/parse/parse-event.ts';
import { jsonText } from '../../../src/lib/record/json-text.ts';
import type { LogRecord } from '../../../src/lib/record/record.ts';

const root = process.env['LOGS_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const missing = !existsSync(join(root, 'access', 'apache_logs'));
if (missing) console.warn(`skipped: real logs are not at ${root} (set LOGS_TEST_DATA)`);
const now = BigInt(Date.parse('2023-06-01T00:00:00Z')) * 1_000_000n;

function read(path: string): LogRecord[] {
  let bytes = readFileSync(join(root, path));
  if (path.endsWith('.gz')) bytes = gunzipSync(bytes);
  const lines = bytes
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line, 'latin1'));
  return lines.map((line) => parseEvent(line, {}, now, 'ID'));
}

const count = (records: LogRecord[], key: (r: LogRecord) => string): Record<string, number> => {
  const out: Record<string, number> = {};
  for (const r of records) out[key(r)] = (out[key(r)] ?? 0) + 1;
  return out;
};

describe.skipIf(missing)('real logs', () => {
  it('reads every line of an access log with its time', () => {
    const records = read('access/apache_logs');
    expect(count(records, (r) => r.format)).toEqual({ access: 10_000 });
    expect(records.every((r) => r.tsText !== undefined && r.fields['_parse_error'] === undefined)).toBe(true);
    expect(count(records, (r) => jsonText(r.fields['status'] ?? null))).toMatchObject({ 200: 9126, 404: 213, 500: 3 });
    expect(count(records, (r) => r.level)).toEqual({ INFO: 9780, WARN: 217, ERROR: 3 });
    expect(records[0]?.fields).toMatchObject({ client_ip: '83.149.9.216', method: 'GET', status: 200, bytes: 203023 });
    expect(records[0]?.ts).toBe(BigInt(Date.parse('2015-05-17T10:05:03Z')) * 1_000_000n);
  });

  it('reads every line of a syslog file with time, host and service', () => {
    const records = read('access/auth.log');
    expect(count(records, (r) => r.format)).toEqual({ 'syslog-3164': 7121 });
    expect(records.every((r) => r.tsText?.startsWith('2023-') || r.tsText?.startsWith('2022-'))).toBe(true);
    expect(records.every((r) => r.host === 'ip-10-77-20-248' && r.service !== undefined)).toBe(true);
  });

  it('reads wide JSON, epoch milliseconds in it', () => {
    const records = read('access/nginxplus_json_logs');
    expect(count(records, (r) => r.format)).toEqual({ json: 500 });
    expect(records[0]?.tsText).toBe('2015-10-30T23:58:19.322Z');
  });

  it('opens what containers wrote: levels, times, traces', () => {
    const records = read('nezha/nezha-20mb.ndjson.gz');
    expect(records).toHaveLength(33_581);
    expect(count(records, (r) => r.level)).toEqual({ INFO: 32_614, WARN: 507, ERROR: 73, UNKNOWN: 387 });
    expect(records.every((r) => r.tsText !== undefined && r.trace_id !== undefined)).toBe(true);
    expect(records.some((r) => r.fields['_parse_error'] !== undefined)).toBe(false);
    expect(records.every((r) => r.fields['msg'] === undefined && r.message !== undefined)).toBe(true);
  });

  it('finds the format of a source, and none where lines differ', () => {
    const lines = (text: string): Buffer[] => text.split('\n').map((line) => Buffer.from(line));
    expect(detectFormat(lines('{"a":1}\n\n{"b":2}'))).toBe('json');
    expect(detectFormat(lines('a=1 b=2\n{"b":2}'))).toBeUndefined();
    expect(detectFormat(lines('some text'))).toBeUndefined();
    expect(detectFormat([])).toBeUndefined();
  });
});
