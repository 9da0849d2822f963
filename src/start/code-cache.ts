import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';

/** Before the code: what it is, and a CRC-32 over the file's name and what follows. V8 wants the code at a multiple of eight. */
const HEADER = 16;
const MAGIC = Buffer.from('logscode', 'latin1');
/** Of other versions of Node or of this program: whoever still uses one makes it anew. */
const KEPT_MS = 30 * 24 * 3600_000;

/**
 * Compiled code kept from one process to the next, one file a name. V8 takes it as it is: a wrong byte ends the process
 * (the sum in V8's own header is not looked at, Node 20 to 24), and what is put there is run. So a file counts only with
 * the right CRC, and only if nobody can have written it who could not have changed the program itself.
 *
 * `folders`: where to look, and where to write if that is possible, best first. `owners`: the users whose files count.
 * Nothing here ever fails: without a cache a start is slower and nothing else.
 */
export class CodeCache {
  readonly #folders: readonly string[];
  readonly #owners: readonly number[];

  constructor(folders: readonly string[], owners: readonly number[]) {
    this.#folders = folders;
    this.#owners = owners;
  }

  read(name: string): Buffer | undefined {
    for (const folder of this.#folders) {
      const code = this.#readFrom(folder, name);
      if (code !== undefined) return code;
    }
    return undefined;
  }

  /** In one step: a process that reads meanwhile finds all of it or what was there before. */
  write(name: string, code: Uint8Array): void {
    const header = Buffer.alloc(HEADER);
    MAGIC.copy(header);
    header.writeUInt32LE(sumOf(name, code), MAGIC.length);
    const bytes = Buffer.concat([header, code]);
    for (const folder of this.#folders) if (writeTo(folder, name, bytes)) return;
  }

  #readFrom(folder: string, name: string): Buffer | undefined {
    let fd: number | undefined;
    try {
      fd = openSync(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW);
      const { uid, mode } = fstatSync(fd);
      if (!this.#owners.includes(uid) || (mode & 0o022) !== 0) return undefined;
      const bytes = readFileSync(fd);
      const code = bytes.subarray(HEADER);
      const whole = bytes.subarray(0, MAGIC.length).equals(MAGIC);
      return whole && bytes.readUInt32LE(MAGIC.length) === sumOf(name, code) ? code : undefined;
    } catch {
      return undefined;
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }
}

function sumOf(name: string, code: Uint8Array): number {
  return crc32(code, crc32(name));
}

function writeTo(folder: string, name: string, bytes: Uint8Array): boolean {
  try {
    makeFolder(folder);
    removeOld(folder);
    writeInOneStep(join(folder, name), bytes);
    return true;
  } catch {
    return false;
  }
}

/** Node's own `recursive` never ends where the system denies that a folder is there which is, as it does in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path && !existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(path);
  } catch (error) {
    // Another process was faster.
    if (!existsSync(path)) throw error;
  }
}

function writeInOneStep(path: string, bytes: Uint8Array): void {
  const half = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(half, bytes, { flag: 'wx', mode: 0o644 });
    renameSync(half, path);
  } catch (error) {
    rmSync(half, { force: true });
    throw error;
  }
}

function removeOld(folder: string): void {
  const now = Date.now();
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry);
    if (statSync(path).mtimeMs < now - KEPT_MS) rmSync(path, { force: true });
  }
}

/**
 * Where the compiled code of a folder of scripts may be: beside them, which serves every user of an installation, else
 * in this user's own cache. That is left alone where it is another's, as `sudo` can have it.
 */
export function codeFolders(scripts: string, env: NodeJS.ProcessEnv, user: number): readonly string[] {
  const beside = join(scripts, '.code');
  const { HOME: home, XDG_CACHE_HOME: cache } = env;
  const base = cache !== undefined && cache.startsWith('/') ? cache : home;
  if (base === undefined || !base.startsWith('/') || ownerOf(base) !== user) return [beside];
  return [beside, base === home ? join(base, '.cache', 'logs', 'code') : join(base, 'logs', 'code')];
}

/** Undefined where there is no such file. */
export function ownerOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.uid;
}
