import type { Level } from '../record/level.ts';

type Brush = (text: string) => string;

/** Colours by meaning. Without colour every brush gives its text back. */
export interface Paint {
  readonly faint: Brush;
  readonly name: Brush;
  readonly strong: Brush;
  readonly bar: Brush;
  readonly level: (level: Level) => Brush;
}

const bare: Brush = (text) => text;

export const PLAIN_PAINT: Paint = { faint: bare, name: bare, strong: bare, bar: bare, level: () => bare };

/** Paint for a terminal; chalk is loaded only where there is something to colour. */
export async function openPaint(colour: boolean): Promise<Paint> {
  if (!colour) return PLAIN_PAINT;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  const levels: { readonly [level in Level]: Brush } = {
    TRACE: chalk.gray,
    DEBUG: chalk.blue,
    INFO: chalk.green,
    WARN: chalk.yellow,
    ERROR: chalk.red,
    FATAL: chalk.magenta,
    UNKNOWN: chalk.gray,
  };
  return { faint: chalk.gray, name: chalk.cyan, strong: chalk.bold, bar: chalk.cyan, level: (level) => levels[level] };
}

/** `--color`, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal that can (`TERM=dumb` cannot). */
export function wantsColour(
  flag: string,
  terminal: boolean,
  env: { readonly [name: string]: string | undefined },
): boolean {
  if (flag !== 'auto') return flag === 'always';
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return terminal && env.TERM !== 'dumb';
}
