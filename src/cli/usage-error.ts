import { LogsError } from '../lib/errors.ts';
import { nearest } from '../lib/query/nearest.ts';

/*
 * What the framework says of flags, and what we say instead. Its errors carry only a text, which spans lines and
 * ends with advice of its own; `test/cli/usage-error.test.ts` holds that every relation between our flags is known here.
 */
const SAYINGS: readonly {
  readonly theirs: RegExp;
  readonly ours: (...parts: string[]) => { readonly message: string; readonly hint?: string | undefined };
}[] = [
  {
    theirs: /Parsing (--\S+) Expected (an integer.*) but received: ?(.*)$/,
    ours: (flag, what, given) => ({ message: `${flag} takes ${bounds(what ?? '')}, not ${given}` }),
  },
  {
    theirs: /All of the following must be provided when using (--\S+): (--\S+)/,
    ours: (flag, other) => ({ message: `${flag} goes with ${other} only`, hint: `add ${other}, or leave out ${flag}` }),
  },
  {
    theirs: /(--[\w-]+)(?:=.*?)? cannot also be provided when using (--\S+)/,
    ours: (flag, other) => ({ message: `${flag} does not go with ${other}`, hint: 'leave out one of them' }),
  },
  {
    theirs: /Expected (--[\w-]+)=(.*) to be one of: (.*)$/,
    ours: (flag, given, options) => ({
      message: `${flag} cannot be ${JSON.stringify(given)}`,
      hint: oneOf(given, options),
    }),
  },
  {
    theirs: /Unexpected arguments?: (.*)$/,
    ours: (given) => ({ message: `too much: this command takes no ${given}` }),
  },
];

/** An error of the framework as a line of ours. */
export function usageError(text: string): LogsError {
  const said = text
    .replace(/\nSee more help with --help\s*$/, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
  for (const { theirs, ours } of SAYINGS) {
    const found = theirs.exec(said);
    if (found === null) continue;
    const { message, hint } = ours(...found.slice(1));
    return new LogsError('USAGE', message, { hint: hint ?? MORE });
  }
  return new LogsError('USAGE', said, { hint: MORE });
}

const MORE = 'add --help to see what it takes';

function bounds(text: string): string {
  return text
    .replace('an integer', 'a whole number')
    .replace('greater than or equal to', 'from')
    .replace('less than or equal to', 'up to');
}

function oneOf(given = '', options = ''): string {
  const guess = nearest(given, options.split(', '));
  return `${guess === undefined ? '' : `did you mean ${guess}? `}one of ${options}`;
}
