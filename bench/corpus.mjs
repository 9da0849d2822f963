// What is measured on: real logs found through LOGS_TEST_DATA, generated ones, or a file of the user's.
import { spawnSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { finished, pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { generateInto } from './generate.mjs';
import { root } from './place.mjs';
import { zstdRatio } from './zstd.mjs';

export const CORPORA = ['nezha', 'nezha4', 'shop', 'entropy', 'access'];

/** Names of fields that the questions ask about. */
const NEZHA = { time: '_time', text: 'msg', pod: 'pod', trace: 'trace_id', host: 'node' };
const GENERATED = {
  time: 'time',
  text: 'message',
  pod: 'pod',
  trace: 'trace_id',
  host: 'host',
  level: 'level',
  service: 'service',
  number: 'latency_ms',
};

const TITLES = {
  shop: 'Generated, compressible',
  entropy: 'Generated, high entropy',
  access: 'Generated, access log',
};

/**
 * Makes a corpus in a folder, by its name or by the path of a file: {name, title, file, bytes, events, zstd, fields}.
 * `zstd` is how many times smaller `zstd -3` makes it; `fields` is absent where they are not known. Undefined where the
 * logs are not here, which is told.
 */
export async function makeCorpus(name, { folder, size, talk }) {
  const described = await describe(name, { folder, size });
  if (described === undefined) {
    talk(`${name}: no such data here, left out: set LOGS_TEST_DATA to the folder that has nezha/nezha-00.ndjson.gz`);
    return undefined;
  }
  const { size: bytes } = statSync(described.file);
  const events = countLines(described.file);
  const corpus = { name, ...described, bytes, events, zstd: zstdRatio(described.file, bytes) };
  talk(`${corpus.title}: ${sizeOf(corpus)}`);
  return corpus;
}

/** `287,820 events, 228.3 MB; zstd -3 makes it 14.8 times smaller`. */
export function sizeOf({ events, bytes, zstd }) {
  const size = `${events.toLocaleString('en')} events, ${(bytes / 1e6).toFixed(1)} MB`;
  return zstd === undefined ? size : `${size}; \`zstd -3\` makes it ${zstd.toFixed(1)} times smaller`;
}

async function describe(name, { folder, size }) {
  if (!CORPORA.includes(name)) return { name: basename(name), title: basename(name), file: name };
  const file = join(folder, `${name}.ndjson`);
  if (name.startsWith('nezha')) {
    const times = name === 'nezha4' ? 4 : 1;
    if (!(await unpackNezha(file, times))) return undefined;
    return { title: times === 1 ? 'Nezha' : 'Nezha, four times over', file, fields: NEZHA };
  }
  const out = createWriteStream(file);
  await generateInto(out, name, { size });
  out.end();
  await finished(out);
  return { title: TITLES[name], file, ...(name === 'access' ? {} : { fields: GENERATED }) };
}

/** The parts of the set, unpacked and joined; false where they are not here. */
async function unpackNezha(file, times) {
  const folder = join(resolve(root, process.env.LOGS_TEST_DATA ?? join('..', 'shared', 'data')), 'nezha');
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const parts = names.filter((name) => /^nezha-\d+\.ndjson\.gz$/.test(name));
  for (let time = 0; time < times; time++) {
    for (const part of parts) {
      await pipeline(createReadStream(join(folder, part)), createGunzip(), createWriteStream(file, { flags: 'a' }));
    }
  }
  return parts.length > 0;
}

/** Lines that are not empty, as grep counts them. */
function countLines(file) {
  const { status, stdout } = spawnSync('grep', ['-c', '.', file], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', ...process.env },
  });
  if (status !== 0) throw new Error(`${file} has no events`);
  return Number(stdout);
}
