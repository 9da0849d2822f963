import { constants, promises as files } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { listIfThere, putIfAbsent, removeIfThere, TEMPORARY, temporaryName } from './durable.ts';
import { fileFailure } from './failure.ts';
import { errorCode, type Fs } from './fs.ts';
import { LogsError } from '../errors.ts';

/*
 * Who owns a folder. A claim is a Unix socket that listens under a temporary name and is then linked to
 * `owner.<k+1>.sock` beside the highest `owner.<k>.sock`. The kernel closes the socket with its process, whatever ends
 * it, so a refused connection means dead; a stopped process still owns. `released.<k>` says that claim k ended cleanly.
 */
const SOCKET = /^owner\.(\d{1,15})\.sock$/;
/** Sockets and markers of so many claims stay, so that whoever is slow in looking still sees a higher one than its own. */
const KEPT_CLAIMS = 8;
/** Of a path in sockaddr_un: 108 bytes on Linux, 104 on macOS, with a NUL behind; Node cuts a longer one silently. */
const MAX_SOCKET_PATH = process.platform === 'linux' ? 107 : 103;
/** Whoever made a folder needs a moment until it has claimed it. */
const YOUNG_MS = 60_000;

export type Ownership =
  /** Made just now by someone who is about to claim it. */
  | { readonly state: 'young' }
  | { readonly state: 'alive'; readonly claim: number }
  /** `claim` 0: never claimed. */
  | { readonly state: 'dead'; readonly claim: number }
  | { readonly state: 'released'; readonly claim: number; readonly marker: unknown };

/** The right to change what is in a folder, until `release` or the end of the process. */
export interface Claim {
  readonly number: number;
  /** Gives it up. With a marker, whatever is in the folder is said to be whole, and the next owner gets the marker. */
  release(marker?: object): Promise<void>;
}

/** Who owns a folder now. */
export async function ownershipOf(fs: Fs, folder: string, now: number): Promise<Ownership> {
  for (;;) {
    const names = await listIfThere(fs, folder);
    const claim = highest(names);
    if (claim === 0) {
      const found = await fs.stat(folder);
      const young = found !== undefined && Math.max(found.born, found.modified) > now - YOUNG_MS;
      return young ? { state: 'young' } : { state: 'dead', claim: 0 };
    }
    if (names.includes(`released.${claim}`)) {
      const marker = await readMarker(fs, join(folder, `released.${claim}`));
      if (marker !== undefined) return { state: 'released', claim, marker };
    }
    const answer = await knock(folder, `owner.${claim}.sock`);
    if (answer === 'alive') return { state: 'alive', claim };
    if (answer === 'refused') return { state: 'dead', claim };
    // It went between the two calls: a higher one is there, or the folder is gone.
  }
}

/**
 * Claims a folder whose highest claim is `after` (0: none), which must have been found dead or released, or be of our
 * own making. Undefined when someone else was faster, or took the folder away.
 */
export async function claimFolder(fs: Fs, folder: string, after: number): Promise<Claim | undefined> {
  const number = after + 1;
  const socket = await listen(folder);
  if (socket === undefined) return undefined;
  try {
    await fs.link(join(folder, socket.name), join(folder, `owner.${number}.sock`));
  } catch (error) {
    await socket.close();
    if (errorCode(error) === 'EEXIST' || errorCode(error) === 'ENOENT') return undefined;
    throw fileFailure(error, folder, 'claim');
  }
  try {
    // The name may have been free because its claim is long gone: then there are higher ones.
    const names = await fs.list(folder);
    await removeIfThere(fs, join(folder, socket.name));
    // And without the claim before it, the folder is another than the one that was looked at.
    if (highest(names) !== number || (after > 0 && !names.includes(`owner.${after}.sock`))) {
      await removeIfThere(fs, join(folder, `owner.${number}.sock`));
      await socket.close();
      return undefined;
    }
    await fs.syncFolder(folder);
    for (const name of names) {
      const [, of] = /^(?:owner|released)\.(\d{1,15})(?:\.sock)?$/.exec(name) ?? [];
      const left = name !== socket.name && TEMPORARY.test(name) && name.endsWith('.sock');
      if (left || (of !== undefined && Number(of) <= number - KEPT_CLAIMS)) await removeIfThere(fs, join(folder, name));
    }
  } catch (error) {
    // Without file descriptors a folder cannot even be listed. Closed, the socket is nobody's claim.
    await socket.close();
    throw fileFailure(error, folder, 'claim');
  }
  return {
    number,
    async release(marker) {
      try {
        const path = join(folder, `released.${number}`);
        if (marker !== undefined) await putIfAbsent(fs, path, Buffer.from(`${JSON.stringify(marker)}\n`));
      } finally {
        await socket.close();
      }
    },
  };
}

