import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FORMATS } from '../../../src/lib/parse/detect.ts';
import { MAX_DEPTH } from '../../../src/lib/parse/json-reader.ts';
import { MAX_FIELDS, MAX_KEY, OVERFLOW } from '../../../src/lib/parse/limits.ts';
import { parseEvent } from '../../../src/lib/parse/parse-event.ts';
import { ALIASES, FIELD_ALIASES, RESERVED, ROLE_NAMES, ROLES } from '../../../src/lib/record/aliases.ts';
import { valuesOf } from '../../../src/lib/record/field-access.ts';
import { LEVEL_NAMES, LEVELS } from '../../../src/lib/record/level.ts';
import type { LogRecord } from '../../../src/lib/record/record.ts';
import { TIME_FORMS } from '../../../src/lib/record/time-forms.ts';
import { parseTime } from '../../../src/lib/record/time.ts';

const doc = readFileSync(join(import.meta.dirname, '../../../docs/records.md'), 'utf8');
const now = BigInt(Date.parse('2024-03-01T00:00:00Z')) * 1_000_000n;
const parse = (line: string): LogRecord => parseEvent(Buffer.from(line), {}, now, 'ID');

/** Rows of the table under a heading, each cell as it stands. */
function table(heading: string): string[][] {
  const section = doc.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((row) => row.slice(2, -2).split(/ \| /));
}

const codes = (cell: string | undefined): string[] => [...(cell ?? '').matchAll(/`([^`]+)`/g)].map((m) => m[1] ?? '');

describe('docs/records.md', () => {
  it('has the alias table of the code, and each alias works on input and in queries', () => {
    const documented = table('Names that mean the same').map(([name, also]) => [codes(name)[0], codes(also)]);
    const roles = ROLES.map((role) => [ROLE_NAMES[role], ALIASES[role].filter((alias) => alias !== ROLE_NAMES[role])]);
    expect(documented).toEqual([...roles, ...[...FIELD_ALIASES].map(([alias, name]) => [name, [alias]])]);
    for (const role of ROLES) {
      for (const alias of ALIASES[role]) {
        const [value, expected] =
          role === 'time'
            ? ['1706000000000', '2024-01-23T08:53:20.000Z']
            : role === 'level'
              ? ['error', 'ERROR']
              : ['v', 'v'];
        const sent = alias === '__REALTIME_TIMESTAMP' ? '1706000000000000' : value;
        for (const name of [alias, alias.toUpperCase(), (alias[0] ?? '').toUpperCase() + alias.slice(1)]) {
          const record = parse(JSON.stringify({ [name]: sent }));
          expect(valuesOf(record, ROLE_NAMES[role]), name).toEqual([expected]);
          expect(valuesOf(record, name), name).toEqual([expected]);
        }
        const dot = alias.indexOf('.');
        if (dot > 0 && !alias.includes('/')) {
          const record = parse(JSON.stringify({ [alias.slice(0, dot)]: { [alias.slice(dot + 1)]: value, other: 1 } }));
          expect(valuesOf(record, ROLE_NAMES[role]), `nested ${alias}`).toEqual([expected]);
          expect(valuesOf(record, `${alias.slice(0, dot)}.other`)).toEqual([1]);
        }
      }
    }
  });

  it('has every level, its number and its spellings', () => {
    const expected = Object.entries(LEVEL_NAMES).map(([level, names]) => [
      level,
      String(LEVELS[level as keyof typeof LEVELS]),
      [...names],
    ]);
    expect(table('Levels').map(([level, number, names]) => [level, number, codes(names)])).toEqual(expected);
  });

  it('has every form of a time, with an example that is read', () => {
    const rows = table('Times');
    expect(rows.slice(1, 1 + TIME_FORMS.length)).toEqual(TIME_FORMS.map((f) => [f.name, `\`${f.example}\``]));
    for (const [form, example] of rows)
      expect(parseTime(codes(example)[0] ?? '', { receivedAt: now }), form).toBeDefined();
  });

  it('has every format', () => {
    expect(table('Formats').map(([name]) => codes(name)[0])).toEqual([...FORMATS]);
  });

  it('has the names that are ours, and the fields that readers set', () => {
    const names = table('What a record has').flatMap(([name]) => codes(name));
    for (const name of RESERVED) if (name !== 'tenant') expect(names).toContain(name);
    const records = [
      parse('{'),
      parse('{"ts":"x"}'),
      parse('{"ts":-1}'),
      parse('<999>x'),
      parseEvent(Buffer.from([0xff]), { file: 'f', truncated: 9 }, now, 'ID'),
      parse('{"a":1,"a":2}'),
      parse(`{"${'k'.repeat(MAX_KEY + 1)}":1}`),
    ];
    const set = records.flatMap((r) => Object.keys(r.fields)).filter((key) => key !== 'a' && key !== 'ts');
    expect([...new Set(set)].sort()).toEqual(names.filter((n) => !RESERVED.has(n)).sort());
    expect(doc).toContain(
      `\`${OVERFLOW}\` | fields beyond ${MAX_FIELDS.toLocaleString('en')} keys, and keys longer than ${MAX_KEY},`,
    );
    expect(doc).toContain(`deeper than ${MAX_DEPTH} `);
  });
});
