import { LogsError } from '../../errors.ts';

/** `patterns [N]` is part of the language, so that queries with it read well everywhere; nothing here runs it. */
export function patternsRefusal(): LogsError {
  return new LogsError(
    'QUERY_UNSUPPORTED',
    'patterns cannot be run: finding templates of similar messages needs a miner of them, which this version has not',
    {
      hint: 'count equal messages instead: | top 20 message',
    },
  );
}
