import fc from 'fast-check';
import type {
  CompareOp,
  Filter,
  GroupKey,
  Query,
  Scalar,
  Stage,
  StatFunction,
  Value,
} from '../../../src/lib/query/ast.ts';
import { columnsBehind, missingColumn } from '../../../src/lib/query/check-columns.ts';
import { columnOfFunction, columnOfKey } from '../../../src/lib/query/columns.ts';
import { fieldKind } from '../../../src/lib/query/field-kind.ts';
import { plainScalar } from '../../../src/lib/query/parse-scalar.ts';

/** Words that the records of the tests have, so that clauses match now and then. */
export const WORDS = [
  'error', 'Request', 'started', 'timeout', 'err', '500', '404', 'GET', '10.0.0.1', 'req-12-ab', '/api/v1/orders', 'http://x',
  'größe', 'STRASSE', 'straße', 'k', '\u212a', 'ſ', 's', 'a_b', 'Σίσυφος', 'café', 'caf', '100', '1e2', 'and', 'or', 'x', 'user@x.com', '18:05:37.558', '05:37', '558', '37.558 [', 'sshd', 'info', 'true', 'a b', '', 'frontend', '😀', '日本',
  'ß', 'ẞ', 'SS', 'İ', 'i̇', 'ı', 'I', 'ǅ', 'ΐ', 'e\u0301', '\u0000', 'err\u0000or', '\ud800', '\ufffd', '\ufeff', '\u2028', '9007199254740993', '9007199254740992', '1e400', '-0', '1.0', 'y', 'b',
  'a*b', 'a\\b', '"', "'", '%', '$1', '{{x}}', '0x10', '.5', '٣', 'null',
]; // biome-ignore format: a table

const FIELDS = [
  'level', 'severity', '@timestamp', 'ts', 'received_at', 'service', 'app', 'host', 'message', 'msg', 'error.message', 'exception.type',
  'status', 'latency_ms', 'size', 'user.name', 'odd name', 'tags', 'pod', 'trace_id', 'a-b', 'log_id', 'bytes', 'clientip', 'stream',
  'a', 'a.b', 'a.b.c', 'b.c', 'n', '__proto__', '__proto__.b', 'constructor', 'tenant', '_tenant', '_duplicate_keys', '_parse_error', 'file', 'Größe', 'SEVERITY', 'hostname',
]; // biome-ignore format: a table

