import fc from 'fast-check';
import { likelyLine } from './arbitrary-event.ts';

/** Fields of text formats that tests promote. */
export const TEXT_KEYS = [
  'client_ip',
  'status',
  'user_agent',
  'pid',
  'request',
  'file',
  'extra',
  'stream',
  'bytes',
  'caller',
  'facility',
  'procid',
  'user',
] as const;

const LEVELS = ['INFO', 'WARN', 'error', 'Warning', 'CRITICAL', 'FINE', 'debug', 'LOG', 'eRRor', 'fatal'];

/** Mostly the first one, else one of the others, now and then anything. */
function mostly(first: string, ...others: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 40, arbitrary: fc.constant(first) },
    { weight: 8, arbitrary: fc.constantFrom(first, ...others) },
    { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
  );
}

function joined(...parts: readonly (string | fc.Arbitrary<string>)[]): fc.Arbitrary<string> {
  return fc
    .tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part)))
    .map((all) => all.join(''));
}

const accessTime = mostly(
  '17/May/2015:10:05:03 +0000',
  '29/Feb/2024:23:59:59 -0730',
  '29/Feb/2023:23:59:59 +0100',
  '01/Jan/1970:00:00:00 +0200',
  '31/Dec/2098:00:00:00 +0000',
  '1/Jan/2024:00:00:00 +0000',
  '17/may/2015:10:05:03 +0000',
  '17/May/2015:24:00:00 +0000',
  '17/May/2015 10:05:03 +0000',
  '17/May/2015:10:05:03',
  '17/May/2015:10:05:60 +0000',
  '17/May/2015:10:05:03 +1530',
);
const quoted = mostly(
  '-',
  '',
  'http://semicomplete.com/presentations/?q=1',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) Gecko/20100101 Firefox/21.0',
  'say \\"hi\\"',
  'C:\\\\x',
  '\\x16\\x03',
  '\\u0041é',
  'Bot\\',
  'a" "b',
);
const request = mostly(
  'GET /a/b.html?x=1 HTTP/1.1',
  'POST /a HTTP/2',
  'get-it /a',
  'GET /a b HTTP/1.1',
  'GET  HTTP/1.1',
  'GET /\u00a0 HTTP/1.0',
  'GET /\u0008 HTTP/1.0',
  '-',
  '',
  '\\x16\\x03\\x01',
  'PRI * HTTP/2.0',
  'GET /x HTTP/1.10',
  'GET /x http/1.1',
);

/** Lines of access logs, and such as are nearly that. */
const accessLine = joined(
  mostly('83.149.9.216', '::1', 'host.example', 'a=b', 'I0102', '2024-01-02T12345678', '-', 'Abc', '<1>', '[::1]'),
  mostly(' ', ' ', '  ', '\t'),
  mostly('-', '-', 'stdout', '"', 'F'),
  ' ',
  mostly('-', 'frank', 'DOMAIN\\user', 'two words', 'é', '[x]'),
  mostly(' [', ' [', '['),
  accessTime,
  mostly('] "', '] "', ']'),
  request,
  mostly('" ', '" ', '"'),
  mostly('200', '404', '503', '-', '099', '20', '2000'),
  ' ',
  mostly('0', '203023', '-', '007', '1234567890123456', ''),
  fc.oneof(
    fc.constant(''),
    joined(
      ' "',
      quoted,
      mostly('" "', '" "', '" '),
      quoted,
      mostly('"', '"', '" ', '" 0.003 "x"', '" -', '"y', '" \\"'),
    ),
    joined(' ', mostly('extra', '-', '"', '"one" two', '')),
  ),
  mostly('', '', '', '\r', '\n next'),
);

const syslog5424Line = joined(
  mostly('<34>', '<165>', '<13>', '<0>', '<191>', '<192>', '<034>', '<1234>', '<>'),
  mostly('1 ', '2 ', '1', '12 '),
  mostly(
    '2003-10-11T22:14:15.003Z',
    '2003-08-24T05:14:15.000003-07:00',
    '2024-01-02T03:04:05',
    '-',
    '2099-01-01T00:00:00Z',
    'Oct 11 22:14:15',
  ),
  ' ',
  mostly('mymachine.example.com', '-', '192.0.2.1', 'é'),
  mostly(' ', '  '),
  mostly('evntslog', '-', 'su'),
  ' ',
  mostly('8710', '-', 'a"b'),
  ' ',
  mostly('ID47', '-', ''),
  mostly(' - ', ' -', ' [x@1 a="b"] ', ' [x@1 a="b"][y c="d\\"e"] ', ' '),
  mostly(
    'An application event log entry',
    "'su root' failed for lonvick on /dev/pts/8",
    '\ufeffwith a mark before it',
    '{"msg":"x","level":"error"}',
    ' {"msg":"x"}',
    '[warn] in brackets ERROR',
    '',
  ),
  mostly('', '', '\r', '\n next'),
);

