// Runs one child process and says what it cost: wall time, CPU time of all its threads, peak resident memory.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** GNU time reads what the kernel kept about the child; without it the kernel is asked while the child runs. */
const gnuTime = '/usr/bin/time';
const clockTicks = 100;

/**
 * Runs `command` (an array) to its end. `input` is a file that `cat` feeds through a real pipe; cat's own cost is
 * not counted where GNU time measures. `onData` gets standard output, which is otherwise thrown away.
 * Gives {seconds, cpuSeconds, peakBytes, output}; throws where the exit code is none of `exits`.
 * cpuSeconds and peakBytes are undefined where the system offers neither GNU time nor /proc.
 */
export async function measure(command, { env = {}, cwd, input, onData, exits = [0] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'logs-bench-'));
  const costs = join(folder, 'costs');
  try {
    const timed = existsSync(gnuTime) ? [gnuTime, '-q', '-f', '%U %S %M', '-o', costs, ...command] : command;
    const all = input === undefined ? timed : ['sh', '-c', 'file=$1; shift; cat "$file" | "$@"', 'sh', input, ...timed];
    const children = existsSync(gnuTime) ? undefined : childrenCpu();
    const started = performance.now();
    const child = spawn(all[0], all.slice(1), {
      env: { ...process.env, ...env },
      cwd,
      stdio: ['ignore', onData ? 'pipe' : 'ignore', 'pipe'],
    });
    const talk = [];
    child.stderr.on('data', (data) => talk.push(data));
    if (onData) child.stdout.on('data', onData);
    const peak = existsSync(gnuTime) || input !== undefined ? undefined : watchPeak(child.pid);
    const exit = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (code, signal) => resolve(code ?? signal));
    });
    const seconds = (performance.now() - started) / 1000;
    const output = Buffer.concat(talk).toString();
    if (!exits.includes(exit)) throw new Error(`${command.join(' ')} ended with ${exit}:\n${output}`);
    if (children !== undefined) {
      const now = childrenCpu();
      const cpuSeconds = now === undefined ? undefined : now - children;
      return { seconds, cpuSeconds, peakBytes: peak?.(), output };
    }
    const [user, system, kilobytes] = lastLine(costs).split(' ').map(Number);
    return { seconds, cpuSeconds: user + system, peakBytes: kilobytes * 1024, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** {median, p95, min, max} of numbers; undefined where none was measured. */
export function spread(values) {
  const sorted = values.filter((value) => value !== undefined).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1];
  return { median, p95, min: sorted[0], max: sorted[sorted.length - 1] };
}

function lastLine(path) {
  return readFileSync(path, 'utf8').trimEnd().split('\n').at(-1);
}

/** CPU seconds of the children this process has waited for: fields 16 and 17 of proc(5) stat. */
function childrenCpu() {
  const path = '/proc/self/stat';
  if (!existsSync(path)) return undefined;
  const fields = readFileSync(path, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[13]) + Number(fields[14])) / clockTicks;
}

/** Reads VmHWM now and then: what is missed is only growth within the last moments of the child. */
function watchPeak(pid) {
  let peak;
  const look = () => {
    try {
      const found = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
      if (found) peak = Number(found[1]) * 1024;
    } catch {
      // Gone already, or no /proc here.
    }
  };
  const timer = setInterval(look, 10).unref();
  return () => {
    clearInterval(timer);
    return peak;
  };
}
