import fc from 'fast-check';
import { allAliases, allNestedAliases } from '../../../../../src/lib/record/aliases.ts';
import { allLevelWords } from '../../../../../src/lib/record/level.ts';

const NAMES = [...allAliases().keys()];
const PARENTS = [...allNestedAliases()];
const WORDS = [...allLevelWords().keys(), 'nope', 'Error ', '[warn]', 'INFO2', '5', '30', '007', '1000'];

/** Keys that tests promote: fields like any other. */
export const KEYS = ['pod', 'status', 'user', 'n', 'file'] as const;

const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NAMES) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(...KEYS, 'pod_id', 'tenant', 'log_id', '_x', 'a.b', '', '__proto__', 'stack'),
  },
  { weight: 2, arbitrary: fc.constantFrom(...PARENTS.map(([parent]) => parent)) },
  { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 6 }) },
);

const time = fc.oneof(
  fc.constantFrom(
    '2022-08-22T05:18:42.908318Z',
    '2022-08-22T05:18:42.908318000Z',
    '2022-08-22 05:18:42',
    '2022-08-22 05:18:42,908',
    '2022-08-22T05:18:42+00:00',
    '2022-08-22T05:18:42.1+0200',
    '2022-08-22T05:18:42-07',
    '2022-08-22T05:18:42.0123456789Z',
    '2022-08-22T05:18:42.Z',
    '2022-08-22t05:18:42z',
    '2022-08-22T24:00:00Z',
    '2022-08-22T23:59:60Z',
    '2022-02-29T00:00:00Z',
    '1969-12-31T23:59:59Z',
    '2099-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999999999Z',
    '0000-01-01T00:00:00Z',
    '22/Aug/2022:05:18:42 +0000',
    'Aug 22 05:18:42',
    '20220822051842',
    '20220822051842123',
    '2022-08-22',
    ' 2022-08-22T05:18:42Z',
    '',
    'now',
    '1661145522.908',
    '1661145522.9083180000001',
    '01661145522',
    '-5',
    '1e9',
  ),
  fc
    .date({ min: new Date('1970-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.bigInt({ min: 0n, max: 10n ** 20n }).map(String),
  fc.nat().map(String),
);

const id = fc.constantFrom(
  '4bf92f3577b34da6a3ce929d0e0e4736',
  '00f067aa0ba902b7',
  'abc',
  '4bf92f35-77b3-4da6-a3ce-929d0e0e4736',
);

const message = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc
    .tuple(fc.constantFrom(...WORDS), fc.constantFrom(': ', ' ', ' | ', '\t', ' - ', '] '), fc.string())
    .map((parts) => parts.join('')),
  fc
    .tuple(
      fc.string({ maxLength: 9 }),
      fc.constantFrom('INFO', '[warn]', 'level=debug', 'lvl:E', '<error>', 'FINE', 'a.WARN', 'severity="crit"'),
      fc.string(),
    )
    .map((parts) => parts.join(' ')),
  fc
    .tuple(id, fc.constantFrom(' ', '"', 'x', '\\', '\u0006', '\n', ','), id)
    .map((parts) => `TraceID: ${parts.join('')}`),
  fc
    .tuple(
      fc.constantFrom('', '', '[', '(', ' '),
      fc.oneof(
        time,
        fc.constantFrom(
          '18:05:37.558',
          '1:02:03',
          '01:02:03,',
          '01:02:03.1234567890',
          '01:02',
          '99:99:99Z',
          '01:02:03+0130',
        ),
      ),
      fc.constantFrom('', ' ', '] ', ' INFO ', 'Z', 'x', '_', ':', '+', '+1', '.5', '\u0006', 'é'),
      fc.oneof(id, fc.constantFrom(...WORDS), fc.constant('')),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('', '{}', '{', ' {"a":1}', '{"a":1} ', '{x}', '\u0001\u0002', '\ud83d\ude00 <&>', 'a\r', '[1,2]'),
);

const scalar = fc.oneof(
  time,
  id,
  message,
  fc.constantFrom(...WORDS),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
);

const numberText = fc.constantFrom(
  '0',
  '-0',
  '1.0',
  '1e5',
  '1E+2',
  '0.10',
  '123456789012345',
  '1234567890123456',
  '12345678901234567890',
  '-17',
  '1661145522',
  '1661145522908',
  '1661145522908318',
  '1661145522908318007',
  '20220822051842',
  '30',
  '255',
  '256',
  '1e400',
  '0.1',
  '00',
  '1.',
  '.5',
  '+1',
  'NaN',
);

/** Values as JSON text. */
function valueText(depth: number): fc.Arbitrary<string> {
  const flat = fc.oneof(
    {
      weight: 8,
      arbitrary: scalar.map((value) =>
        JSON.stringify(Number.isFinite(value) || typeof value !== 'number' ? value : null),
      ),
    },
    { weight: 3, arbitrary: scalar.map(pythonText) },
    { weight: 2, arbitrary: numberText },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '"\\u0041bc"',
        '"\\/"',
        '"\\ud83d"',
        '"\\ud83d\\ude00"',
        '"\\u00e9"',
        '"\\x"',
        '"\t"',
        'tru',
        'null',
        '"a\\u0007\\u000B"',
      ),
    },
  );
  if (depth === 0) return flat;
  return fc.oneof(
    { weight: 10, arbitrary: flat },
    { weight: 2, arbitrary: objectText(depth - 1) },
    {
      weight: 1,
      arbitrary: fc.array(valueText(depth - 1), { maxLength: 3 }).map((values) => `[${values.join(', ')}]`),
    },
  );
}

/** As Python writes it: all of other alphabets escaped. */
function pythonText(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const blank = fc.constantFrom('', '', '', ' ', '  ', '\t');

function memberText(depth: number): fc.Arbitrary<string> {
  const plain = fc.tuple(name, valueText(depth)).map(([key, value]) => [JSON.stringify(key), value]);
  const message = fc
    .tuple(
      fc.constantFrom('message', 'msg', 'log', 'body'),
      depth === 0 ? fc.constant('{}') : objectText(depth - 1),
      fc.boolean(),
    )
    .map(([key, object, go]) => [
      JSON.stringify(key),
      go ? JSON.stringify(object).replaceAll('<', '\\u003c') : JSON.stringify(object),
    ]);
  const nested = fc
    .tuple(fc.constantFrom(...PARENTS), fc.array(valueText(0), { minLength: 1, maxLength: 3 }))
    .map(([[parent, children], values]) => {
      const names = [...children.keys(), 'other', 'version'];
      return [
        JSON.stringify(parent),
        `{${values.map((value, at) => `${JSON.stringify(names[at])}:${value}`).join(',')}}`,
      ];
    });
  return fc
    .tuple(
      fc.oneof({ weight: 8, arbitrary: plain }, { weight: 2, arbitrary: message }, { weight: 1, arbitrary: nested }),
      blank,
      blank,
    )
    .map(([[key, value], before, behind]) => `${key}${before}:${behind}${value}`);
}

function objectText(depth: number): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(memberText(depth), { maxLength: 6 }), fc.constantFrom(',', ', ', ' , '))
    .map(([members, comma]) => `{${members.join(comma)}}`);
}