const anyText = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 6 }) },
  { weight: 1, arbitrary: fc.stringMatching(/^[-!a-c:=<>*?\\"()|/,. \]}[{&@]{1,5}$/) },
);
const term = anyText.filter((text) => text !== '');
const numberText = fc.oneof(
  fc.integer({ min: -5, max: 1000 }).map(String),
  fc.constantFrom('1e2', '100', '.5', '99.5', '9007199254740993', '1e400', '-0', '-9007199254740993', '1E-2'),
);
const field = fc.constantFrom(...FIELDS);
const levelName = fc.constantFrom('ERROR', 'err', 'info', 'WARN', '50', '3', 'UNKNOWN', 'nonsense');
const timeText = fc.constantFrom('2022-08-22T05:18:16Z', '2022-08-22', 'yesterday', '14:05', '1661145496', '2022-08');

function scalarOf(name: string): fc.Arbitrary<Scalar> {
  if (fieldKind(name) === 'time') {
    return fc.oneof(
      timeText.map((text): Scalar => ({ kind: 'text', text, quoted: true })),
      fc.constantFrom<Scalar>({ kind: 'date', text: '2022-08-22' }, { kind: 'date', text: '2015-05-17T10:05:03Z' }),
      fc
        .bigInt({ min: -1_000_000_000_000_000n, max: 1_000_000_000_000n })
        .map((offset): Scalar => ({ kind: 'relative', offset })),
      fc
        .constantFrom('s', 'm', 'h', 'd', 'w')
        .map((round): Scalar => ({ kind: 'relative', offset: -3_600_000_000_000n, round })),
    );
  }
  if (fieldKind(name) === 'level') return levelName.map((text): Scalar => ({ kind: 'text', text, quoted: true }));
  return fc.oneof(
    numberText.map((text): Scalar => ({ kind: 'number', text })),
    fc
      .tuple(numberText, fc.constantFrom('ms', 's', 'MB', 'KiB', 'm'))
      .map(([text, unit]): Scalar => ({ kind: 'number', text, unit })),
    fc.constant<Scalar>({ kind: 'date', text: '2022-08-22' }),
    anyText.map((text): Scalar => ({ kind: 'text', text, quoted: true })),
    term
      .filter((text) => plainScalar(text).kind === 'text')
      .map((text): Scalar => ({ kind: 'text', text, quoted: false })),
  );
}

const regex = fc
  .constantFrom(
    'time(d )?out',
    '^GET',
    'err|warn',
    '[0-9]+',
    'a/b',
    '\\bstarted\\b',
    'Σ',
    '^$',
    '.',
    '\\x00',
    '[^a-z]',
    'ß',
    '\\pL{3}',
    'k',
    '^(error|500)$',
    '(?i)TIME.?out',
    '\\x65rr',
    '\\pLrror',
    'st(art|opp)ed',
    '(GET|POST) /',
    '(?:ERR|WARN)[: ]',
    'o{1,2}k?',
  )
  .chain((source) => fc.constantFrom('', 'i', 's', 'im').map((flags): Value => ({ kind: 'regex', source, flags })));
const wildcard = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '*',
        '?',
        '\\*',
        'err',
        'or',
        'st',
        'ß',
        '10.',
        ' ',
        'G',
        '\\\\',
        '\\?',
        '\u0000',
        '\ufffd',
        'SS',
        'İ',
        '😀',
        '500',
      ),
      fc.constant('*'),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join(''))
  .filter((pattern) => /(?<!\\)[*?]/.test(pattern.replaceAll('\\\\', '')) && pattern !== '*')
  .map((pattern): Value => ({ kind: 'wildcard', pattern }));

function valueOf(name: string | undefined): fc.Arbitrary<Value> {
  const kind = name === undefined ? 'text' : fieldKind(name);
  const words = kind === 'time' ? timeText : kind === 'level' ? levelName : term;
  const texts = [
    words.map((text): Value => ({ kind: 'term', text })),
    (kind === 'time' ? timeText : anyText).map((text): Value => ({ kind: 'phrase', text })),
    wildcard,
    regex,
  ];
  if (name === undefined) return fc.oneof(...texts);
  const bound = fc.oneof(fc.constant('*' as const), scalarOf(name));
  return fc.oneof(
    ...texts,
    fc.constant<Value>({ kind: 'any' }),
    ...(kind === 'time'
      ? []
      : [fc.constantFrom<Value>({ kind: 'cidr', text: '10.0.0.0/8' }, { kind: 'cidr', text: '2001:db8::/32' })]),
    fc
      .record({ from: bound, to: bound, includeFrom: fc.boolean(), includeTo: fc.boolean() })
      .map((range): Value => ({ kind: 'range', ...range })),
    fc.array(scalarOf(name), { minLength: 1, maxLength: 3 }).map((values): Value => ({ kind: 'in', values })),
  );
}

const bare = valueOf(undefined).map((value): Filter => ({ kind: 'match', value }));
const everywhere = term.map((text): Filter => ({ kind: 'match', field: '*', value: { kind: 'term', text } }));
const match = field.chain((name) => valueOf(name).map((value): Filter => ({ kind: 'match', field: name, value })));
const compare = field.chain((name) =>
  fc
    .tuple(fc.constantFrom<CompareOp>('>', '>=', '<', '<=', '=', '!='), scalarOf(name))
    .map(([op, scalar]): Filter => ({ kind: 'compare', field: name, op, scalar })),
);
/** A filter without brackets. */
export const clause: fc.Arbitrary<Filter> = fc.oneof(
  { weight: 4, arbitrary: bare },
  { weight: 1, arbitrary: everywhere },
  { weight: 4, arbitrary: match },
  { weight: 3, arbitrary: compare },
  { weight: 1, arbitrary: fc.constant<Filter>({ kind: 'all' }) },
);

