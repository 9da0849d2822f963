import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const BIN = join(import.meta.dirname, '../../bin/run.js');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has said on standard error so far. */
  said(): string;
}

/** Starts `logs` as a user would. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv, input?: string): Running {
  const child = spawn(process.execPath, [BIN, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input ?? '');
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (data: Buffer) => out.push(data));
  child.stderr.on('data', (data: Buffer) => err.push(data));
  const said = () => Buffer.concat(err).toString();
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, out: Buffer.concat(out).toString(), err: said() }));
  });
  return { child, ended, said };
}

/** Runs `logs` to its end. */
export function logs(args: readonly string[], env: NodeJS.ProcessEnv, input?: string): Promise<Ended> {
  return start(args, env, input).ended;
}
