// `npm run servers`: real Kafka, Elasticsearch, OpenSearch and Schema Registry on this machine, for a person to try the
// commands with, and for the tests. docs/testing.md tells which versions and what they need.
import { parseArgs } from 'node:util';
import { down, kill, list, release, up } from './servers/instances.mjs';
import { kinds } from './servers/kinds.mjs';
import { Unavailable } from './servers/unavailable.mjs';

const USAGE = `npm run servers -- up NAME…     starts servers, prints their addresses
npm run servers -- down [NAME…] stops them, all if none is named; --forget removes their data too
npm run servers -- kill NAME    ends one as a crash would; up starts it again with its data. --node 2: only that broker
npm run servers -- status       what there is
npm run servers -- install [NAME…]  gets the programs, starts nothing
servers: ${Object.keys(kinds).join(', ')}`;

/** What a program that calls this one can tell apart: 2 is a mistake in the call, 3 that it cannot be had here. */
const UNAVAILABLE = 3;

const { values, positionals } = parse();
const [verb, ...typed] = positionals;
try {
  if (verb === 'up' && typed.length > 0) await start(typed.map(known));
  else if (verb === 'down') await stop(typed);
  else if (verb === 'kill' && typed.length === 1) await kill(typed[0], { signal: values.signal, node: nodeNumber() });
  else if (verb === 'status' && typed.length === 0) status();
  else if (verb === 'install') await install(typed.map(known));
  else throw usage();
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof Unavailable ? UNAVAILABLE : (error.exitCode ?? 1);
}

async function start(names) {
  const holder = values.for === undefined ? 'hand' : Number(values.for);
  const starts = names.map((kind) => up(values.as ?? kind, { kind, holder }).then(print));
  const failed = (await Promise.allSettled(starts)).find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function stop(names) {
  if (values.for !== undefined) return release(Number(values.for));
  const all = names.length === 0 ? list().map(({ name }) => name) : names;
  await Promise.all(
    all.map(async (name) => {
      const was = await down(name, { forget: values.forget === true });
      process.stderr.write(was ? `${name} is down\n` : `${name} was not up\n`);
    }),
  );
}

function status() {
  const servers = list();
  if (servers.length === 0) process.stderr.write('no servers\n');
  for (const server of servers) print(server);
}

async function install(names) {
  for (const name of names.length === 0 ? Object.keys(kinds) : names) await kinds[name].install();
}

function print(server) {
  if (values.json) return process.stdout.write(`${JSON.stringify(server)}\n`);
  const { name, url, urls, files, nodes, running } = server;
  const state = running === nodes.length ? '' : `  (${running} of ${nodes.length} running)`;
  process.stdout.write(`${name.padEnd(14)}  ${url}${state}\n`);
  for (const [what, more] of Object.entries({ ...urls, ...files })) {
    process.stdout.write(`${' '.repeat(14)}  ${what}: ${more}\n`);
  }
}

function nodeNumber() {
  return values.node === undefined ? undefined : Number(values.node);
}

function known(name) {
  if (Object.hasOwn(kinds, name)) return name;
  throw usage(`no server ${JSON.stringify(name)}`);
}

function usage(why) {
  return Object.assign(new Error(why === undefined ? USAGE : `${why}\n${USAGE}`), { exitCode: 2 });
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
        // For tests: a name of its own instead of the kind's, and the process that it is needed by.
        as: { type: 'string' },
        for: { type: 'string' },
      },
    });
  } catch (error) {
    process.stderr.write(`${error.message}\n${USAGE}\n`);
    process.exit(2);
  }
}
