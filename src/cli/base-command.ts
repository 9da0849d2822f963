import { homedir } from 'node:os';
import { join } from 'node:path';
import { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import * as Flags from '@oclif/core/flags';
import { type FlagShape, separateArguments } from './arguments.ts';
import { settle } from './failure.ts';
import { commandSignal } from './signals.ts';
import { jsonLine, talk, writeDocument, writeOutput } from './streams.ts';

/** As much of the framework's configuration as a command asks for: to gather all of it takes longer than a search. */
const CONFIG = {
  bin: 'logs',
  scopedEnvVarKeys: () => [],
  runHook: async () => ({ successes: [], failures: [] }),
} as unknown as Config;

/**
 * What every command shares: the flags `--json`, `--store` and `--color`, arguments told apart before the framework
 * sees them, one signal for Ctrl-C and closed pipes, and one way for errors to become text and an exit code.
 * A command overrides `run`, reads its input with `this.parse(TheCommand)` and `this.positionals`, passes
 * `this.signal` to whatever it calls, and writes data with `this.write`, talk with `this.talk`.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    json: Flags.boolean({ summary: 'one JSON document on standard output, errors too', helpGroup: 'GLOBAL' }),
    store: Flags.string({
      summary: 'folder of the embedded store',
      helpValue: 'DIR',
      env: 'LOGS_STORE',
      helpGroup: 'GLOBAL',
    }),
    color: Flags.string({
      summary: 'colour the output',
      options: ['auto', 'always', 'never'],
      default: 'auto',
      helpGroup: 'GLOBAL',
    }),
  };
  /** Flags that take a number and a word: `--top 10 path`. */
  static counted: readonly string[] = [];

  /** What arguments that are no flags are: a query, then files; or files alone. */
  protected readonly words: 'query' | 'files' = 'query';

  /** Runs this command with the arguments behind its name. */
  static async start(this: typeof BaseCommand, id: string, args: readonly string[]): Promise<void> {
    this.id = id;
    // What is asked for is always a command of its own; this class alone has none.
    const Started = this as unknown as new (argv: string[], config: Config) => BaseCommand;
    await new Started([...args], CONFIG)._run();
  }

  /** Arguments that are no flags, in the order typed. */
  protected positionals: readonly string[] = [];
  private stop: AbortSignal | undefined;

  /** Aborted by Ctrl-C, a kill, or when the reader of standard output has gone. */
  protected get signal(): AbortSignal {
    this.stop ??= commandSignal();
    return this.stop;
  }

  override async init(): Promise<void> {
    this.stop ??= commandSignal();
    const command = this.ctor as typeof BaseCommand;
    const { flags, positionals } = separateArguments(this.argv, flagShapes(command), this.words);
    this.positionals = positionals;
    this.argv = [...flags, '--', ...positionals];
  }

  override async catch(error: unknown): Promise<void> {
    // Work that was told to stop fails in many ways; why it was told is what counts.
    const reason = this.stop?.aborted ? this.stop.reason : error;
    settle(reason, this.argv);
  }

  /** Data, on standard output; waits for a slow reader. */
  protected write(data: string | Uint8Array): Promise<void> {
    return writeOutput(data);
  }

  /** A line of talk, on standard error; text from elsewhere in it is made harmless. */
  protected talk(line: string): void {
    talk(line);
  }

  /** The one JSON document of `--json`. */
  protected document(value: unknown): Promise<void> {
    return writeDocument(jsonLine(value));
  }

  /** 0 matched or done; 1 nothing matched; 2 or 130 what was told already. All else is an error thrown. */
  protected conclude(code: 0 | 1 | 2 | 130): void {
    process.exitCode = code;
  }
}

/** `--store`, else `LOGS_STORE` where it is not empty (read by the flag), else `$XDG_DATA_HOME/logs`, else `~/.local/share/logs`. */
export function storeFolder(flag: string | undefined): string {
  return flag !== undefined && flag !== '' ? flag : dataFolder('logs');
}

/** A folder of this name where programs of this user keep their data. */
export function dataFolder(name: string): string {
  const data = process.env.XDG_DATA_HOME;
  return data !== undefined && data.startsWith('/') ? join(data, name) : join(homedir(), '.local', 'share', name);
}

/** The flags of a command as the separation of arguments needs them. */
function flagShapes(command: typeof BaseCommand): FlagShape[] {
  return Object.entries({ ...command.baseFlags, ...command.flags }).map(([name, flag]) => ({
    name,
    chars: [...(flag.char === undefined ? [] : [flag.char as string]), ...(flag.charAliases ?? [])],
    aliases: flag.aliases ?? [],
    takesValue: flag.type === 'option',
    negatable: flag.type === 'boolean' && flag.allowNo === true,
    counted: command.counted.includes(name),
    listed: flag.type === 'option' && flag.delimiter === ',',
  }));
}
