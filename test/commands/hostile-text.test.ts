import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';

const run = join(import.meta.dirname, '../../bin/run.js');
const folder = mkdtempSync(join(tmpdir(), 'logs-hostile-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What terminals obey: every C0 but TAB and LF, DEL, every C1 as UTF-8, and the bidirectional controls. */
const CODES = [
  ...Array.from({ length: 0x20 }, (_, code) => code).filter((code) => code !== 0x09 && code !== 0x0a),
  ...Array.from({ length: 0x21 }, (_, offset) => 0x7f + offset),
  0x61c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069,
]; // biome-ignore format: a table
const OBEYED = new RegExp(`[${CODES.map((code) => `\\u${code.toString(16).padStart(4, '0')}`).join('')}]`);
const EVERY = CODES.map((code) => String.fromCodePoint(code)).join('');
const HOSTILE = `a\u001b]0;owned\u0007\u001b[2J\u001b[31m\r\u009b1m\u202eb`;

const EVENTS = [
  { time: '2026-01-05T10:00:00Z', level: 'error', service: HOSTILE, msg: `m ${EVERY} ${HOSTILE}`, [`k${HOSTILE}`]: HOSTILE, n: 1 },
  { time: '2026-01-05T10:00:01Z', level: 'info', msg: 'two\nlines \u001b[1m', deep: { [HOSTILE]: [HOSTILE] }, stack: `x\n${HOSTILE}` },
].map((event) => JSON.stringify(event)); // biome-ignore format: a table
const PLAIN = `plain ${HOSTILE.replace('\r', '\rERROR forged ')} ${EVERY.replace('\r', '')}`;
const CONTENT = `${EVENTS.join('\n')}\n${PLAIN}\n{bad ${HOSTILE}\n`;
/** A file's name may be as hostile as what is in it. */
const NAME = `x\u001b]0;owned\u0007\u009b\u202e\r.log`;
writeFileSync(join(folder, NAME), CONTENT);
writeFileSync(join(folder, 'app.log'), CONTENT);
for (const n of [1, 2, 3]) writeFileSync(join(folder, `${n}${NAME}.gz`), gzipSync(`x${n}`).subarray(0, -4));

const hasScript = spawnSync('script', ['--version']).status === 0;
if (!hasScript) process.stderr.write('SKIPPED: tests on a real terminal, because script(1) is not there\n');

const env = {
  PATH: process.env.PATH,
  TERM: 'xterm-256color',
  TZ: 'UTC',
  HOME: folder,
  LOGS_STORE: join(folder, 'store'),
};

function inPipe(...args: string[]): Buffer {
  return spawnSync(process.execPath, [run, ...args], { cwd: folder, env }).stdout;
}

/** What a terminal is shown by `logs …`, standard error too. The line is bash's: `$N` is the hostile name, `$H` a hostile text. */
function onTerminal(line: string): string {
  const command = `stty cols 160 rows 40; ${process.execPath} ${run} ${line}`;
  const done = spawnSync('script', ['-qec', command, '/dev/null'], {
    encoding: 'utf8',
    cwd: folder,
    env: { ...env, NO_COLOR: '1', N: NAME, H: HOSTILE, SHELL: '/bin/bash' },
    input: '',
  });
  return done.stdout.replaceAll('\r\n', '\n');
}

describe.skipIf(!hasScript)('text that would have the terminal do something is shown, not obeyed', () => {
  it.each([
    ['search app.log', 'owned'],
    ['search "$N"', 'owned'],
    ['search app.log -k service,message,deep', 'owned'],
    ...['raw', 'json', 'ndjson', 'csv', 'tsv', 'logfmt', 'table'].map((format) => [`search app.log -o ${format}`, 'owned']),
    ['search app.log --json', 'owned'],
    ['tail app.log', 'owned'],
    ['agg app.log --by service', 'owned'],
    ['agg app.log --by service,message', 'owned'],
    ['agg app.log --every 1m --by service', '2026'],
    ...['json', 'csv', 'tsv', 'logfmt', 'table'].map((format) => [`agg app.log --by service -o ${format}`, 'owned']),
    ['agg app.log --max "k$H"', 'owned'],
    ['ship --dry-run app.log "$N"', 'owned'],
    ['ship --dry-run --json app.log', 'owned'],
    ['ship --to null: "1$N.gz" "2$N.gz" "3$N.gz"', 'owned'],
    ['ship --json --to null: "$N" "missing$H"', 'owned'],
    ['ship --to null: app.log --field "k=$H" "$N" "missing$H" "also$H"', 'owned'],
    ['search x "missing$H"', 'owned'],
    ['search "level:\\"$H"', 'owned'],
    ['search "svc:$H levle:x" app.log', 'did you mean level'],
    ['search "@timestamp:\\"$H\\"" app.log', 'owned'],
    ['search --since "$H"', 'owned'],
    ['search --level "$H"', 'owned'],
    ['search -o "$H"', 'owned'],
    ['search "--no$H"', 'owned'],
    ['search --store "$H"', 'owned'],
    ['search --explain "service:\\"$H\\"" "$N"', 'owned'],
    ['agg app.log "| stats count() by a | sort \\"$H\\""', 'owned'],
    ['"no$H"', 'owned'],
  ])('logs %s', (line, expected) => {
    const shown = onTerminal(line);
    expect(shown).toContain(expected);
    const found = OBEYED.exec(shown);
    expect(found === null ? '' : JSON.stringify(shown.slice(Math.max(0, found.index - 60), found.index + 20))).toBe('');
  }); // biome-ignore format: a table

  it('names what it replaces', () => {
    const shown = onTerminal('search app.log -o raw');
    for (const code of CODES) {
      const name =
        code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
      // A JSON line has most of them escaped already; the plain one has all but CR, which stands in front.
      expect(shown).toContain(code === 0x0d ? '\\rERROR forged' : name);
    }
  });
});

describe('what a program reads has the bytes', () => {
  it('as raw', () => {
    expect(inPipe('search', 'app.log', '-o', 'raw').toString('latin1').split('\n').sort()).toEqual(
      Buffer.from(CONTENT).toString('latin1').split('\n').sort(),
    );
  });

  it.each(['json', 'ndjson'])('as %s', (format) => {
    const out = inPipe('search', 'level:ERROR n:1', 'app.log', '-o', format).toString();
    const found = JSON.parse(format === 'json' ? out.slice(1, -2) : out) as Record<string, unknown>;
    expect(found['message']).toBe(`m ${EVERY} ${HOSTILE}`);
    expect(found['service']).toBe(HOSTILE);
    expect(found[`k${HOSTILE}`]).toBe(HOSTILE);
  });

  it('as groups', () => {
    const out = JSON.parse(inPipe('agg', 'app.log', '--by', 'service', '-o', 'json').toString()) as {
      service: unknown;
    }[];
    expect(out.map(({ service }) => service)).toContain(HOSTILE);
  });
});
