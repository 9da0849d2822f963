// `npm run bench [-- MEASURE… [FILE] [OPTIONS]]`: what the store costs, each figure the median of several runs. `--help`
// tells measures and options. Prints Markdown; `--write` puts it into docs/performance.md.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchCluster } from './cluster.mjs';
import { makeCorpus } from './corpus.mjs';
import { measuredOn } from './machine.mjs';
import { measure } from './measure.mjs';
import { readOptions, USAGE } from './options.mjs';
import { replaceSection } from './page.mjs';
import { logs, root } from './place.mjs';

/** Imported when it is their turn: some of them read the built store. */
const MEASURES = {
  ingest: async (bench) => (await import('./ingest.mjs')).measureIngest(bench),
  freshness: async (bench) => (await import('./freshness.mjs')).measureFreshness(bench),
  start: async (bench) => (await import('./start.mjs')).measureStart(bench),
  questions: async (bench) => (await import('./questions.mjs')).measureQuestions(bench),
  cluster: async (bench) => {
    for (const corpus of await bench.corpora(['nezha'])) benchCluster(corpus.file);
  },
};
const PAGE = join(root, 'docs', 'performance.md');

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(USAGE);
  else await run(options);
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

async function run(options) {
  const work = mkdtempSync(join(tmpdir(), 'logs-bench-data-'));
  try {
    const bench = benchOf(work, options);
    for (const name of options.measures) {
      const text = await MEASURES[name](bench);
      if (text === undefined) continue;
      const section = `${measuredOn()}\n\n${text}`;
      process.stdout.write(`## ${name}\n${section}\n`);
      if (options.write) writeFileSync(PAGE, replaceSection(readFileSync(PAGE, 'utf8'), name, section));
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** What a measure is given: {work, options, talk, corpora(names), storeOf(corpus), shipped(corpus)}. */
function benchOf(work, options) {
  const talk = (line) => process.stderr.write(`${line}\n`);
  const made = new Map();
  const storeOf = ({ name }) => join(work, `store-${name.replaceAll(/\W/g, '-')}`);
  return {
    work,
    options,
    talk,
    storeOf,
    /** In what state `shipped` gives it. */
    state: options.compact ? 'after `logs store compact`' : 'as `logs ship` leaves it',
    /** The corpora asked for, or those that a measure is made for; each is made once. */
    async corpora(names) {
      const wanted = options.corpora ?? names;
      for (const name of wanted) {
        if (!made.has(name)) made.set(name, await makeCorpus(name, { folder: work, size: options.size, talk }));
      }
      return wanted.map((name) => made.get(name)).filter((corpus) => corpus !== undefined);
    },
    /** The folder of a store that holds all of a corpus: the one that was measured last, or made now. */
    async shipped(corpus) {
      const store = storeOf(corpus);
      if (!existsSync(store)) {
        talk(`shipping ${corpus.title} …`);
        await measure([...logs, 'ship', '--store', store], { input: corpus.file });
        if (options.compact && hasCommand('store:compact'))
          await measure([...logs, 'store', 'compact', '--store', store]);
      }
      return store;
    },
  };
}
