import { describe, expect, it } from 'vitest';
import { MARK, timeForm, timeText } from '../../../../../src/lib/adapters/embedded/segment/marks.ts';
import { rebuildLine, rebuildMessage } from '../../../../../src/lib/adapters/embedded/segment/rebuild.ts';
import { ROW_FLAGS } from '../../../../../src/lib/query/sql-columns.ts';
import { parseTime } from '../../../../../src/lib/record/time.ts';

describe('forms of time', () => {
  it.each([
    ['2022-08-22T05:18:42.908318Z', 6],
    ['2022-08-22T05:18:42Z', 0],
    ['2022-08-22 05:18:42.9', 31],
    ['2022-08-22T05:18:42.000000000+00:00', 49],
    ['1661145522', 60],
    ['1661145522908', 61],
    ['1661145522908318', 62],
    ['1661145522908318007', 63],
  ])('%s is form %i', (text, form) => {
    const ns = parseTime(text)?.ns ?? 0n;
    expect(timeForm(text, ns)).toBe(form);
    expect(timeText(ns, form)).toBe(text);
  });

  it.each([
    ['a leap second', '2016-12-31T23:59:60Z', 1483228800000000000n],
    ['another zone', '2022-08-22T05:18:42+02:00', 1661138322000000000n],
    ['ten digits', '2022-08-22T05:18:42.0123456789Z', 1661145522012345678n],
    ['a day that is not', '2022-02-30T00:00:00Z', 1646179200000000000n],
    ['24 o’clock', '2022-08-22T24:00:00Z', 1661212800000000000n],
    ['zeros before', '01661145522', 1661145522000000000n],
    ['a decimal', '1661145522.5', 1661145522500000000n],
    ['before 1970', '1969-12-31T23:59:59Z', -1000000000n],
    ['small letters', '2022-08-22t05:18:42z', 1661145522000000000n],
  ])('none for %s', (_, text, ns) => {
    expect(timeForm(text, ns)).toBeUndefined();
  });
});

describe('a row', () => {
  const row = {
    ts: 1661145522908318000n,
    flags: ROW_FLAGS.MARKS,
    message: `a "${MARK.column}\u0022"\n\\ \u001f\u007fä`,
    rest: `{"t": "${MARK.time}\u0026", "m": "${MARK.message}", "i": "{\\"m\\":\\"${MARK.innerMessage}\\"}", "p": ${MARK.column}\u0024}`,
    column: (index: number) => (index === 2 ? '4bf9' : index === 4 ? '17' : undefined),
  };

  it('gives back its message and its line', () => {
    expect(rebuildMessage(row)).toBe('a "4bf9"\n\\ \u001f\u007fä');
    const once = 'a \\"4bf9\\"\\n\\\\ \\u001f\u007fä';
    const twice = 'a \\\\\\"4bf9\\\\\\"\\\\n\\\\\\\\ \\\\u001f\u007fä';
    expect(rebuildLine(row)).toBe(
      `{"t": "2022-08-22T05:18:42.908318Z", "m": "${once}", "i": "{\\"m\\":\\"${twice}\\"}", "p": 17}`,
    );
  });

  it('is as it is where it is whole', () => {
    expect(rebuildLine({ ...row, flags: ROW_FLAGS.WHOLE, rest: 'a\u0002\u0006' })).toBe('a\u0002\u0006');
    expect(rebuildMessage({ ...row, flags: 0, message: '\u0006' })).toBe('\u0006');
  });
});
