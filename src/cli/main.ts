import { fileURLToPath } from 'node:url';
import { run } from '@oclif/core/run';
import { settle } from './failure.ts';
import { flushOutput, watchOutput } from './streams.ts';

/**
 * Runs one command line and ends the process: 0 done or matched, 1 only where a command says so, 130 interrupted,
 * 2 everything else, also what nobody planned for.
 */
export async function main(args: readonly string[], root: URL): Promise<void> {
  watchOutput();
  process.on('uncaughtException', (error) => {
    settle(error, args);
    process.exit(process.exitCode ?? 2);
  });
  try {
    await run([...args], fileURLToPath(new URL('package.json', root)));
  } catch (error) {
    settle(error, args);
  }
  await flushOutput();
  // Standard input may still be open, and nothing more is wanted of it.
  process.exit(process.exitCode ?? 0);
}
