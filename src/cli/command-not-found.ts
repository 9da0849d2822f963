import type { Hook } from '@oclif/core/hooks';
import { LogsError } from '../lib/errors.ts';
import { nearest } from '../lib/query/nearest.ts';

/** A word that is no command: `help`, which people try, or an error like any other (exit 2, JSON where asked for), with the nearest that is one. */
const commandNotFound: Hook.CommandNotFound = async ({ id, argv, config }) => {
  const known = config.commandIDs.map((name) => name.replaceAll(':', ' '));
  // The framework joins every word to the id: the command is the first of them, or the first two.
  const words = [...id.split(':'), ...(argv ?? [])].filter((word) => word !== '' && !word.startsWith('-'));
  const typed = words[0] === 'help' ? words.slice(1) : words;
  const asked = typed.join(' ');
  if (words[0] === 'help' && known.some((name) => `${name} `.startsWith(asked === '' ? '' : `${asked} `))) {
    const { default: LogsHelp } = await import('./help.ts');
    await new LogsHelp(config).showHelp(typed);
    return;
  }
  const [first, second] = typed;
  if (first === undefined) {
    const told = id.startsWith('-') && id !== '--json' ? `unknown flag ${id}` : 'no command was named';
    throw new LogsError('USAGE', told, { hint: 'logs --help lists the commands' });
  }
  const whole = known.find((name) => name === first || name === `${first} ${second}`);
  if (whole !== undefined) {
    const extra = typed[whole.split(' ').length] ?? '';
    throw new LogsError('USAGE', `logs ${whole} takes no ${JSON.stringify(extra)}`, { hint: `logs ${whole} --help` });
  }
  const inTopic = known.filter((name) => name.startsWith(`${first} `));
  const isTopic = inTopic.length > 0;
  const firstWord = (of: string): string => of.split(' ')[0] ?? of;
  const lastWord = (of: string): string => of.split(' ').at(-1) ?? of;
  // Of a topic the second word alone is compared: by the whole any two of its commands are alike.
  const [alone, inTopics] = [known.filter((one) => !one.includes(' ')), known.filter((one) => one.includes(' '))];
  const among = isTopic ? inTopic : [...alone, ...new Set(inTopics.map(firstWord)), ...inTopics];
  const near = nearest(isTopic ? (second ?? '') : first, among.map(lastWord));
  const guess = among.find((name) => lastWord(name) === near);
  const name = typed.slice(0, isTopic ? 2 : 1).join(' ');
  throw new LogsError('USAGE', `${name} is no command`, {
    hint: guess === undefined ? `logs ${isTopic ? `${first} ` : ''}--help lists them` : `did you mean logs ${guess}?`,
  });
};

export default commandNotFound;
