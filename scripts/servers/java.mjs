import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Unavailable } from './unavailable.mjs';

/**
 * The home of a Java of at least this version: of those there are the oldest, which is the one a server was made for.
 * @throws Unavailable where there is none
 */
export function javaHome(atLeast) {
  const found = installed()
    .map((home) => ({ home, version: versionOf(home) }))
    .sort((a, b) => a.version - b.version);
  const java = found.find(({ version }) => version >= atLeast);
  if (java !== undefined) return java.home;
  const newest = found.at(-1);
  throw new Unavailable(
    `needs Java ${atLeast} or newer (JAVA_HOME, /usr/lib/jvm or the path), ${
      newest === undefined ? 'there is none' : `the newest found is ${newest.version}`
    }`,
  );
}

function installed() {
  const homes = [process.env.JAVA_HOME, ...entries('/usr/lib/jvm')];
  for (const home of entries('/Library/Java/JavaVirtualMachines')) homes.push(join(home, 'Contents', 'Home'));
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const java = join(folder, 'java');
    if (folder !== '' && existsSync(java)) homes.push(dirname(dirname(realpathSync(java))));
  }
  return [...new Set(homes)].filter((home) => home !== undefined && existsSync(join(home, 'bin', 'java')));
}

function entries(folder) {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** The first number of a version, 0 where a Java does not tell. */
function versionOf(home) {
  return Number(/(?:^JAVA_VERSION=|version )"(\d+)/m.exec(describe(home))?.[1] ?? 0);
}

function describe(home) {
  try {
    return readFileSync(join(home, 'release'), 'utf8');
  } catch {
    return spawnSync(join(home, 'bin', 'java'), ['-version'], { encoding: 'utf8' }).stderr ?? '';
  }
}
