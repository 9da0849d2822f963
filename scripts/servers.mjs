// `npm run servers`: real Kafka, Elasticsearch, OpenSearch and Schema Registry on this machine, for a person to try the
// commands with, and for the tests. docs/testing.md tells which versions, and what they need.
import { parseArgs } from 'node:util';
import { composed, composeDown, composeList, composeUp } from './servers/docker.mjs';
import { down, kill, list, programOf, release, up } from './servers/instances.mjs';
import { kinds } from './servers/kinds.mjs';
import { Unavailable } from './servers/unavailable.mjs';

const ALL = Object.keys(kinds);
const USAGE = `usage: npm run servers -- …
  up NAME…         starts servers and prints their addresses
  down [NAME…]     stops them, all if none is named; --forget removes their data too
  kill NAME        ends one as a crash does (--signal SIGKILL); kafka-3: --node 2 ends one broker; up brings it back
  status           what there is
  install [NAME…]  gets the programs and starts nothing
servers: ${ALL.join(', ')}`;

/** What a program that calls this one can tell apart: 2 is a mistake in the call, 3 that it cannot be had here. */
const UNAVAILABLE = 3;

class UsageError extends Error {}

try {
  await run(parse());
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : error instanceof Unavailable ? UNAVAILABLE : 1;
}

async function run({ values, positionals: [verb, ...names] }) {
  switch (verb) {
    case 'up':
      if (names.length === 0) break;
      return start(names.map(known), values);
    case 'down':
      return values.for === undefined ? stop(names, values.forget === true) : release(Number(values.for));
    case 'kill':
      if (names.length !== 1) break;
      return kill(names[0], {
        signal: values.signal,
        node: values.node === undefined ? undefined : Number(values.node),
      });
    case 'status':
      if (names.length > 0) break;
      return status(values.json === true);
    case 'install':
      return everyOne(names.length === 0 ? ALL : names.map(known), programOf);
  }
  throw new UsageError(USAGE);
}

function start(names, { as, for: pid, json = false }) {
  const inDocker = pid === undefined ? composed(names) : [];
  if (inDocker.length > 0) for (const server of composeUp(inDocker)) print(server, json);
  const holder = pid === undefined ? 'hand' : Number(pid);
  const others = names.filter((name) => !inDocker.includes(name));
  return everyOne(others, async (kind) => print(await up(as ?? kind, { kind, holder }), json));
}

async function stop(names, forget) {
  const inDocker = composeList().filter(({ name }) => names.length === 0 || names.includes(name));
  if (inDocker.length > 0)
    composeDown(
      inDocker.map(({ name }) => name),
      { forget },
    );
  const known = list().map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name) && !inDocker.some((other) => other.name === name))
      process.stderr.write(`there is no ${name}\n`);
  }
  await everyOne(
    known.filter((name) => names.length === 0 || names.includes(name)),
    async (name) => {
      await down(name, { forget });
      process.stderr.write(`${name} is down\n`);
    },
  );
}

function status(json) {
  const servers = [...composeList(), ...list()];
  if (servers.length === 0) process.stderr.write('no servers\n');
  for (const server of servers) print(server, json);
}

/** One line for each address; as JSON all that is known of the server. */
function print(server, json) {
  if (json) process.stdout.write(`${JSON.stringify(server)}\n`);
  else {
    const { name, url, urls = {}, files = {}, nodes = [], running = nodes.length } = server;
    const state =
      running === nodes.length ? '' : running === 0 ? '  (down)' : `  (${running} of ${nodes.length} running)`;
    process.stdout.write(`${name.padEnd(14)}  ${url}${state}\n`);
    for (const [what, more] of Object.entries({ ...urls, ...files })) {
      process.stdout.write(`${' '.repeat(14)}  ${what}: ${more}\n`);
    }
  }
}

/** All at once, and to the end for all, whichever fails: then the first failure is thrown, the others are told. */
async function everyOne(names, work) {
  const failures = [];
  await Promise.all(names.map((name) => work(name).catch((error) => failures.push(named(name, error)))));
  for (const { message } of failures.slice(1)) process.stderr.write(`${message}\n`);
  if (failures.length > 0) throw failures[0];
}

function named(name, error) {
  if (!error.message.startsWith(name)) error.message = `${name}: ${error.message}`;
  return error;
}

function known(name) {
  if (ALL.includes(name)) return name;
  throw new UsageError(`no server is called ${JSON.stringify(name)}; there are ${ALL.join(', ')}`);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        forget: { type: 'boolean' },
        signal: { type: 'string', default: 'SIGKILL' },
        node: { type: 'string' },
        json: { type: 'boolean' },
        // For tests: a name of its own instead of the kind's, and the process that needs it.
        as: { type: 'string' },
        for: { type: 'string' },
      },
    });
  } catch (error) {
    throw new UsageError(`${error.message}\n${USAGE}`);
  }
}
