import { gzipSync } from 'node:zlib';

/** A row of bad input: what is shipped, how, and what must come of it. */
export interface BadInput {
  /** The row, and what of it. */
  readonly name: string;
  readonly content: Buffer | string;
  readonly flags?: readonly string[];
  /** `.gz` where the name should say so. */
  readonly extension?: string;
  /** The bytes of each event, in order. Absent: the lines of `content` that are not empty. */
  readonly events?: readonly (Buffer | string)[];
  /** For each event, fields that it must have (undefined: must not), `message` and `level` among them. */
  readonly fields?: readonly { readonly [name: string]: unknown }[];
  /** Queries that must find as many of them. */
  readonly finds?: readonly (readonly [query: string, count: number])[];
  /** What `ship --json` must tell; exit code 0 unless said. */
  readonly told?: { readonly [name: string]: unknown };
  readonly exit?: number;
}

const MIB = 1024 * 1024;
const nested = (depth: number): string => `{"a":${'['.repeat(depth)}1${']'.repeat(depth)}}`;
const twins = ['caf\u00e9', 'cafe\u0301'] as const;
const manyKeys = JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, n])));
/** Each its own text: the gzip of what was shipped is nothing new. */
const zipped = (name: string): Buffer => gzipSync(`${name} one\n${name} two\n`);
const CUT = zipped('cut');

