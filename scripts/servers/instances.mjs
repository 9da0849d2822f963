// A server that was started: its folder, what runs of it, who asked for it. It is told of in state.json, so that any
// command finds it, whoever started it, and starts what died again on the same ports and data.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { javaHome } from './java.mjs';
import { kinds } from './kinds.mjs';
import { locked } from './lock.mjs';
import { asUser, openCache, runs } from './places.mjs';
import { choosePorts } from './ports.mjs';
import { endProcess, isAlive, processExists, signal, startProcess } from './processes.mjs';

/** Of two cores, and others starting at once. */
const START_MS = 240_000;

/**
 * The Java for a kind of server and the folder of its program, installed if it is not.
 * @throws Unavailable
 */
export async function programOf(kind) {
  openCache();
  return { java: javaHome(kinds[kind].java), home: await kinds[kind].install() };
}

/**
 * Has a server up: as it is, started again where nodes of it died, or new. `holder` is a process that needs it, or
 * 'hand' for a person, who gets the usual ports where they are free.
 * @throws Unavailable where it cannot be had on this machine; Error where it does not start
 */
export async function up(name, { kind, holder }) {
  const { ports, prepare, nodes, isReady } = kinds[kind];
  const at = { ...(await programOf(kind)), folder: join(runs, name) };
  return locked(join(runs, `${name}.lock`), async () => {
    const state = read(name) ?? { kind, ports: await choosePorts(ports, { usual: holder === 'hand' }), nodes: [] };
    state.holders = [...new Set([...(state.holders ?? []), holder])];
    state.kept = state.kept || holder === 'hand';
    mkdirSync(at.folder, { recursive: true });
    chmodSync(at.folder, 0o755);
    const plan = { ...at, ports: state.ports };
    const planned = nodes(plan);
    const isUp = (index) => state.nodes[index] !== undefined && isAlive(state.nodes[index]);
    if (planned.some((_, index) => !isUp(index))) process.stderr.write(`starting ${name} …\n`);
    if (!planned.some((_, index) => isUp(index))) prepare(plan);
    if (asUser.uid !== undefined) spawnSync('chown', ['-R', `${asUser.uid}:${asUser.gid}`, at.folder]);
    for (const [index, { port, ...command }] of planned.entries()) {
      if (isUp(index)) continue;
      state.nodes[index] = { port, log: join(at.folder, `${index + 1}.log`) };
      Object.assign(state.nodes[index], await startProcess({ ...command, log: state.nodes[index].log }));
      write(name, state);
    }
    write(name, state);
    await Promise.all(state.nodes.map((node) => untilReady(name, node, isReady)));
    return described(name, state);
  });
}

/** Stops a server; its data stays for the next `up` unless it is to be forgotten. */
export function down(name, { forget }) {
  return locked(join(runs, `${name}.lock`), () => stop(name, { forget }));
}

async function stop(name, { forget }) {
  const state = read(name);
  if (state === undefined) return;
  await Promise.all(state.nodes.map(endProcess));
  if (forget) rmSync(join(runs, name), { recursive: true, force: true });
  else write(name, { ...state, holders: [] });
}

/** Signals a server as a whole, or one of its nodes (from 1); waits for those to be gone that it ends. */
export async function kill(name, { signal: what, node }) {
  const state = read(name);
  const chosen = (state?.nodes ?? []).filter((_, index) => node === undefined || index + 1 === node);
  const nodes = chosen.filter(isAlive);
  if (nodes.length === 0) throw new Error(`${name}${node === undefined ? '' : `, node ${node},`} is not running`);
  const ends = what !== 'SIGSTOP' && what !== 'SIGCONT';
  await Promise.all(nodes.map((process) => signal(process, what, ends ? 30_000 : 0)));
}

/**
 * A process needs none of its servers any more: those that nobody else holds are stopped, and their data removed but
 * where a person has once asked for them.
 */
export async function release(holder) {
  const held = names().filter((name) => read(name)?.holders.includes(holder));
  await Promise.all(held.map((name) => locked(join(runs, `${name}.lock`), () => leave(name, holder))));
}

async function leave(name, holder) {
  const state = read(name);
  if (state === undefined) return;
  state.holders = state.holders.filter((other) => other !== holder && (other === 'hand' || processExists(other)));
  write(name, state);
  if (state.holders.length === 0) await stop(name, { forget: !state.kept });
}

/** Every server there is: those that were started and not forgotten. */
export function list() {
  return names().flatMap((name) => {
    const state = read(name);
    // Those of a kind that only another version of this program knows are left to that.
    return state === undefined || kinds[state.kind] === undefined ? [] : [described(name, state)];
  });
}

function described(name, { kind, ports, nodes, holders }) {
  const folder = join(runs, name);
  const running = nodes.filter(isAlive).length;
  const more = { urls: {}, files: {}, ...kinds[kind].describe(ports, folder) };
  return { name, kind, ...more, ports, nodes, running, holders, folder };
}

async function untilReady(name, node, isReady) {
  const until = Date.now() + START_MS;
  while (!(await isReady(node.port))) {
    if (!isAlive(node)) throw new Error(`${name} ended while it started; the end of ${node.log}:\n${endOf(node.log)}`);
    if (Date.now() > until) throw new Error(`${name} does not answer after ${START_MS / 1000} s: see ${node.log}`);
    await sleep(100);
  }
}

function endOf(log) {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}

function names() {
  if (!existsSync(runs)) return [];
  return readdirSync(runs).filter((name) => existsSync(join(runs, name, 'state.json')));
}

function read(name) {
  const file = join(runs, name, 'state.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

function write(name, state) {
  const file = join(runs, name, 'state.json');
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
}
