import { describe, expect, it } from 'vitest';
import { LogsError } from '../../../src/lib/errors.ts';
import { renderError } from '../../../src/lib/render/error.ts';

describe('an error for a person', () => {
  it('has the caret under the token, and the hint', () => {
    const error = new LogsError('QUERY_SYNTAX', 'a value is missing', {
      hint: 'add one',
      at: { text: 'a level: b', offset: 2, length: 6 },
    });
    expect(renderError(error)).toBe('error: a value is missing\n  a level: b\n    ^^^^^^\nhint: add one\n');
  });

  it('keeps the caret in view of a long text', () => {
    const text = `${'x'.repeat(500)}HERE${'y'.repeat(500)}`;
    const lines = renderError(new LogsError('QUERY_SYNTAX', 'm', { at: { text, offset: 500, length: 4 } })).split('\n');
    const at = lines[2]?.indexOf('^^^^') ?? -1;
    expect(lines[1]?.slice(at, at + 4)).toBe('HERE');
    expect(lines[1]?.length).toBeLessThan(85);
  });

  it('puts the caret under what is shown wide', () => {
    const error = new LogsError('QUERY_SYNTAX', 'm', { at: { text: '日本 😀 bad', offset: 6, length: 3 } });
    expect(renderError(error).split('\n')[2]).toBe(`${' '.repeat(2 + 8)}^^^`);
  });

  it('is one line, whatever names it tells', () => {
    const error = new LogsError('NOT_FOUND', 'no such file: a\nhint: rm -rf /', { hint: 'b\nc' });
    expect(renderError(error)).toBe('error: no such file: a\\nhint: rm -rf /\nhint: b\\nc\n');
  });

  it('moves the caret by what escapes add, and never obeys the text', () => {
    const lines = renderError(new LogsError('USAGE', 'bad \x1b[2J', { at: { text: '\x1bz', offset: 1 } })).split('\n');
    expect(lines.slice(0, 3)).toEqual(['error: bad \\x1b[2J', '  \\x1bz', '      ^']);
  });
});
