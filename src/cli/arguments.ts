import { LogsError } from '../lib/errors.ts';
import { nearest } from '../lib/query/nearest.ts';

/** What has to be known of a flag to tell it, and its value, from a query or a file. */
export interface FlagShape {
  readonly name: string;
  readonly chars: readonly string[];
  readonly aliases: readonly string[];
  readonly takesValue: boolean;
  /** `--no-name` is a flag too. */
  readonly negatable: boolean;
  /** Takes a number and then a word (`--top 10 path`); joined by a blank into one value. */
  readonly counted: boolean;
  /** Takes values with commas between them. */
  readonly listed: boolean;
}

export interface SeparatedArguments {
  /** Flags, each followed by its value in an argument of its own. */
  readonly flags: readonly string[];
  readonly positionals: readonly string[];
}

/**
 * A query may begin with a dash (`-path:/healthz`, `-status>=500`, `-"not this"`, `-(a OR b)`, `-*err*`): a name and
 * an operator, or anything after the dash that no flag begins with.
 */
const DASH_QUERY = /^-(?:[\p{L}_@][\p{L}\p{N}_.@-]*\s*(?:[:<>]|!=|=)|[^\p{L}-])/u;

/**
 * Tells flags from queries and files before the framework sees them, because it would read `-level:DEBUG app.log` as
 * `-l evel:DEBUG`. A short flag takes a glued value only if that is a number (`-n20`); letters glued together are
 * flags without values (`-cq`). Throws `USAGE` naming an unknown flag, with the nearest one there is.
 */
export function separateArguments(
  argv: readonly string[],
  shapes: readonly FlagShape[],
  words: 'query' | 'files' = 'query',
): SeparatedArguments {
  const long = new Map<string, FlagShape>();
  const short = new Map<string, FlagShape>();
  for (const shape of shapes) {
    for (const name of [shape.name, ...shape.aliases]) long.set(name, shape);
    for (const char of shape.chars) short.set(char, shape);
  }
  const flags: string[] = [];
  const positionals: string[] = [];
  let index = 0;

  const takeValue = (shape: FlagShape, written: string, given: string | undefined): void => {
    let value = given ?? argv[index++];
    if (value === undefined || (given === undefined && isFlag(value, long, short))) {
      throw new LogsError('USAGE', `${written} expects a value`, { hint: MORE });
    }
    // An unset variable of a script: taken for no flag at all it could drop the wrong store.
    if (value === '') {
      throw new LogsError('USAGE', `${written} expects a value, and got an empty one`, { hint: MORE });
    }
    if (shape.listed && /(?:^|,)\s*(?:,|$)/.test(value.replaceAll(/"[^"]*"/g, 'quoted'))) {
      throw new LogsError('USAGE', `${written} ${JSON.stringify(value)} has an empty name in it`, {
        hint: `${written} level,service`,
      });
    }
    if (shape.counted && /^\d+$/.test(value)) {
      const word = argv[index++];
      if (word === undefined) {
        throw new LogsError('USAGE', `${written} ${value} expects a field`, { hint: `${written} ${value} path` });
      }
      value = `${value} ${word}`;
    }
    flags.push(`--${shape.name}`, value);
  };

  while (index < argv.length) {
    const arg = argv[index++] as string;
    if (arg === '--') {
      positionals.push(...argv.slice(index));
      break;
    }
    if (arg.startsWith('--') && arg.length > 2) {
      const equals = arg.indexOf('=');
      const written = equals === -1 ? arg : arg.slice(0, equals);
      const shape = long.get(written.slice(2));
      if (shape?.takesValue) takeValue(shape, written, equals === -1 ? undefined : arg.slice(equals + 1));
      else if (shape !== undefined && equals === -1) flags.push(`--${shape.name}`);
      else if (shape !== undefined) throw new LogsError('USAGE', `${written} takes no value`);
      else if (equals === -1 && isNegation(written, long)) flags.push(written);
      else throw unknownFlag(written, long);
      continue;
    }
    if (!arg.startsWith('-') || arg === '-') {
      positionals.push(arg);
      continue;
    }
    const shape = short.get(arg.slice(1, 2));
    const glued = arg.slice(2);
    if (shape?.takesValue && glued.startsWith('=')) takeValue(shape, arg.slice(0, 2), glued.slice(1));
    else if (DASH_QUERY.test(arg)) positionals.push(arg);
    else if (shape?.takesValue && glued === '') takeValue(shape, arg, undefined);
    else if (shape?.takesValue && /^\d+$/.test(glued)) takeValue(shape, arg.slice(0, 2), glued);
    else flags.push(...cluster(arg, short, words));
  }
  return { flags, positionals };
}

const MORE = 'add --help to see what it takes';

function cluster(arg: string, short: ReadonlyMap<string, FlagShape>, words: 'query' | 'files'): string[] {
  return [...arg.slice(1)].map((char) => {
    const shape = short.get(char);
    if (shape !== undefined && !shape.takesValue) return `--${shape.name}`;
    const first = short.get(arg.slice(1, 2));
    const hint =
      words === 'files' || arg.length === 2
        ? `add --help to see what there is${arg.includes('.') ? `; for a file of that name write ./${arg}` : ''}`
        : first?.takesValue
          ? `write -${arg.slice(1, 2)} and its value as two words; for a query that begins with a dash put -- before it`
          : `to leave out events with that word write 'NOT ${arg.slice(1)}', or put -- before it`;
    throw new LogsError('USAGE', `unknown flag ${arg}`, { hint });
  });
}

function isFlag(arg: string, long: ReadonlyMap<string, FlagShape>, short: ReadonlyMap<string, FlagShape>): boolean {
  if (arg.startsWith('--')) return long.has(arg.slice(2).split('=')[0] ?? '') || isNegation(arg, long);
  return arg.length === 2 && arg.startsWith('-') && short.has(arg.slice(1));
}

function isNegation(arg: string, long: ReadonlyMap<string, FlagShape>): boolean {
  return arg.startsWith('--no-') && long.get(arg.slice(5))?.negatable === true;
}

function unknownFlag(written: string, long: ReadonlyMap<string, FlagShape>): LogsError {
  const negations = [...long.values()].filter(({ negatable }) => negatable).map(({ name }) => `no-${name}`);
  const guess = nearest(written.slice(2), [...long.keys(), ...negations]);
  return new LogsError('USAGE', `unknown flag ${written}`, {
    hint: guess === undefined ? 'add --help to see what there is' : `did you mean --${guess}?`,
  });
}
