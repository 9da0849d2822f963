import { join } from 'node:path';
import { wantsHelp } from '../start/wants-help.ts';
import type { BaseCommand } from './base-command.ts';
import { settle } from './failure.ts';
import { flushOutput, watchOutput } from './streams.ts';

/** The class of each command by its id, `store:stats`; got when it is asked for, for that is what loads it. */
export interface CommandTable {
  readonly [id: string]: typeof BaseCommand;
}

/**
 * Runs one command line and ends the process: 0 done or matched, 1 only where a command says so, 130 interrupted,
 * 2 everything else, also what nobody planned for. `ran` is called at the end of a command or of help that did what was
 * asked, when all its output has left the process.
 */
export async function main(
  args: readonly string[],
  root: string,
  commands: CommandTable,
  ran: () => void,
): Promise<void> {
  watchOutput();
  process.on('uncaughtException', (error) => {
    settle(error, args);
    process.exit(process.exitCode ?? 2);
  });
  const found = commandOf(args, commands);
  try {
    if (found === undefined) await runFramework(args, root);
    else await found.command.start(found.id, found.args);
  } catch (error) {
    settle(error, args);
  }
  await flushOutput();
  if ((found !== undefined || wantsHelp(args)) && Number(process.exitCode ?? 0) <= 1) ran();
  // Standard input may still be open, and nothing more is wanted of it.
  process.exit(process.exitCode ?? 0);
}

/** The command that the first word or two name; none where help is asked for. */
function commandOf(args: readonly string[], commands: CommandTable) {
  if (wantsHelp(args)) return undefined;
  for (const words of [2, 1]) {
    const id = args.slice(0, words).join(':');
    if (args.length < words || !Object.hasOwn(commands, id)) continue;
    const command = commands[id];
    if (command !== undefined)
      return takesNext(command, args[words]) ? { id, command, args: args.slice(words) } : undefined;
  }
  return undefined;
}

/** Whether what follows the name of a command can be its: `store stats x` is a command that there is not. */
function takesNext({ strict, args }: typeof BaseCommand, next: string | undefined): boolean {
  return next === undefined || next.startsWith('-') || !strict || Object.keys(args).length > 0;
}

/** Help, and words that are no command. The framework reads all it knows of every command first, which takes longer than a search. */
async function runFramework(args: readonly string[], root: string): Promise<void> {
  const { run } = await import('@oclif/core/run');
  await run([...args], join(root, 'package.json'));
}
