// The servers come from Maven Central, by the user's own Maven and so through the mirrors of its settings.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { locked } from './lock.mjs';
import { cache } from './places.mjs';
import { Unavailable } from './unavailable.mjs';

const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';
const TRIES = 3;

/** @throws Unavailable */
export function needMaven() {
  if (spawnSync('mvn', ['-v'], { stdio: 'ignore' }).status === 0) return;
  throw new Unavailable('needs Maven (mvn) to be installed from Maven Central');
}

/** The folder of an archive unpacked: `artifact` is group:name:version:type[:classifier]. */
export function unpacked(name, artifact) {
  return install(name, (folder) => [`${PLUGIN}:unpack`, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`]);
}

/** The folder of the jars of artifacts and all they need. An artifact is {id: 'group:name:version', without?: 'group:name'}. */
export function jars(name, artifacts) {
  return install(name, (folder) => {
    const project = join(folder, 'pom.xml');
    writeFileSync(project, pom(artifacts));
    const out = `-DoutputDirectory=${join(folder, 'lib')}`;
    return ['-f', project, `${PLUGIN}:copy-dependencies`, '-DincludeScope=runtime', out];
  });
}

/** Appears whole or not at all. One at a time: two Mavens must not write one local repository. */
async function install(name, argsFor) {
  const place = join(cache, name);
  if (existsSync(place)) return place;
  return locked(join(cache, 'install.lock'), async () => {
    if (existsSync(place)) return place;
    needMaven();
    process.stderr.write(`installing ${name} …\n`);
    for (let attempt = 1; ; attempt += 1) {
      const around = mkdtempSync(join(cache, 'new-'));
      const folder = join(around, name);
      mkdirSync(folder, { mode: 0o755 });
      // It remembers for a day that a download failed, unless told to look again.
      const failure = await maven(around, [...argsFor(folder), ...(attempt === 1 ? [] : ['-U'])]);
      if (failure === undefined) renameSync(folder, place);
      rmSync(around, { recursive: true, force: true });
      if (failure === undefined) return place;
      if (attempt === TRIES) throw new Unavailable(`${name} could not be installed: ${failure}`);
      await sleep(2000 * attempt);
    }
  });
}

/** What went wrong, if anything did. It leaves notes of its own where it runs. */
function maven(cwd, args) {
  return new Promise((resolve, reject) => {
    const options = { cwd, stdio: ['ignore', 'pipe', 'pipe'] };
    const child = spawn('mvn', ['-B', '-q', '-Dstyle.color=never', ...args], options);
    const output = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(undefined);
      else resolve(/\[ERROR\] (\S.+)/.exec(Buffer.concat(output).toString())?.[1] ?? `mvn ended with ${code}`);
    });
  });
}

function pom(artifacts) {
  const dependencies = artifacts.map(({ id, without }) => {
    const [group, name, version] = id.split(':');
    const [outGroup, outName] = without?.split(':') ?? [];
    const exclusions =
      without === undefined
        ? ''
        : `<exclusions><exclusion><groupId>${outGroup}</groupId><artifactId>${outName}</artifactId></exclusion></exclusions>`;
    return `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version>${exclusions}</dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>server</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependencies.join('\n')}</dependencies></project>\n`;
}
