import { describe, expect, it } from 'vitest';
import { LEVEL_NAMES, LEVELS, losesText, parseLevel } from '../../../src/lib/record/level.ts';

describe('parseLevel', () => {
  it('knows every spelling in any case', () => {
    for (const [level, names] of Object.entries(LEVEL_NAMES)) {
      for (const name of names) {
        for (const text of [name, name.toUpperCase(), ` ${name} `, `[${name}]`, `${name}:`]) {
          expect(parseLevel(text), text).toBe(level);
        }
      }
    }
  });

  it.each([
    [10, 'TRACE'],
    [20, 'DEBUG'],
    [30, 'INFO'],
    [35, 'INFO'],
    [40, 'WARN'],
    [50, 'ERROR'],
    ['50', 'ERROR'],
    [60, 'FATAL'],
    [3, 'UNKNOWN'],
    [100, 'UNKNOWN'],
    [-10, 'UNKNOWN'],
    [30.5, 'UNKNOWN'],
  ])("reads pino's %s under level", (n, level) => expect(parseLevel(n)).toBe(level));

  it("reads syslog's 0–7 under severity and whole PRI values under pri", () => {
    const levels = ['FATAL', 'FATAL', 'FATAL', 'ERROR', 'WARN', 'INFO', 'INFO', 'DEBUG'];
    for (let n = 0; n < 192; n++) expect(parseLevel(n, 'pri')).toBe(levels[n % 8]);
    expect(parseLevel('3', 'severity')).toBe('ERROR');
    expect(parseLevel(192, 'pri')).toBe('UNKNOWN');
  });

  it("reads OpenTelemetry's 1–24 under severity_number, four to a level", () => {
    const names = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
    for (let n = 1; n <= 24; n++) expect(parseLevel(n, 'severityNumber')).toBe(names[Math.floor((n - 1) / 4)]);
    expect(parseLevel(0, 'severity_number')).toBe('UNKNOWN');
    expect(parseLevel(25, 'severity_number')).toBe('UNKNOWN');
    expect(parseLevel('ERROR3')).toBe('ERROR');
  });

  it("reads Python's numbers under levelno", () => {
    expect([10, 20, 30, 40, 50].map((n) => parseLevel(n, 'levelno'))).toEqual([
      'DEBUG',
      'INFO',
      'WARN',
      'ERROR',
      'FATAL',
    ]);
  });

  it('says UNKNOWN where nothing is said', () => {
    for (const text of ['', 'banana', 'information!', '[]', '9999', 'constructor', '__proto__']) {
      expect(parseLevel(text), text).toBe('UNKNOWN');
    }
  });

  it('gives every level but UNKNOWN a number above the one before', () => {
    const numbers = Object.entries(LEVELS)
      .filter(([name]) => name !== 'UNKNOWN')
      .map(([, n]) => n);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(LEVELS.UNKNOWN).toBe(0);
  });

  it('knows where the level alone loses what was said', () => {
    expect(losesText('notice', 'INFO', 'level')).toBe(true);
    expect(losesText('info', 'INFO', 'level')).toBe(false);
    expect(losesText(30, 'INFO', 'level')).toBe(false);
    expect(losesText(35, 'INFO', 'level')).toBe(true);
    expect(losesText(5, 'INFO', 'severity')).toBe(true);
    expect(losesText(10, 'INFO', 'severity_number')).toBe(true);
  });
});
