import type { EventFlow } from '../lib/app/event-flow.ts';
import type { JudgedEvent } from '../lib/app/judge-events.ts';
import type { ReadOptions } from '../lib/app/ship-source.ts';
import type { ExampleResult } from '../lib/app/try-examples.ts';
import { LogsError } from '../lib/errors.ts';
import { escapeToLine } from '../lib/render/escape.ts';
import { loadPipeline, oneFile, readText } from './load-pipeline.ts';
import { jsonLine, talk, writeDocument, writeOutput } from './streams.ts';

interface Flags {
  readonly json: boolean;
  readonly examples?: string | undefined;
  readonly lagging: boolean;
}

interface Trial {
  readonly read: ReadOptions;
  readonly flow: EventFlow;
}

/** `logs pipeline test`, from what was typed to the exit code. */
export async function testPipeline(
  [file, ...logs]: readonly string[],
  flags: Flags,
  signal: AbortSignal,
): Promise<0 | 1> {
  const example =
    'logs pipeline test pipeline.yaml --examples examples.yaml, or app.log | logs pipeline test pipeline.yaml';
  const named = oneFile(file === undefined ? [] : [file], example);
  if (flags.examples !== undefined && logs.length > 0) {
    throw new LogsError('USAGE', `--examples has its own events: ${logs[0]} is one file too many`, { hint: example });
  }
  if (flags.examples === undefined && logs.length === 0 && process.stdin.isTTY) {
    throw new LogsError('USAGE', 'nothing to test with: standard input is a terminal', { hint: example });
  }
  const { pipeline, notes } = await loadPipeline(named, {}, 'not needed');
  for (const note of notes) talk(`note: ${note}`);
  const { EventFlow: Flow } = await import('../lib/app/event-flow.ts');
  const { readOptionsOf } = await import('../lib/app/read-options.ts');
  const read = readOptionsOf(pipeline.read);
  const trial = { read, flow: new Flow(pipeline) };
  if (flags.examples !== undefined) return runExamples(flags.examples, trial, flags, signal);
  trial.flow.lagging = flags.lagging;
  return showEvents(logs, trial, flags, signal);
}

async function runExamples(file: string, trial: Trial, flags: Flags, signal: AbortSignal): Promise<0 | 1> {
  const { readExamples } = await import('../lib/config/examples.ts');
  const { tryExamples } = await import('../lib/app/try-examples.ts');
  const examples = readExamples(await readText(file), file);
  const results: ExampleResult[] = [];
  for await (const result of tryExamples(examples, trial, signal)) {
    results.push(result);
    if (!flags.json) await writeOutput(exampleLines(result, file));
  }
  const failed = results.filter(({ differences }) => differences.length > 0).length;
  if (flags.json) await writeDocument(jsonLine({ passed: results.length - failed, failed, examples: results }));
  else talk(failed === 0 ? `all ${results.length} examples passed` : `${failed} of ${results.length} examples failed`);
  return failed === 0 ? 0 : 1;
}

/** `ok` and the name, or `FAIL` with its place and what is other than expected. */
function exampleLines({ name, line, differences }: ExampleResult, file: string): string {
  if (differences.length === 0) return `ok    ${escapeToLine(name)}\n`;
  const several = differences.some(({ event }) => event > 1);
  const lines = differences.map(({ event, what, expected, got }) => {
    const which = several && event > 0 ? `event ${event}, ${what}` : what;
    return `      ${escapeToLine(`${which}: expected ${expected}, got ${got}`)}\n`;
  });
  return `FAIL  ${escapeToLine(`${name} (${file}:${line})`)}\n${lines.join('')}`;
}

async function showEvents(logs: readonly string[], trial: Trial, flags: Flags, signal: AbortSignal): Promise<0 | 1> {
  const { findSources } = await import('../lib/wire/sources.ts');
  const { judgeEvents } = await import('../lib/app/judge-events.ts');
  const { targetName } = await import('../lib/app/try-examples.ts');
  const names = trial.flow.targets.map(targetName);
  const { sources, failures } = await findSources(logs, [], []);
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  for (const source of sources) {
    for await (const event of judgeEvents(await source.open(), trial, signal)) {
      const shown = shownEvent(source.name, event, names);
      await writeOutput(flags.json ? jsonLine(shown) : `${eventLine(shown)}\n`);
    }
  }
  signal.throwIfAborted();
  return 0;
}

function shownEvent(source: string, { line, record, judgement }: JudgedEvent, names: readonly string[]) {
  return {
    source,
    line,
    level: record.level,
    service: record.service ?? null,
    message: record.message ?? null,
    to: judgement.targets.map((target) => names[target] as string),
    share: judgement.share,
    dropped: judgement.dropped ?? null,
  };
}

function eventLine({
  source,
  line,
  level,
  service,
  message,
  to,
  share,
  dropped,
}: ReturnType<typeof shownEvent>): string {
  const part = share > 0 && share < 1 ? `${Number((share * 100).toPrecision(3))} % of such to ` : '';
  const way = dropped === null ? `${part}${to.join(' and ')}` : `dropped by ${dropped}`;
  const text = message === null ? '-' : message.length > 60 ? `${message.slice(0, 60)}…` : message;
  return escapeToLine(`${source}:${line} ${level} ${service ?? '-'} ${JSON.stringify(text)} -> ${way}`);
}