export const BAD_INPUT: readonly BadInput[] = [
  {
    name: 'a line over 1 MiB: its head, its length, and what follows',
    content: `${'x'.repeat(MIB)}yz\nafter\n`,
    events: ['x'.repeat(MIB), 'after'],
    fields: [{ truncated: true, original_length: MIB + 2 }, { truncated: undefined }],
    finds: [['truncated:true', 1], ['after', 1], ['original_length>1MiB', 1]],
    told: { events: 2, truncated: 1 },
  },
  { name: 'a last line without end', content: 'one\ntw', events: ['one', 'tw'] },
  {
    name: 'bytes that are not UTF-8 lose nothing of their line',
    content: Buffer.from('caf\xe9 au lait\nplain\n', 'latin1'),
    fields: [{ _invalid_utf8: true, message: 'caf\ufffd au lait' }, { _invalid_utf8: undefined }],
    finds: [['lait', 1], ['_invalid_utf8:true', 1], ['"caf\ufffd"', 1]],
  },
  {
    name: 'Latin-1, told so',
    content: Buffer.from('caf\xe9 au lait\n', 'latin1'),
    flags: ['--encoding', 'latin1'],
    events: ['caf\u00e9 au lait'],
    finds: [['café', 1]],
  },
  {
    name: 'UTF-16 with its mark',
    content: Buffer.from('\ufeffcafé\nzwei\u2028drei\n', 'utf16le'),
    events: ['café', 'zwei\u2028drei'],
    finds: [['café', 1]],
  },
  {
    name: 'UTF-16, the other way round',
    content: Buffer.from('\ufeffcafé 😀\n', 'utf16le').swap16(),
    events: ['café 😀'],
  },
  {
    name: 'NUL stays in the text',
    content: 'a\u0000b\n\u0000\n',
    fields: [{ message: 'a\u0000b' }, { message: '\u0000' }],
    finds: [['"a\u0000b"', 1], ['b', 1]],
  },
  {
    name: 'a run of NUL over 4 KiB is a hole',
    content: `a${'\u0000'.repeat(4096)}b\nc${'\u0000'.repeat(4097)}d\n`,
    events: [`a${'\u0000'.repeat(4096)}b`, 'cd'],
    told: { nulBytes: 4097 },
  },
  {
    name: 'only LF ends a line, and one CR before it is no part of it',
    content: 'a\r\nb\rc\nd\u2028e\u2029f\u0085g\vh\fi\nj\r\r\n',
    fields: [{ message: 'a' }, { message: 'b\rc' }, { message: 'd\u2028e\u2029f\u0085g\vh\fi' }, { message: 'j\r' }],
    finds: [['a', 1], ['e', 1]],
  },
  {
    name: 'a mark at the start of the file, and others later',
    content: '\ufeff{"a":1}\n\ufeff{"a":2}\nx\ufeffy\n',
    events: ['{"a":1}', '\ufeff{"a":2}', 'x\ufeffy'],
    fields: [{ a: 1 }, { a: 2 }, { message: 'x\ufeffy' }],
    finds: [['a:*', 2]],
  },
  {
    name: 'JSON nested 128, 129 and 100,000 deep',
    content: `${nested(127)}\n${nested(128)}\n${nested(100_000)}\n`,
    fields: [{ _parse_error: undefined }, { _parse_error: 'depth', level: 'UNKNOWN' }, { _parse_error: 'depth' }],
    finds: [['_parse_error:depth', 2], ['a:1', 1]],
    told: { unparsed: 2 },
  },
  {
    name: 'numbers that no double holds',
    content: '{"id":9007199254740993,"big":1e400,"neg":-0,"one":1.0,"tiny":1E-400}\n{"id":9007199254740992}\n',
    finds: [['id:9007199254740993', 1], ['id:9007199254740992', 1], ['id>9007199254740992', 1], ['big>1e399', 1], ['neg:0', 1], ['one:1', 1], ['tiny>0', 1]],
  },
  {
    name: 'a key twice: the last one stands',
    content: '{"a":1,"a":2,"b":{"c":"x","c":"y"}}\n',
    fields: [{ _duplicate_keys: true, a: 2 }],
    finds: [['a:2', 1], ['a:1', 0], ['b.c:y', 1], ['b.c:x', 0], ['NOT a:1', 1]],
  },
  {
    name: 'keys that name what every object has',
    content: '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"a.__proto__.b":3,"toString":4,"hasOwnProperty":5}\n{"x":1}\n',
    finds: [['__proto__.polluted:1', 1], ['constructor.prototype.polluted:2', 1], ['a.__proto__.b:3', 1], ['toString:4', 1], ['hasOwnProperty:*', 1], ['polluted:*', 0], ['__proto__:*', 1], ['valueOf:*', 0]],
  },
  {
    name: 'an empty key, a key of 64 KiB, 10,000 keys, dots, twins of one look',
    content: [
      '{"":"nameless"}',
      JSON.stringify({ ['k'.repeat(65_536)]: 'long', near: 1 }),
      manyKeys,
      '{"a.b":1,"a":{"b":2}}',
      JSON.stringify({ [twins[0]]: 'composed', [twins[1]]: 'apart' }),
    ].join('\n'),
    finds: [['*:nameless', 1], ['near:1 _overflow:*', 1], ['*:*long*', 1], ['k0:0', 1], ['k999:999', 1], ['k9999:*', 0], ['_overflow:*k9999*', 1], ['a.b:1 a.b:2', 1], [`"${twins[0]}":composed`, 1], [`"${twins[1]}":apart`, 1], [`"${twins[1]}":composed`, 0]],
  },
  {
    name: 'half pairs, noncharacters, marks that turn text round, stacks of accents, joined emoji',
    content: '{"message":"\\ud800 half \\udc00"}\n\ufffe\uffff\u{10ffff}\na\u202eb\u2066c\nz\u0351\u036b\u0343a\u0320\u031dl\u0353\n👩‍👩‍👧‍👦 end\n',
    fields: [{ message: '\ufffd half \ufffd' }, { message: '\ufffe\uffff\u{10ffff}' }],
    finds: [['half', 1], ['"\ufffd"', 1], ['"\uffff"', 1], ['"a\u202eb"', 1], ['"👩‍👩‍👧‍👦"', 1], ['"z\u0351\u036b\u0343a\u0320\u031dl\u0353"', 1]],
  },
  {
    name: 'JSON that is cut, doubled, followed by more, or not quite JSON',
    content: '{"a":1\n{"a":1}{"b":2}\n{"a":1} x\n{"a":NaN}\n{"a":1 /* c */}\n{"a":1,}\n{\'a\':1}\n',
    fields: Array.from({ length: 7 }, () => ({ level: 'UNKNOWN', _parse_error: has('column') })),
    finds: [['_parse_error:*', 7], ['NaN', 1], ['level:UNKNOWN', 7]],
    told: { unparsed: 7, rejected: 0 },
  },
  {
    name: 'syslog that is not as the RFCs have it',
    content: [
      '<999>1 2024-01-02T03:04:05Z h a - - - text one',
      '<34>no time at all',
      '<34>Oct 11 22:14:15 mymachine su: year-less',
      '<34>1 2024-01-02T03:04:05Z h a 1 ID [x@1 k="a\\"b\\]c\\\\d" l="2"] escapes',
      '<34>1 2024-01-02T03:04:05Z h a 1 ID [x@1 k="never ends',
      '<34>1 2024-01-02T03:04:05Z h a 1 ID no data',
      '<34>1 bad time h a 1 -',
      'no PRI and no time',
    ].join('\n'),
    flags: ['--format', 'syslog'],
    fields: [
      { _syslog_error: 'PRI 999 is above 191', message: 'text one' },
      { _syslog_error: 'no time after PRI' },
      { _syslog_error: undefined, message: 'year-less', service: 'su', host: 'mymachine' },
      { _syslog_error: undefined, message: 'escapes', structured_data: { 'x@1': { k: 'a"b]c\\d', l: '2' } } },
      { _syslog_error: has('does not end at column') },
      { _syslog_error: has('no structured data at column') },
      { _ts_error: has('no time in') },
      { _parse_error: has('neither PRI nor time'), level: 'UNKNOWN' },
    ],
    finds: [['_syslog_error:*', 4], ['structured_data.x@1.l:2', 1]],
  },
  {
    name: 'times at the edges',
    content: [
      '{"ts":"2024-01-02T24:00:00Z"}',
      '{"ts":"2016-12-31T23:59:60Z"}',
      '{"ts":"2024-03-31T02:30:00"}',
      '{"ts":"2024-10-27T02:30:00"}',
      '{"ts":1700000000}',
      '{"ts":1700000000123}',
      '{"ts":1700000000123456}',
      '{"ts":1700000000123456789}',
      '{"ts":"0000-01-01T00:00:00Z"}',
      '{"ts":"9999-12-31T23:59:59Z"}',
      '{"ts":-5}',
      '{"ts":"2024-02-30T00:00:00Z"}',
      '{"ts":"soon"}',
      '{"ts":{"a":1}}',
    ].join('\n'),
    fields: [
      { '@timestamp': 1704240000000000000n },
      { '@timestamp': 1483228800000000000n },
      { '@timestamp': 1711852200000000000n },
      { '@timestamp': 1729996200000000000n },
      { '@timestamp': 1700000000000000000n },
      { '@timestamp': 1700000000123000000n },
      { '@timestamp': 1700000000123456000n },
      { '@timestamp': 1700000000123456789n },
      { clock_skew: '0000-01-01T00:00:00Z' },
      { clock_skew: '9999-12-31T23:59:59Z' },
      { clock_skew: has('1969') },
      { _ts_error: has('no time in ts'), ts: '2024-02-30T00:00:00Z' },
      { _ts_error: has('no time in ts'), ts: 'soon' },
      { _ts_error: has('no time in ts') },
    ],
    finds: [['@timestamp:"2023-11-14T22:13:20.123456789Z"', 1], ['_ts_error:*', 3], ['clock_skew:*', 3], ['@timestamp:2024-01-03', 1]],
  },
  { name: 'gzip of several members', extension: '.gz', content: Buffer.concat([zipped('members'), gzipSync('three\n')]), events: ['members one', 'members two', 'three'] },
  { name: 'gzip with more behind it', extension: '.gz', content: Buffer.concat([zipped('junk'), Buffer.from('junk')]), events: ['junk one', 'junk two'], exit: 2 },
  { name: 'gzip that is cut', extension: '.gz', content: CUT.subarray(0, CUT.length - 6), events: ['cut one', 'cut two'], exit: 2 },
  { name: 'no gzip, whatever its name says', extension: '.gz', content: 'one\n\u001f\u008b\n', events: ['one', '\u001f\u008b'] },
  { name: 'a bomb of gzip', extension: '.gz', content: gzipSync(Buffer.alloc(200 * MIB)), events: [], told: { events: 0, nulBytes: 200 * MIB } },
  {
    name: 'JSON with nothing in it',
    content: '{}\n[]\n""\nnull\n{"":null}\n',
    events: ['{}', '[]', '""', 'null', '{"":null}'],
    fields: [{ _parse_error: undefined, message: undefined, level: 'UNKNOWN' }, { message: '[]' }, { message: '""' }, { message: 'null' }],
    told: { events: 5, unparsed: 0 },
  },
  { name: 'nothing', content: '', events: [], told: { events: 0 } },
  { name: 'nothing but line ends', content: '\n\n\n', events: [], told: { events: 0, blank: 3 } },
]; // biome-ignore format: a table

/** A text that must be in the value. */
function has(part: string): { readonly part: string } {
  return { part };
}
