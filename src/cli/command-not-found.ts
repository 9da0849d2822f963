import type { Hook } from '@oclif/core/hooks';
import { LogsError } from '../lib/errors.ts';
import { nearest } from './nearest.ts';

/** A word that is no command: an error like any other (exit 2, JSON where asked for), with the nearest that is one. */
const commandNotFound: Hook.CommandNotFound = async ({ id, argv, config }) => {
  const known = config.commandIDs.map((name) => name.replaceAll(':', ' '));
  // The framework joins every word to the id: the command is the first of them, or the first two.
  const typed = [...id.split(':'), ...(argv ?? [])].filter((word) => word !== '' && !word.startsWith('-'));
  const [first, second] = typed;
  if (first === undefined) throw new LogsError('USAGE', 'no command was named', { hint: 'logs --help lists them' });
  const whole = known.find((name) => name === first || name === `${first} ${second}`);
  if (whole !== undefined) {
    const extra = typed[whole.split(' ').length] ?? '';
    throw new LogsError('USAGE', `logs ${whole} takes no ${JSON.stringify(extra)}`, { hint: `logs ${whole} --help` });
  }
  const guess = nearest(typed.slice(0, 2).join(' '), known) ?? nearest(first, known);
  const isTopic = known.some((name) => name.startsWith(`${first} `));
  const name = typed.slice(0, isTopic ? 2 : 1).join(' ');
  throw new LogsError('USAGE', `${name} is no command`, {
    hint: guess === undefined ? 'logs --help lists them' : `did you mean logs ${guess}?`,
  });
};

export default commandNotFound;
