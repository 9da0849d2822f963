import { describe, expect, it } from 'vitest';
import { type FlagShape, separateArguments } from '../../src/cli/arguments.ts';
import { levelFilter, splitArguments } from '../../src/cli/request.ts';

const shape = (name: string, char: string, takesValue: boolean, more: Partial<FlagShape> = {}): FlagShape => ({
  name,
  chars: char === '' ? [] : [char],
  aliases: [],
  takesValue,
  negatable: false,
  counted: false,
  listed: false,
  ...more,
});
const SHAPES = [
  shape('limit', 'n', true),
  shape('level', 'l', true),
  shape('count', 'c', false),
  shape('quiet', 'q', false),
  shape('since', 'S', true, { aliases: ['from-time'] }),
  shape('follow', 'f', false, { negatable: true }),
  shape('fields', 'k', true, { listed: true }),
  shape('top', '', true, { counted: true }),
];
const cut = (...argv: string[]) => separateArguments(argv, SHAPES);

describe('arguments before the framework sees them', () => {
  it.each([
    '-path:/healthz',
    '-level:DEBUG',
    '-status>=500',
    '-status!=200',
    '-"not this"',
    '-(a OR b)',
    '-*err*',
    '-404',
    '-@timestamp<now-1h',
  ])('%s is a query', (query) => expect(cut(query, 'app.log')).toEqual({ flags: [], positionals: [query, 'app.log'] }));

  it('takes values in every form', () => {
    expect(cut('-n20', '-n', '3', '-n=4', '--limit=5', '--from-time', '1h').flags).toEqual([
      '--limit',
      '20',
      '--limit',
      '3',
      '--limit',
      '4',
      '--limit',
      '5',
      '--since',
      '1h',
    ]);
    expect(cut('-cq', 'x')).toEqual({ flags: ['--count', '--quiet'], positionals: ['x'] });
    expect(cut('--no-follow', 'x').flags).toEqual(['--no-follow']);
    expect(cut('--top', '10', 'path', 'q')).toEqual({ flags: ['--top', '10 path'], positionals: ['q'] });
    expect(cut('--top', 'path', 'q')).toEqual({ flags: ['--top', 'path'], positionals: ['q'] });
    expect(cut('a', '--', '-c', '--limit')).toEqual({ flags: [], positionals: ['a', '-c', '--limit'] });
    expect(cut('a', '-')).toEqual({ flags: [], positionals: ['a', '-'] });
  });

  it.each([['-lERROR'], ['-nfoo'], ['-x'], ['--limt', '3'], ['-n'], ['--count=3'], ['-n', '-c']])(
    'refuses %s',
    (...argv) => {
      expect(() => cut(...argv)).toThrow(expect.objectContaining({ code: 'USAGE' }));
    },
  );

  it.each([
    [['--limit', '']],
    [['--level=']],
    [['-l', '']],
    [['-k', ',']],
    [['-k', 'a,,b']],
    [['--fields', 'a, ']],
    [['--top', '']],
  ])('refuses the empty value of %j', (argv) => {
    expect(() => cut(...argv)).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('empty') }),
    );
  });

  it('takes a name in quotes with commas in it', () => {
    expect(cut('-k', '"a,,b",c').flags).toEqual(['--fields', '"a,,b",c']);
  });

  it('names the nearest flag', () => {
    expect(() => cut('--limt', '3')).toThrow(expect.objectContaining({ hint: 'did you mean --limit?' }));
    expect(() => cut('--nofollow')).toThrow(expect.objectContaining({ hint: 'did you mean --no-follow?' }));
  });

  it('tells of files where there is no query', () => {
    const attempt = () => separateArguments(['-app.log'], SHAPES, 'files');
    expect(attempt).toThrow(expect.objectContaining({ hint: expect.stringMatching(/write \.\/-app\.log$/) }));
  });
});

describe('query or file', () => {
  const exists = (path: string) => ['app.log', 'error', './error', 'logs/'].includes(path);
  it('takes what exists and looks like a path as a file', () => {
    expect(splitArguments(['app.log', 'b.log'], exists)).toEqual({
      text: undefined,
      files: ['app.log', 'b.log'],
      notes: [],
    });
    expect(splitArguments(['-'], exists)).toEqual({ text: undefined, files: ['-'], notes: [] });
    expect(splitArguments(['timeout', 'app.log'], exists)).toEqual({ text: 'timeout', files: ['app.log'], notes: [] });
    expect(splitArguments([], exists)).toEqual({ text: undefined, files: [], notes: [] });
  });
  it('says what it took a plain word for that is both', () => {
    expect(splitArguments(['error'], exists)).toMatchObject({
      text: undefined,
      files: ['error'],
      notes: [expect.stringContaining('"error"')],
    });
    expect(splitArguments(['error', 'app.log'], exists)).toMatchObject({
      text: 'error',
      files: ['app.log'],
      notes: [expect.any(String)],
    });
  });
  it('refuses a level there is not', () => {
    expect(() => levelFilter('loud')).toThrow(expect.objectContaining({ code: 'USAGE' }));
    expect(levelFilter('err')).toMatchObject({ op: '>=', scalar: { text: 'ERROR' } });
  });
});
