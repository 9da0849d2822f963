import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CORPORA } from './corpus.mjs';
import { hasCommand } from './place.mjs';
import { bytesOf } from './sizes.mjs';

/** Every measure, in the order they run in; `cluster` only when it is named. */
export const MEASURES = ['ingest', 'freshness', 'start', 'questions'];

export const USAGE = `usage: npm run bench [-- MEASURE… [FILE] [OPTIONS]]

MEASURE   ${MEASURES.join(', ')}: all of them when none is named; or cluster
FILE      measure on this file; questions are asked only of corpora that are known
--on      corpora, with commas: ${CORPORA.join(', ')}; default ${CORPORA.join(',')}
--size    of each generated corpus; default 256MB
--rounds  runs of each, ours and others in turn; default 5
--rate    bytes a second while freshness is measured; default 20MB
--for     seconds that freshness is measured for; default 30
--compact compact stores before they are asked
--write   put the results into docs/performance.md
`;

/** What was asked for on the command line. Throws, with a line to show, where it cannot be meant. */
export function readOptions(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      on: { type: 'string' },
      size: { type: 'string', default: '256MB' },
      rounds: { type: 'string', default: '5' },
      rate: { type: 'string', default: '20MB' },
      for: { type: 'string', default: '30' },
      compact: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const known = [...MEASURES, 'cluster'];
  const measures = positionals.filter((name) => known.includes(name));
  const files = positionals.filter((name) => !known.includes(name)).map(fromCaller);
  for (const file of files) if (!existsSync(file)) throw new Error(`${file} is neither a measure nor a file`);
  if (values.compact && !hasCommand('store:compact')) throw new Error('there is no `logs store compact` yet');
  const named = values.on?.split(',');
  for (const name of named ?? []) if (!CORPORA.includes(name)) throw new Error(`no corpus is called ${name}`);
  return {
    ...values,
    measures: measures.length > 0 ? measures : MEASURES,
    file: files[0],
    /** Absent: what each measure is made for. */
    corpora: files.length > 0 ? files : named,
    size: bytesOf(values.size),
    rate: bytesOf(values.rate),
    rounds: countOf('--rounds', values.rounds),
    seconds: countOf('--for', values.for),
  };
}

function countOf(flag, text) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${flag} takes a whole number above 0`);
  return number;
}

/** npm runs scripts in the package's folder, whatever folder it was called in. */
function fromCaller(path) {
  return resolve(process.env.INIT_CWD ?? '.', path);
}
