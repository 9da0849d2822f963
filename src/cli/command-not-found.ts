import type { Hook } from '@oclif/core/hooks';
import { LogsError } from '../lib/errors.ts';
import { nearest } from './nearest.ts';

/** A word that is no command: an error like any other (exit 2, JSON where asked for), with the nearest that is one. */
const commandNotFound: Hook.CommandNotFound = async ({ id, argv, config }) => {
  const words = id.split(':');
  const known = config.commandIDs.map((name) => name.replaceAll(':', ' '));
  const typed = [...words, ...(argv ?? [])].filter((word) => !word.startsWith('-'));
  // The framework joins every word to the id: the command is the first of them, or the first two.
  const guess = nearest(typed.slice(0, 2).join(' '), known) ?? nearest(typed[0] ?? id, known);
  const isTopic = known.some((name) => name.startsWith(`${typed[0]} `));
  const name = typed.slice(0, isTopic ? 2 : 1).join(' ');
  throw new LogsError('USAGE', `${name} is no command`, {
    hint: guess === undefined ? 'logs --help lists them' : `did you mean logs ${guess}?`,
  });
};

export default commandNotFound;
