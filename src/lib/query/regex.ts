import { createRequire } from 'node:module';
import { LogsError } from '../errors.ts';
import { QUERY_LIMITS } from './limits.ts';
import type { TextTest } from './text-match.ts';

const require = createRequire(import.meta.url);

/**
 * A test whether a pattern is found anywhere in a text, in linear time. RE2's syntax; flags `i`, `m`, `s`. The engine
 * (260 kB) is loaded with the first pattern and not before; synchronously, so that a predicate can be.
 * @throws LogsError QUERY_SYNTAX for what RE2 does not take
 */
export function compileRegex(source: string, flags: string): TextTest {
  if (source.length > QUERY_LIMITS.regex) throw refused(source, `is longer than ${QUERY_LIMITS.regex} characters`);
  const { RE2JS } = require('re2js') as typeof import('re2js');
  const bits = { i: RE2JS.CASE_INSENSITIVE, m: RE2JS.MULTILINE, s: RE2JS.DOTALL };
  let mode = 0;
  for (const flag of flags) if (flag === 'i' || flag === 'm' || flag === 's') mode |= bits[flag];
  try {
    const pattern = RE2JS.compile(source, mode);
    return (text) => pattern.test(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw refused(source, why.replace(/^error parsing regexp: /, ''), cause);
  }
}

function refused(source: string, why: string, cause?: unknown): LogsError {
  return new LogsError('QUERY_SYNTAX', `the regular expression /${source.slice(0, 80)}/ is not one of RE2: ${why}`, {
    hint: 'look-around and back-references are not supported; quote the text to search for it literally',
    cause,
  });
}
