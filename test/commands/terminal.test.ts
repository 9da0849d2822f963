import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { displayWidth } from '../../src/lib/render/display-width.ts';

const run = join(import.meta.dirname, '../../bin/run.js');
const folder = mkdtempSync(join(tmpdir(), 'logs-terminal-'));
const file = join(folder, 'app.log');
writeFileSync(
  file,
  Array.from({ length: 150 }, (_, n) => {
    const time = new Date(Date.UTC(2026, 0, 5, 10, n)).toISOString();
    return JSON.stringify({
      time,
      level: n % 3 === 0 ? 'error' : 'info',
      service: 'api',
      msg: `event ${n} \x1b]0;owned\x07 \u202e`,
      n,
    });
  }).join('\n'),
);
afterAll(() => rmSync(folder, { recursive: true }));

const hasScript = spawnSync('script', ['--version']).status === 0;
if (!hasScript) process.stderr.write('SKIPPED: tests on a real terminal, because script(1) is not there\n');

/** Runs a command line on a real terminal of a size; gives what it showed. */
function onTerminal(line: string, columns: number, env: NodeJS.ProcessEnv = {}): string {
  const command = `stty cols ${columns} rows 40; ${process.execPath} ${run} ${line}`;
  const done = spawnSync('script', ['-qec', command, '/dev/null'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, TERM: 'xterm-256color', TZ: 'UTC', HOME: folder, ...env },
    input: '',
  });
  return done.stdout.replaceAll('\r\n', '\n');
}

describe.skipIf(!hasScript)('on a terminal', () => {
  it('shows the newest hundred, oldest first, in colour, and says that there are more', () => {
    const lines = onTerminal(`search ${file} --utc`, 120).trimEnd().split('\n');
    expect(lines).toHaveLength(101);
    expect(lines[0]).toContain('event 50');
    expect(lines[99]).toContain('event 149');
    expect(lines[100]).toBe('newest 100, there are more (-n 0 for all, -c to count)');
    expect(lines[0]).toContain('\x1b[');
  });

  it('shows all of a pipe', () => {
    const lines = onTerminal(`search - --utc < ${file}`, 120).trimEnd().split('\n');
    expect(lines).toHaveLength(150);
    expect(lines[0]).toContain('event 0');
  });

  it('shows what log text would have the terminal do', () => {
    const shown = onTerminal(`search ${file} --utc`, 120, { NO_COLOR: '1' });
    expect(shown).toContain('\\x1b]0;owned\\x07 \\u202e');
    for (const control of ['\x1b', '\x07', '\u202e']) expect(shown).not.toContain(control);
  });

  it.each([40, 80, 133])('draws bars that fit %d columns', (columns) => {
    const shown = onTerminal(`agg ${file} --by n --utc`, columns, { NO_COLOR: '1' });
    const lines = shown.trimEnd().split('\n');
    expect(lines).toHaveLength(150);
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
    expect(Math.max(...lines.map(displayWidth))).toBeGreaterThan(columns - 3);
  });

  it('colours a histogram by level and keeps the numbers', () => {
    const shown = onTerminal(`agg ${file} --every 1h --utc`, 100);
    expect(shown).toContain('\x1b[31m');
    const counts = shown
      .trimEnd()
      .split('\n')
      .map((line) => Number(line.trim().split(/\s+/).at(-1)));
    expect(counts).toEqual([60, 60, 30]);
  });
});

describe.skipIf(!hasScript)('logs ship on a terminal', () => {
  it('asks for a file where nobody pipes anything in', () => {
    const shown = onTerminal('ship', 80, { NO_COLOR: '1' });
    expect(shown).toBe(
      'error: nothing to ship: no file was named, and standard input is a terminal\n' +
        'hint: cat app.log | logs ship, or logs ship app.log\n',
    );
  });

  it('shows how far it is once that takes a second, and leaves nothing of it', () => {
    const slow = 'for n in 1 2 3 4 5 6 7 8; do echo line $n; sleep 0.3; done';
    const done = spawnSync(
      'script',
      ['-qec', `stty cols 80 rows 24; (${slow}) | ${process.execPath} ${run} ship --to null:`, '/dev/null'],
      {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, TERM: 'xterm-256color', HOME: folder },
        input: '',
      },
    );
    expect(done.stdout).toMatch(/shipping \d+ B, \d events, [\d.]+ B\/s/);
    // The line is cleared and the cursor shown again before the summary.
    const last = done.stdout.split('\x1b[?25h').at(-1) ?? '';
    expect(last).toContain('8 events, 56 B in ');
    expect(last).not.toContain('shipping');
  });
});

describe('signals and closed pipes', () => {
  it('ends with 130 soon after Ctrl-C, while standard input stays open', async () => {
    const child = spawn(process.execPath, [run, 'search', 'x', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const asked = Date.now();
    child.kill('SIGINT');
    const code = await new Promise((resolve) => child.on('exit', (status, signal) => resolve(status ?? signal)));
    expect(code).toBe(130);
    expect(Date.now() - asked).toBeLessThan(2000);
  });

  it('counts a reader that leaves as success', () => {
    const line = `"${process.execPath}" "${run}" search "${file}" "${file}" -o json | head -1; echo "\${PIPESTATUS[0]}"`;
    const done = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    expect(done.stdout.trim().split('\n').at(-1)).toBe('0');
    expect(done.stderr).toBe('');
  });
});
