// Where servers are kept: each is installed once and run many times, by one user of this machine.
import { mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Unavailable } from './unavailable.mjs';

// Elasticsearch and OpenSearch refuse to run as root: then every server runs as nobody.
const root = process.getuid?.() === 0;
const NOBODY = 65_534;

/** What `spawn` needs so that a server does not run as root. */
export const asUser = root ? { uid: NOBODY, gid: NOBODY } : {};

/** $LOGS_SERVERS, else the cache of this user; of the machine for root, whose home others cannot read. */
export const cache = resolve(
  process.env.LOGS_SERVERS ??
    (root ? '/var/cache/logs-servers' : join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'logs-servers')),
);

/** One folder for each server that was started: its settings, data, logs and state. */
export const runs = join(cache, 'run');

/** @throws Unavailable where the user that servers run as could not read the folder */
export function openCache() {
  mkdirSync(runs, { recursive: true, mode: 0o755 });
  if (!root) return;
  for (let folder = cache; folder !== dirname(folder); folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o005) === 0o005) continue;
    throw new Unavailable(`servers do not run as root, and ${folder} can be read by root only: set LOGS_SERVERS`);
  }
}
