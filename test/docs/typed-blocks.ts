import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface Typing {
  /** The home of who types; a folder of the test's own. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What of the output stands otherwise in the page. */
  readonly shown?: (output: string) => string;
  /** Called after each command. */
  readonly after?: (typed: string) => void;
}

/** A page with what the commands of its blocks write now; a block stands as it is where only what is masked differs. */
export function pageAsRun(page: string, typing: Typing): string {
  const command = join(typing.folder, 'logs');
  writeFileSync(command, `#!/bin/sh\nexec "${process.execPath}" "${join(ROOT, 'bin', 'run.js')}" "$@"\n`);
  chmodSync(command, 0o755);
  return page.replace(/(?<=^```console\n)[\s\S]*?(?=^```$)/gm, (block) => blockAsRun(block, typing));
}

function blockAsRun(block: string, typing: Typing): string {
  return block
    .split(/^(?=\$ )/m)
    .map((part) => {
      const [typed = '', ...rest] = part.split('\n');
      const written = outputOf(typed.slice(2), typing);
      typing.after?.(typed);
      const stands = rest.join('\n');
      return masked(written) === masked(stands) ? part : `${typed}\n${written}`;
    })
    .join('');
}

/** Runs one line as a shell would, both streams as one. What ends at a terminal is pretty there, so it is here. */
function outputOf(line: string, { folder, env, shown }: Typing): string {
  const last = line.split('|').at(-1) ?? '';
  const drawn = /^\s*logs (search|tail|agg)\b/.test(last) && !/ (-o|-c)\b/.test(last) ? `${line} -o pretty` : line;
  const done = spawnSync('sh', ['-c', `{ ${drawn}\n} 2>&1`], {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      PATH: `${folder}${delimiter}${process.env.PATH ?? ''}`,
      HOME: folder,
      TZ: 'UTC',
      LC_ALL: 'C.UTF-8',
      ...env,
    },
  });
  return shown === undefined ? done.stdout : shown(done.stdout);
}

/** What is another at each run: rates and times taken, the ids events were given, when they came. */
function masked(output: string): string {
  return output
    .replace(/\d[\d.,]* (events|[kKMG]i?B)\/s/g, 'RATE')
    .replace(/\b\d+(\.\d+)? ?(ms|s|seconds)\b/g, 'TIME')
    .replace(/"(log_id|received_at)":"[^"]*"/g, '"$1":"…"');
}
