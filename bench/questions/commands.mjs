// Tools that are a new process for every question, ours among them: what a person at a shell waits for.
import { spawn, spawnSync } from 'node:child_process';
import { logs } from '../place.mjs';
import { countOf, eventsOf, rowsOf } from './answers.mjs';

/** `script` is what the shell is given, with the file as $1; undefined where the question cannot be asked. */
const TOOLS = [
  {
    name: 'ripgrep',
    program: 'rg',
    script: ({ rg }) => (rg?.includes('| jq') && versionOf('jq') === undefined ? undefined : rg),
    rows: uniqRows,
  },
  { name: 'jq', program: 'jq', script: ({ jq }) => jq, rows: uniqRows },
  {
    name: 'angle-grinder',
    program: 'agrind',
    script: ({ agrind }) => agrind && `agrind -o json -f "$1" '${agrind}'`,
    rows: jsonRows,
  },
];

/** Those that are installed, and the names of those that are not: {engines, missing}. An engine's version has its name. */
export function openCommands(corpus, store, parquet) {
  const others = [...TOOLS.map((tool) => ({ ...tool, engine: shellEngine(tool, corpus) })), duckDbAnew(parquet)];
  const found = others.map((tool) => ({ ...tool, version: versionOf(tool.program) }));
  const there = found.filter(({ version }) => version !== undefined);
  return {
    engines: [
      oursAnew(store),
      ...there.map(({ name, engine, version }) => ({ ...engine, version: `${name} ${version}` })),
    ],
    missing: found.filter((tool) => !there.includes(tool)).map(({ name }) => name),
  };
}

function oursAnew(store) {
  const tableOf = (query) => ['-o', 'ndjson', query];
  const argsOf = {
    count: (query) => ['-c', query],
    events: (query) => ['-n', '100', '-o', 'raw', query],
    table: tableOf,
    top: tableOf,
  };
  return {
    name: 'ours',
    can: () => true,
    async ask({ kind, query, time }) {
      const { ms, text } = await run([...logs, 'search', '--store', store, ...argsOf[kind](query)]);
      return { ms, answer: answerOf(kind, text, time, jsonRows) };
    },
  };
}

function shellEngine({ name, script, rows }, { file }) {
  return {
    name,
    can: (question) => script(question) !== undefined,
    async ask(question) {
      const { ms, text } = await run(['sh', '-c', script(question), 'sh', file]);
      return { ms, answer: answerOf(question.kind, text, question.time, rows) };
    },
  };
}

function duckDbAnew(parquet) {
  const engine = {
    name: 'DuckDB, Parquet',
    can: ({ sql }) => sql !== undefined,
    async ask({ kind, sql, time }) {
      const { ms, text } = await run(['duckdb', '-jsonlines', '-c', sql(`read_parquet('${parquet}')`)]);
      return { ms, answer: kind === 'count' ? Number(jsonRows(text)[0][0]) : answerOf(kind, text, time, jsonRows) };
    },
  };
  return { name: "DuckDB's shell", program: 'duckdb', engine };
}

/** Nothing found is 1 for many of them. */
async function run([command, ...args]) {
  const began = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LC_ALL: 'C' } });
  const [out, errors] = [[], []];
  child.stdout.on('data', (data) => out.push(data));
  child.stderr.on('data', (data) => errors.push(data));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const ms = performance.now() - began;
  if (code !== 0 && code !== 1)
    throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${Buffer.concat(errors).toString()}`);
  return { ms, text: Buffer.concat(out).toString() };
}

function answerOf(kind, text, time, rows) {
  if (kind === 'count') return countOf(text);
  return kind === 'events' ? eventsOf(text, time) : rowsOf(rows(text));
}

/** Lines of `uniq -c`, or a number alone. */
function uniqRows(text) {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [, count, keys] = /^\s*(\d+)(?: (.*))?$/.exec(line);
      return keys === undefined ? [count] : [...keys.split('|'), count];
    });
}

function jsonRows(text) {
  const lines = text.trimStart().startsWith('[')
    ? JSON.parse(text)
    : text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
  return lines.map((row) => Object.values(row));
}

function versionOf(program) {
  const done = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return done.status === 0 ? /\d[\w.]*/.exec(done.stdout)?.[0] : undefined;
}