const syslogLine = joined(
  mostly('', '<34>', '<13>', '<191>', '<192>', '<5> '),
  mostly(
    'May 17 10:05:03',
    'Feb 29 00:00:00',
    'Jan  1 23:59:59',
    'Dec 31 23:59:59',
    'Sep 31 01:01:01',
    'Jan 1 01:01:01',
  ),
  mostly(' ', ' ', ' ', '.123 ', '  ', ' 2024 ', ' UTC 2024 '),
  mostly(
    'web-1',
    'LABSZ',
    'EST',
    'UTC.local',
    '10.0.0.1',
    '2024',
    '20245',
    '192.168.0.1',
    'h:',
    '-x',
    '+0100',
    'ABCD',
    'A',
  ),
  mostly(' ', ' ', '  '),
  mostly(
    'sshd[24200]: ',
    'kernel: ',
    'CRON[1]:',
    'su: ',
    'foo:bar ',
    'a b: ',
    '"x"[1]: ',
    'x[]: ',
    'x[a b]: ',
    'postfix/smtpd[99]: ',
    'é[1]: ',
    '',
  ),
  mostly(
    'Failed password for invalid user webmaster from 173.234.31.186',
    'error: maximum authentication attempts exceeded',
    '[warn] something is odd here',
    '{"message":"an object","level":"warn"}',
    '  {"message":"an object behind blanks"}',
    'level=nope and something behind it',
    'web-1 sshd 24200 sshd[24200]: again',
    'short',
    'with "quotes" and \\u0041 in it',
  ),
  mostly('', '', '', '\r', '\n next'),
);

const plainTime = mostly(
  '2024-01-02 03:04:05',
  '2024-01-02 03:04:05,678',
  '2024-01-02T03:04:05.678901Z',
  '2024-01-02T03:04:05.1234567890Z',
  '2024-01-02T03:04:05+01:00',
  '2024-01-02T03:04:05-0730',
  '2024-01-02T03:04:05+01',
  '2024-01-02T03:04:05+01:00[Europe/Paris]',
  '2024-01-02 03:04:05 +0000 UTC',
  '2024-01-02 03:04:05 UTC',
  '2024-01-02 03:04:05 GET',
  '2024-01-02 03:04:05z',
  '2024/01/02 03:04:05',
  '2024/01/02 03:04:05.678901',
  '2024/01/02 03:04:05:12',
  '2024-13-02 03:04:05',
  '2024-01-02 24:00:00',
  '1969-12-31 23:00:00',
  '2099-01-02 03:04:05',
  '2024-01-02',
  '20240102T030405',
  '1661145522',
  '1661145522.5',
  '0102 03:04:05',
  'Tue Jan  2 03:04:05 2024',
  'Tue, 02 Jan 2024 03:04:05 +0000',
  'Jan 02, 2024 3:04:05 AM',
  '12:30:45',
  '17/May/2015:10:05:03 +0000',
);
const plainLine = joined(
  mostly(
    '',
    '',
    '',
    '',
    '[',
    '(',
    'INFO ',
    '[I ',
    'I, [',
    'error: ',
    '\t',
    '  ',
    '<34>',
    '<x>',
    'a=b c=d ',
    '\ufeff',
    'é ',
  ),
  fc.oneof({ weight: 4, arbitrary: plainTime }, { weight: 1, arbitrary: fc.constant('') }),
  mostly(
    '',
    ']',
    ')',
    ' ',
    ' ',
    '  ',
    '\t',
    '\u00a0',
    ' - ',
    ': ',
    ' stdout F ',
    '] app.ERROR: ',
    '] x [',
    ' web-1 cron[7]: ',
  ),
  mostly(
    'INFO',
    '',
    ...LEVELS,
    'took 5 ms',
    'Server 12 Jan',
    'Started GET',
    'Listening on',
    'Mon',
    'I0102 03:04:05.6 7 f.go:6]',
  ),
  mostly('', ' ', ' ', ': ', '] ', ' [main] ', '\u2028', 'é', 'S '),
  mostly(
    'something happened to the order of a customer',
    'level=warn msg',
    'level=nope',
    '[http-nio-8080-exec-1] com.shop.OrderService - done',
    'LOG:  statement: SELECT 1',
    'x'.repeat(150),
    'é'.repeat(150),
    'a "b" [c] "d" and so on',
    `${'x '.repeat(60)}ERRORS and so on`,
    '{"message":"x"}',
    'back\\slash \\u0041',
    '\u0003 a mark in it, and what is behind',
  ),
  mostly('', '', '', '\r', '\n  at com.shop.Order(Order.java:7)'),
);

