import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The command, as the arguments of a new process. */
export const logs = [process.execPath, join(root, 'bin', 'run.js')];

/** Whether the command has a sub-command: `store:compact`. */
export function hasCommand(id) {
  const { commands } = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8'));
  return Object.hasOwn(commands, id);
}
