// Servers live longer than the command that starts them. They are known by pid and time of birth, since the pid alone
// may be another's by then.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { asUser } from './places.mjs';

/** Starts a process of a group of its own, so that a signal reaches what it starts in turn. */
export function startProcess({ command, args, cwd, env = {}, log }) {
  const out = openSync(log, 'a');
  const child = spawn(command, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, LANG: 'C.UTF-8', ...env },
    stdio: ['ignore', out, out],
    detached: true,
    ...asUser,
  });
  closeSync(out);
  child.unref();
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve({ pid: child.pid, birth: birthOf(child.pid) }));
  });
}

export function processExists(pid) {
  return birthOf(pid) !== undefined;
}

export function isAlive({ pid, birth }) {
  return pid !== undefined && birthOf(pid) === birth;
}

/** Asks a server to end, and makes it after ten seconds. */
export async function endProcess(server) {
  if (!isAlive(server)) return;
  // One that was stopped by SIGSTOP would not hear the other.
  await signal(server, 'SIGCONT');
  await signal(server, 'SIGTERM', 10_000);
  await signal(server, 'SIGKILL', 10_000);
}

/** Signals a server with all it started, and waits up to `ms` for the last of them to be gone. */
export async function signal({ pid }, name, ms = 0) {
  try {
    process.kill(-pid, name);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
  for (const until = Date.now() + ms; Date.now() < until && groupExists(pid); ) await sleep(20);
}

/** Without those that ended and that no one has asked after: in a container perhaps no one ever will. */
function groupExists(group) {
  if (process.platform !== 'linux') return spawnSync('pgrep', ['-g', String(group)]).status === 0;
  return readdirSync('/proc').some((pid) => /^\d/.test(pid) && stateOf(pid)?.group === group);
}

/** When a process began, as text that only it has together with its pid; undefined for one that has ended. */
function birthOf(pid) {
  if (process.platform === 'linux') return stateOf(pid)?.birth;
  const { stdout } = spawnSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const [, state, birth] = /^(\S+)\s+(.+)$/.exec(stdout?.trim() ?? '') ?? [];
  return state?.startsWith('Z') ? undefined : birth;
}

/** Of Linux: see proc(5), /proc/pid/stat. */
function stateOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the name in brackets, which may hold spaces and brackets itself.
    const [state, , group, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : { group: Number(group), birth: fields[16] };
  } catch {
    return undefined;
  }
}
