import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LogsError } from '../../../src/lib/errors.ts';
import { parseQuery } from '../../../src/lib/query/parse.ts';
import { printQuery } from '../../../src/lib/query/print.ts';
import { anyQuery } from './arbitrary-query.ts';

describe('printQuery', () => {
  it('gives text that parses to an equal tree', () => {
    fc.assert(
      fc.property(anyQuery, (query) => {
        expect(parseQuery(printQuery(query))).toEqual(query);
      }),
      { numRuns: 3000 },
    );
  });

  it('reads back what any text that parses means, and any other text is a syntax error inside it', () => {
    const typed = fc.stringMatching(/^[-!a-c0-3:=<>*?\\"()|/,. \]}[{&@\n]{0,14}$/);
    fc.assert(
      fc.property(typed, (text) => {
        try {
          const query = parseQuery(text);
          expect(parseQuery(printQuery(query))).toEqual(query);
        } catch (error) {
          if (!(error instanceof LogsError)) throw error;
          expect(error.code).toBe('QUERY_SYNTAX');
          expect(error.at?.offset ?? -1).toBeGreaterThanOrEqual(0);
          expect(error.at?.offset ?? -1).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 5000, examples: [['*\\:']] },
    );
  });
});