const klogLine = joined(
  mostly('I', 'W', 'E', 'F', 'D'),
  mostly('0102', '0229', '1231', '1301', '010'),
  mostly(' ', '  '),
  mostly('03:04:05.678901', '23:59:59.999999', '03:04:05.6789', '03:04:05.678901234', '24:00:00.000000'),
  mostly('   ', ' ', ''),
  mostly('12345', '1', 'x', ''),
  mostly(' ', '  '),
  mostly('file.go:67', 'é.go:1', 'a b', ''),
  mostly('] ', ']', ' '),
  mostly('Synced pod default/web-1', '', '"Starting" err="no" level=warn', '{"msg":"x"}'),
);

const pair = joined(
  mostly(
    'user',
    'level',
    'msg',
    'ts',
    'time',
    'service',
    'host',
    'trace_id',
    'status',
    'stream',
    'pid',
    'lvl',
    'a.b',
    '@t',
    'é',
  ),
  mostly('=', '', '=='),
  mostly(
    'bob',
    'info',
    '"request done in 5 ms"',
    '"2024-01-02T03:04:05.678Z"',
    '2024-01-02T03:04:05Z',
    '1661145522.908',
    '4bf92f3577b34da6a3ce929d0e0e4736',
    '200',
    '"200"',
    '{}',
    '"{}"',
    '"say \\"hi\\""',
    '"not ended',
    'a"b',
    '"a"b',
    'a\u00a0b',
    '"a\tb\nc"',
    '[warn]',
    '',
    '""',
  ),
);
const pairLine = fc
  .tuple(fc.array(pair, { minLength: 1, maxLength: 7 }), mostly(' ', '  ', '\t'), mostly('', '\r', ' '))
  .map(([pairs, blank, end]) => pairs.join(blank) + end);

const textInside = fc.oneof(plainLine, accessLine, syslogLine, syslog5424Line, klogLine, pairLine);
const inside = fc.oneof(likelyLine, textInside);

const criLine = (line: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  joined(
    mostly(
      '2024-01-02T03:04:05.678901234Z',
      '2024-01-02T03:04:05.6789+01:00',
      '2024-01-02T03:04:05',
      '2099-01-02T03:04:05Z',
      '2024-01-02T33:04:05Z',
      '2024-01-02T03:04:05.1234567890Z',
    ),
    ' ',
    mostly('stdout', 'stderr', 'stdin'),
    ' ',
    mostly('F', 'P', 'F:x', 'X'),
    mostly(' ', '', '  '),
    line,
    mostly('', '\r'),
  );

const dockerLine = (line: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      line,
      mostly('\n', '', '\r\n', '\n\n'),
      fc.constantFrom('stdout', 'stderr'),
      mostly('2024-01-02T03:04:05.678901234Z', '', 'now'),
      fc.oneof(
        { weight: 8, arbitrary: fc.constant({}) },
        {
          weight: 1,
          arbitrary: fc.constantFrom<object>(
            { attrs: { tag: 'x' } },
            { level: 'warn' },
            { text: '{"level":"error","user":"eve"}' },
            { msg: 'other' },
            { service: 'web' },
            { pid: 7 },
          ),
        },
      ),
    )
    .map(([log, end, stream, time, more]) => JSON.stringify({ log: log + end, stream, time, ...more }));

/** In one another, too. */
const wrapped = fc.oneof(criLine(inside), dockerLine(inside));
const wrappedLine = fc.oneof(
  { weight: 4, arbitrary: wrapped },
  { weight: 1, arbitrary: fc.oneof(criLine(wrapped), dockerLine(wrapped)) },
);

/** Lines of text as programs write them, alone and wrapped by what runs them, with what is nearly that. */
export const textLine = fc
  .oneof(accessLine, syslogLine, syslog5424Line, plainLine, klogLine, pairLine, wrappedLine, wrappedLine)
  .filter((line) => line !== '');
