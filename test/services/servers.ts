import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';

// Real servers for tests, by scripts/servers.mjs: installed the first time, started once for all files of a run, or
// those that are up already, and then stopped at the end of the run that started them (run.ts). What is put into a
// shared one stays until then: name topics and indices after the test file.

export type ServerKind =
  | 'kafka'
  | 'kafka-3'
  | 'kafka-secure'
  | 'opensearch'
  | 'opensearch2'
  | 'elasticsearch'
  | 'elasticsearch8'
  | 'registry';

/** A server that is up. Where it could not be had, only `missing` can be read: all else throws with that reason. */
export interface Server {
  /** Why it cannot be had on this machine; undefined where it is up. */
  readonly missing: string | undefined;
  /** As our commands take it, with a user who may do all: `kafka://127.0.0.1:9092`, `es://user:password@127.0.0.1:9200`. */
  readonly url: string;
  /** The same server for others: of `elasticsearch` and `elasticsearch8` `viewer`, who may only read. */
  readonly urls: Readonly<Record<string, string>>;
  /** Of `kafka-secure` `ca`: the certificate that signs the server's. */
  readonly files: Readonly<Record<string, string>>;
  readonly host: string;
  /** Of the first node. */
  readonly port: number;
  readonly pid: number;
  /** In the order of `url`; `kafka-3` has three. */
  readonly nodes: readonly ServerNode[];
}

export interface ServerNode {
  readonly port: number;
  readonly pid: number;
  /** What it wrote to stdout and stderr. */
  readonly log: string;
}

/** A server for one test file alone, to be killed and started again on the same ports and data. */
export interface OwnServer extends Server {
  /** Ends it as a crash does, all its processes or one node (from 1), and waits for that. SIGSTOP holds it, SIGCONT lets it go on. */
  kill(options?: {
    readonly signal?: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT';
    readonly node?: number;
  }): Promise<void>;
  /** Starts again what is dead of it, on the same ports and data, and waits until it serves. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

interface Described {
  readonly url: string;
  readonly urls: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly nodes: readonly ServerNode[];
}

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, '../../scripts/servers.mjs');
/** The script's exit code for what cannot be had: no Java, no Maven, no download. */
const UNAVAILABLE = 3;

/**
 * A server shared by the test files of a run. Call it at the top of the file, and skip by it:
 * `const kafka = await server('kafka'); describe.skipIf(kafka.missing)('…', …)`.
 * @throws Error where it was had and did not start
 */
export async function server(kind: ServerKind): Promise<Server> {
  return new LocalServer(kind, kind, await up(kind, kind));
}

/** As `server`, for this file alone. Stop it in `afterAll`; the end of the run stops it in any case. */
export async function ownServer(kind: ServerKind): Promise<OwnServer> {
  const name = `${kind}-of-${process.pid}-${Date.now().toString(36)}`;
  return new LocalServer(kind, name, await up(kind, name));
}

/** What is up, or why it cannot be had. */
async function up(kind: ServerKind, name: string): Promise<Described | string> {
  try {
    return await started(kind, name);
  } catch (error) {
    const { code, stderr } = error as { readonly code?: unknown; readonly stderr?: string };
    if (code !== UNAVAILABLE) throw error;
    const reason = (stderr ?? '').trim().split('\n').at(-1) ?? '';
    process.stderr.write(`skipped, for want of ${kind}: ${reason}\n`);
    return reason;
  }
}

async function started(kind: ServerKind, name: string): Promise<Described> {
  const { stdout } = await script('up', kind, '--json', '--as', name, '--for', String(inject('testRun')));
  return JSON.parse(stdout) as Described;
}

function script(...args: readonly string[]): Promise<{ readonly stdout: string }> {
  return run(process.execPath, [SCRIPT, ...args]);
}

class LocalServer implements OwnServer {
  readonly host = '127.0.0.1';
  readonly missing: string | undefined;
  readonly #kind: ServerKind;
  readonly #name: string;
  #state: Described | undefined;

  constructor(kind: ServerKind, name: string, state: Described | string) {
    this.#kind = kind;
    this.#name = name;
    if (typeof state === 'string') this.missing = state;
    else this.#state = state;
  }

  get url(): string {
    return this.#up.url;
  }

  get urls(): Readonly<Record<string, string>> {
    return this.#up.urls;
  }

  get files(): Readonly<Record<string, string>> {
    return this.#up.files;
  }

  get nodes(): readonly ServerNode[] {
    return this.#up.nodes;
  }

  get port(): number {
    return this.nodes[0]!.port;
  }

  get pid(): number {
    return this.nodes[0]!.pid;
  }

  async kill({ signal = 'SIGKILL', node }: Parameters<OwnServer['kill']>[0] = {}): Promise<void> {
    const only = node === undefined ? [] : ['--node', String(node)];
    await script('kill', this.#name, '--signal', signal, ...only);
  }

  async start(): Promise<void> {
    this.#state = await started(this.#kind, this.#name);
  }

  async stop(): Promise<void> {
    if (this.missing === undefined) await script('down', this.#name, '--forget');
  }

  get #up(): Described {
    if (this.#state === undefined) throw new Error(`no ${this.#kind}: ${this.missing}`);
    return this.#state;
  }
}
