import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkRows } from './scanned-rows.ts';

const data = process.env['LOGS_TEST_DATA'] ?? join(import.meta.dirname, '../../../../../../shared/data');
const missing = !existsSync(data);
if (missing) console.warn(`skipped: no real logs at ${data} (set LOGS_TEST_DATA)`);

function linesOf(name: string, most: number): string[] {
  const bytes = readFileSync(join(data, name));
  const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .slice(0, most);
}

describe.skipIf(missing)('the scanner on real logs', () => {
  it('is sure of every event of the containers, and leaves little of them in the line', () => {
    const lines = linesOf('nezha/nezha-20mb.ndjson.gz', 8000);
    const { slow, rests } = checkRows(lines, { columns: ['pod', 'container', 'node', 'stream', 'name'] });
    expect(slow).toBe(0);
    // Go writes `<` as `\\u003c`: such a message is not written anew, and stays in the line too.
    expect(rests.filter((rest) => rest?.includes('SpanID') && !rest.includes('\\\\u00'))).toEqual([]);
    expect(new Set(rests).size).toBeLessThan(rests.length / 8);
  });

  it.each(['access/apache_logs', 'access/nginxplus_json_logs', 'access/auth.log'])('reads %s', (name) => {
    const lines = linesOf(name, 3000);
    expect(checkRows(lines, { columns: ['method', 'status', 'pid'] }).rows).toBe(lines.length);
    expect(checkRows(lines, { context: { zone: 'Europe/Paris', service: 'web' } }).rows).toBe(lines.length);
  });
});