/** Filters of some clauses in brackets, with AND, OR and NOT. */
export function filtersOf(leaf: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> {
  return fc.letrec<{ filter: Filter }>((tie) => ({
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 3, arbitrary: leaf },
      { weight: 1, arbitrary: tie('filter').map((filter): Filter => ({ kind: 'not', filter })) },
      {
        weight: 1,
        arbitrary: fc
          .array(tie('filter'), { minLength: 2, maxLength: 3 })
          .map((filters): Filter => ({ kind: 'and', filters })),
      },
      {
        weight: 1,
        arbitrary: fc
          .array(tie('filter'), { minLength: 2, maxLength: 3 })
          .map((filters): Filter => ({ kind: 'or', filters })),
      },
    ),
  })).filter;
}

/** Any filter the language can say, over the fields and words of the tests' records. */
export const anyFilter: fc.Arbitrary<Filter> = filtersOf(clause);

/** Stages over some names of fields, and filters. */
export function stagesOver(field: fc.Arbitrary<string>, filter: fc.Arbitrary<Filter>): fc.Arbitrary<readonly Stage[]> {
  const statistic: fc.Arbitrary<StatFunction> = fc.oneof(
    fc.constantFrom<StatFunction>({ kind: 'count' }, { kind: 'rate' }),
    fc
      .tuple(fc.constantFrom('sum', 'avg', 'min', 'max', 'distinct', 'first', 'last'), field)
      .map(([kind, name]): StatFunction => ({ kind, field: name })),
    fc
      .tuple(fc.constantFrom(50, 95, 99.9, 100), field)
      .map(([p, name]): StatFunction => ({ kind: 'percentile', p, field: name })),
  );
  const key: fc.Arbitrary<GroupKey> = fc.oneof(
    field.map((name): GroupKey => ({ kind: 'field', field: name })),
    fc.constantFrom(...INTERVALS).map((interval): GroupKey => ({ kind: 'every', interval })),
    fc
      .tuple(field, fc.constantFrom(0.1, 100, 1e21))
      .map(([name, size]): GroupKey => ({ kind: 'bucket', field: name, size })),
  );
  const names = fc.array(field, { minLength: 1, maxLength: 3 });
  const stage: fc.Arbitrary<Stage> = fc.oneof(
    filter.map((condition): Stage => ({ kind: 'where', filter: condition })),
    fc
      .record({ functions: fc.array(statistic, { minLength: 1, maxLength: 3 }), by: fc.array(key, { maxLength: 2 }) })
      .filter(
        ({ functions, by }) =>
          new Set([...functions.map(columnOfFunction), ...by.map(columnOfKey)]).size === functions.length + by.length,
      )
      .map((stats): Stage => ({ kind: 'stats', ...stats })),
    fc.record({ n: fc.integer({ min: 1, max: 9 }), key }).map((top): Stage => ({ kind: 'top', ...top })),
    fc.constantFrom<Stage>({ kind: 'patterns' }, { kind: 'patterns', n: 5 }, { kind: 'limit', n: 7 }),
    fc
      .array(fc.record({ field, descending: fc.boolean() }), { minLength: 1, maxLength: 2 })
      .map((keys): Stage => ({ kind: 'sort', keys })),
    names.map((fields): Stage => ({ kind: 'fields', fields })),
    names.map((fields): Stage => ({ kind: 'dedup', fields })),
  );
  return fc.array(stage, { maxLength: 3 }).filter(namesColumns);
}

/** A minute, an hour and a half, a day, an hour, a week, the least there is. */
const INTERVALS = [60n, 5_400n, 86_400n, 3_600n, 604_800n].map((seconds) => seconds * 1_000_000_000n).concat(1n);

/** Behind statistics only columns can be named, and few names that are made up are one. */
function namesColumns(stages: readonly Stage[]): boolean {
  let columns: readonly string[] | undefined;
  for (const each of stages) {
    if (columns !== undefined && missingColumn(each, columns) !== undefined) return false;
    columns = columnsBehind(each, columns);
  }
  return true;
}

export const anyQuery: fc.Arbitrary<Query> = fc.record({ filter: anyFilter, stages: stagesOver(field, anyFilter) });
