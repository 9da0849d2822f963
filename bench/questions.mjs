// The questions people ask of logs, to our store and to what they would otherwise use on the same bytes. Answers are
// compared. Tools take turns, so that what else the machine does meets all alike.
import { join } from 'node:path';
import { sizeOf } from './corpus.mjs';
import { spread } from './measure.mjs';
import { alike, sizeOfAnswer } from './questions/answers.mjs';
import { questionsOf } from './questions/asked.mjs';
import { openCommands } from './questions/commands.mjs';
import { openDuckDb } from './questions/duckdb.mjs';
import { lineAt } from './questions/line-at.mjs';
import { openOurs } from './questions/ours.mjs';
import { short, table } from './table.mjs';

export const MADE_FOR = ['nezha', 'shop'];
/**
 * In one process an answer takes milliseconds, and the first ones of a kind several times as many, until their code is
 * compiled: each engine is asked so often before it counts, or as often as fits into this time. Then so often in a row
 * before it is another's turn: what scans the whole file leaves nothing of others in the processor's caches.
 */
const IN_ONE = { perRound: 10, uncounted: 25, uncountedMs: 2000 };
const ANEW = { perRound: 1, uncounted: 1, uncountedMs: 0 };
/** All runs of a round that has several, as long as they take no longer than this together. */
const QUICK_MS = 3000;
/** What takes long is asked less often: as often as fits into this, and once. */
const SLOW_MS = 10_000;

/** Gives the section's Markdown; undefined where no corpus is known. */
export async function measureQuestions(bench) {
  const parts = [];
  const told = new Set();
  for (const corpus of await bench.corpora(MADE_FOR)) {
    if (corpus.fields === undefined) bench.talk(`${corpus.title}: its fields are not known, no questions asked`);
    else parts.push(`### ${corpus.title}\n${sizeOf(corpus)}.`, await onCorpus(bench, corpus, told));
  }
  if (parts.length === 0) return undefined;
  const how = [
    `Milliseconds, the median of at least ${bench.options.rounds} runs (of fewer where those take more than ${SLOW_MS / 1000} s), the page cache warm, the store ${bench.state}; with it how many times as long as ours it took.`,
    `Not counted before those: new processes one run each, in one process ${IN_ONE.uncounted} of each tool and question, or as many as fit into ${IN_ONE.uncountedMs / 1000} s; then each is asked ${IN_ONE.perRound} times in a row before it is another's turn.`,
    'Every answer was compared with ours: ≠ marks another one.',
    'ripgrep, jq and angle-grinder read the file itself; ripgrep looks at whole lines, and has jq behind it for the newest; jq has `sort` and `uniq` behind it.',
    'DuckDB has every field as a column.',
    ...told,
  ];
  return [how.join(' '), ...parts].join('\n\n');
}

async function onCorpus(bench, corpus, told) {
  const store = await bench.shipped(corpus);
  const parquet = join(bench.work, `${corpus.name}.parquet`);
  const duck = await openDuckDb(corpus, parquet);
  const ours = await openOurs(store);
  const { engines, missing } = openCommands(corpus, store, parquet);
  const questions = questionsOf(corpus, JSON.parse(lineAt(corpus.file, corpus.bytes >> 1)));
  try {
    const resident = [ours, ...duck.engines];
    const inOne = await askAll(bench, `${corpus.name}, one process`, questions, resident, IN_ONE);
    const anew = await askAll(bench, `${corpus.name}, new processes`, questions, engines, ANEW);
    const versions = [duck.version, ...engines.map(({ version }) => version)].filter((each) => each !== undefined);
    const absent = missing.length === 0 ? '' : ` Not installed here: ${missing.join(', ')}.`;
    told.add(`Versions: ${versions.join(', ')}.${absent}`);
    return `In one process that asks again and again, ours with its 95th percentile; DuckDB's Parquet file has ${(duck.parquetBytes / 1e6).toFixed(1)} MB.

${answersTable(questions, resident, inOne, inOne)}
A new process for each question.

${answersTable(questions, engines, anew, inOne)}`;
  } finally {
    await ours.close();
    duck.close();
  }
}

/** What each engine took for each question, and what it answered: maps of {times, answer}, without those that cannot. */
async function askAll({ options, talk }, where, questions, engines, pace) {
  const all = [];
  for (const question of questions) {
    talk(`${where}: ${question.name} …`);
    const asked = [];
    for (const engine of engines.filter((each) => each.can(question))) {
      const { ms, answer } = await warmUp(engine, question, pace);
      const quick = Math.min(pace.perRound * options.rounds, Math.floor(QUICK_MS / ms));
      const slow = Math.max(1, Math.min(options.rounds, Math.floor(SLOW_MS / ms)));
      asked.push({ engine, answer, runs: Math.max(slow, quick), times: [] });
    }
    const most = Math.max(...asked.map(({ runs }) => runs));
    for (let from = 0; from < most; from += pace.perRound) {
      for (const { engine, runs, times } of asked) {
        const to = Math.min(runs, from + pace.perRound);
        for (let run = from; run < to; run++) times.push((await engine.ask(question)).ms);
      }
    }
    all.push(new Map(asked.map(({ engine, times, answer }) => [engine, { times: spread(times), answer }])));
  }
  return all;
}

/** What the last of the runs that are not counted took, and answered. */
async function warmUp(engine, question, { uncounted, uncountedMs }) {
  let asked = await engine.ask(question);
  let spent = asked.ms;
  for (let run = 1; run < uncounted && spent < uncountedMs; run++) {
    asked = await engine.ask(question);
    spent += asked.ms;
  }
  return asked;
}

function answersTable(questions, engines, all, reference) {
  const [ours] = engines;
  const rows = questions.map(({ name, kind }, at) => {
    const { answer: expected } = [...reference[at].values()][0];
    const mine = all[at].get(ours);
    const cells = engines.map((engine) =>
      cell(kind, all[at].get(engine), engine === ours ? undefined : mine, expected),
    );
    return [name, sizeOfAnswer(kind, expected), ...cells];
  });
  return table(['', 'answer', ...engines.map(({ name }) => name)], rows);
}

function cell(kind, asked, mine, expected) {
  if (asked === undefined) return '–';
  const { times, answer } = asked;
  const other = alike(kind, answer, expected) ? '' : ' ≠';
  if (mine === undefined) return `${short(times.median)} (p95 ${short(times.p95)})${other}`;
  return `${short(times.median)} (${short(times.median / mine.times.median)}x)${other}`;
}