/** Lines that are JSON objects, or nearly. */
export const eventLine: fc.Arbitrary<string> = fc
  .tuple(
    objectText(2),
    fc.constantFrom('', '', '', '', ' ', '\r', '\t\r', ',', 'x', '}'),
    fc.constantFrom('', '', '', '', ' ', '\ufeff', '\u00a0'),
  )
  .map(([object, behind, before]) => `${before}${object}${behind}`.replaceAll('\n', ' '));

const goodTime = fc.oneof(
  fc.constantFrom(
    '2022-08-22T05:18:42.908318Z',
    '2022-08-22T05:18:42.908318000Z',
    '2022-08-22 05:18:42',
    '2022-08-22 05:18:42,908',
    '2022-08-22T05:18:42+00:00',
    '2022-08-22T05:18:42.1+0200',
    '1661145522',
    '1661145522.908',
    '1661145522908',
  ),
  fc
    .date({ min: new Date('1970-01-01'), max: new Date('2026-08-31'), noInvalidDate: true })
    .map((date) => date.toISOString()),
);
const safeText = fc.oneof(
  id,
  fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/["\\]/g, '')),
  fc.constantFrom('checkout-6cfdd55578-gfj6q', 'GET', 'ä', '17', '-3', 'web', '日本'),
);

/** A value that the alias or key most often has. */
function likelyValue(key: string): fc.Arbitrary<unknown> {
  switch (allAliases().get(key)?.role) {
    case 'time':
      return goodTime;
    case 'level':
      return fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...allLevelWords().keys()) },
        { weight: 1, arbitrary: fc.constant(30) },
      );
    case 'message':
      return message;
    case undefined:
      return fc.oneof({ weight: 3, arbitrary: safeText }, { weight: 2, arbitrary: scalar });
    default:
      return safeText;
  }
}

function likelyObject(inside: boolean): fc.Arbitrary<Record<string, unknown>> {
  const key = fc.oneof(
    fc.constantFrom(...NAMES),
    fc.constantFrom('_time', 'time', 'level', 'severity', 'trace_id', 'span_id', 'service', 'host'),
    fc.constantFrom(...KEYS, 'pod_id', 'name', 'v'),
  );
  const members = fc.uniqueArray(
    key.chain((name) => fc.tuple(fc.constant(name), likelyValue(name))),
    { selector: ([name]) => name, maxLength: 7 },
  );
  const text = inside ? message : fc.oneof(message, likelyObject(true).chain(styled));
  return fc
    .tuple(members, fc.option(fc.tuple(fc.constantFrom('message', 'msg'), text)), fc.boolean())
    .map(([list, said, first]) =>
      Object.fromEntries(
        said === null ? list : first ? [said, ...list] : [...list.filter(([name]) => name !== said[0]), said],
      ),
    );
}

/** JSON in the style of JavaScript, of Python and of Go. */
function styled(value: unknown): fc.Arbitrary<string> {
  return fc.constantFrom(
    JSON.stringify(value),
    pythonText(value).replaceAll('":', '": '),
    JSON.stringify(value).replaceAll('<', '\\u003c'),
  );
}

/** Lines as programs write them: nearly all are JSON of which the scanner is sure. */
export const likelyLine: fc.Arbitrary<string> = likelyObject(false).chain(styled);