/** The process that has the highest claim on a folder; undefined when it does not answer. */
export async function ownerProcess(fs: Fs, folder: string): Promise<number | undefined> {
  const claim = highest(await listIfThere(fs, folder));
  const reach = await reachFolder(folder);
  try {
    const answer = await new Promise<string>((resolve) => {
      let text = '';
      const connection = connect(reach.path(`owner.${claim}.sock`));
      connection.setTimeout(1000, () => connection.destroy());
      connection.on('data', (data) => {
        text += data.toString('latin1');
      });
      connection.on('error', () => undefined);
      connection.once('close', () => resolve(text));
    });
    return /^\d+\n$/.test(answer) ? Number(answer) : undefined;
  } finally {
    await reach.close();
  }
}

function highest(names: readonly string[]): number {
  return names.reduce((most, name) => Math.max(most, Number(SOCKET.exec(name)?.[1] ?? 0)), 0);
}

/** What a marker says; undefined when it is gone, or does not hold what was written: then the claim counts as dead. */
async function readMarker(fs: Fs, path: string): Promise<unknown> {
  try {
    return JSON.parse((await fs.readFile(path)).toString('utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

interface Listening {
  readonly name: string;
  close(): Promise<void>;
}

/** Undefined when the folder went meanwhile. */
async function listen(folder: string): Promise<Listening | undefined> {
  const name = temporaryName('.sock');
  const reach = await reachFolder(folder).catch(unlessGone);
  if (reach === undefined) return undefined;
  const server: Server = createServer((connection) => {
    connection.on('error', () => connection.destroy());
    connection.end(`${process.pid}\n`);
  });
  // A claim must not keep a process alive that has nothing else to do.
  server.unref();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(reach.path(name), resolve);
    });
    server.on('error', () => undefined);
  } catch (error) {
    await reach.close();
    if (errorCode(error) === 'ENOENT') return undefined;
    throw unsuitable(error, folder);
  }
  return {
    name,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      await reach.close();
    },
  };
}

/** Whether someone listens. Only a refusal means that nobody does; any other failure must be taken for a yes. */
async function knock(folder: string, name: string): Promise<'alive' | 'refused' | 'gone'> {
  const reach = await reachFolder(folder).catch(unlessGone);
  if (reach === undefined) return 'gone';
  try {
    return await new Promise((resolve, reject) => {
      const connection = connect(reach.path(name));
      connection.once('connect', () => {
        connection.destroy();
        resolve('alive');
      });
      connection.once('error', (error) => {
        const code = errorCode(error);
        // Nobody was asked.
        if (code === 'EMFILE' || code === 'ENFILE') reject(error);
        else resolve(code === 'ECONNREFUSED' ? 'refused' : code === 'ENOENT' ? 'gone' : 'alive');
      });
    });
  } finally {
    await reach.close();
  }
}

/** Paths of sockets in a folder that are short enough for the kernel, however long the folder's own path is. */
async function reachFolder(folder: string): Promise<{ path(name: string): string; close(): Promise<void> }> {
  if (process.platform !== 'linux') {
    return {
      path(name) {
        const path = join(folder, name);
        if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return path;
        throw new LogsError(
          'STORE_UNSUITABLE',
          `the path ${path} is longer than the ${MAX_SOCKET_PATH} bytes that a socket may have`,
          {
            hint: 'Choose a store with a shorter path with --store.',
          },
        );
      },
      close: async () => undefined,
    };
  }
  const handle = await files.open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: (name) => `/proc/self/fd/${handle.fd}/${name}`, close: () => handle.close() };
}

function unlessGone(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
}

function unsuitable(error: unknown, folder: string): LogsError {
  const code = errorCode(error);
  if (code === 'EOPNOTSUPP' || code === 'ENOTSUP' || code === 'EPERM') {
    return new LogsError(
      'STORE_UNSUITABLE',
      `the file system of ${folder} has no Unix sockets, so owners cannot be told`,
      {
        hint: 'Choose a store on a local file system with --store.',
        cause: error,
      },
    );
  }
  return fileFailure(error, folder, 'claim');
}
