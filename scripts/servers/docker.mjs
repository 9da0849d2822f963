// Where a Docker engine answers, a person gets the servers of compose.yaml. Tests never do: they kill what they start.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FILE = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'compose.yaml');

/** The addresses that compose.yaml gives its services. */
const ADDRESSES = {
  kafka: 'kafka://127.0.0.1:9092',
  elasticsearch: 'es://elastic:secret123@127.0.0.1:9200',
  opensearch: 'opensearch://127.0.0.1:9201',
  registry: 'http://127.0.0.1:8081/apis/ccompat/v7',
};

/** Of these names those that compose.yaml has; none without an engine and its `compose`. */
export function composed(names) {
  const there = names.filter((name) => Object.hasOwn(ADDRESSES, name));
  return there.length > 0 && engineAnswers() ? there : [];
}

/** Starts services and waits until they are healthy: {name, url} of each. */
export function composeUp(names) {
  compose(['up', '--detach', '--wait', ...names], 2);
  return names.map((name) => ({ name, url: ADDRESSES[name] }));
}

/** Stops services; their containers keep the data unless it is to be forgotten. */
export function composeDown(names, { forget }) {
  compose([...(forget ? ['rm', '--stop', '--force', '--volumes'] : ['stop']), ...names], 2);
}

/** The services that run, as {name, url}; none without an engine. */
export function composeList() {
  if (composed(Object.keys(ADDRESSES)).length === 0) return [];
  const names = compose(['ps', '--services', '--status', 'running'], 'pipe').split('\n');
  return names.filter((name) => name in ADDRESSES).map((name) => ({ name, url: ADDRESSES[name] }));
}

function engineAnswers() {
  const asked = [['info'], ['compose', 'version']];
  return asked.every((args) => spawnSync('docker', args, { stdio: 'ignore', timeout: 10_000 }).status === 0);
}

function compose(args, stdout) {
  const done = spawnSync('docker', ['compose', '-f', FILE, ...args], {
    stdio: ['ignore', stdout, 2],
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`docker compose ${args[0]} ended with ${done.status ?? done.signal}`);
  return done.stdout ?? '';
}
