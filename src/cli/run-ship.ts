import type { DryRunOptions } from '../lib/app/dry-run.ts';
import type { SourceToOpen } from '../lib/app/ship.ts';
import type { ShipSummary } from '../lib/app/ship-result.ts';
import type { ReadOptions } from '../lib/app/ship-source.ts';
import { fromTopicsAlone, type Pipeline } from '../lib/config/pipeline.ts';
import { LogsError } from '../lib/errors.ts';
import { errorBody } from './failure.ts';
import { loadPipeline } from './load-pipeline.ts';
import { milliseconds } from './milliseconds.ts';
import { type PipelineFlags, settingsOf } from './pipeline-options.ts';
import { shipProgress, summaryLines } from './ship-talk.ts';
import { ownFolders, targetParts } from './ship-target.ts';
import { jsonLine, talk, writeOutput } from './streams.ts';

/** The flags of `ship`, as typed but for `store`, which is the folder. */
export interface RunShipFlags extends PipelineFlags {
  readonly store: string;
  readonly json: boolean;
  readonly pipeline?: string | undefined;
  readonly again: boolean;
  readonly follow: boolean;
  readonly spool: boolean;
  readonly grace: string;
  readonly 'dry-run': boolean;
  readonly sample?: number | undefined;
}

/** So many files that were left out are told of; thousands would hide the summary. */
const TOLD = 20;
/** Events of each source that a dry run shows. */
const SAMPLE = 10;

const SAFE = 'what is counted here is safe; files shipped again send the rest';

interface Found {
  readonly sources: readonly SourceToOpen[];
  readonly failures: readonly LogsError[];
}

type Code = 0 | 2 | 130;

/** One run of `ship`, from what was typed to the exit code. Throws what is wrong where nothing was told of it yet. */
export async function runShip(names: readonly string[], flags: RunShipFlags, signal: AbortSignal): Promise<Code> {
  const { pipeline, notes } = await loadPipeline(flags.pipeline, settingsOf(flags, names));
  for (const note of notes) talk(`note: ${note}`);
  if (pipeline.from.length === 0 && process.stdin.isTTY) {
    throw new LogsError('USAGE', 'nothing to ship: no file was named, and standard input is a terminal', {
      hint: 'cat app.log | logs ship, or logs ship app.log',
    });
  }
  const targets = [pipeline.to, ...pipeline.routes.map(({ to }) => to)].flatMap(({ urls }) => urls);
  if (flags.json && targets.includes('-')) {
    throw new LogsError('USAGE', '--json does not go with --to -: standard output is for the events', {
      hint: 'leave out --json; the summary is on standard error',
    });
  }
  const { readOptionsOf } = await import('../lib/app/read-options.ts');
  const read = readOptionsOf(pipeline.read);
  const { isTopic } = await import('../lib/wire/addresses.ts');
  const { findSources } = await import('../lib/wire/sources.ts');
  const topics = pipeline.from.filter(isTopic);
  const files = pipeline.from.filter((name) => !isTopic(name));
  const onlyTopics = topics.length > 0 && files.length === 0;
  const found = onlyTopics
    ? NONE
    : await findSources(files, [...ownFolders(pipeline, flags.store, targets), ...pipeline.exclude], targets);
  for (const reason of found.skipped) talk(`left out: ${reason}`);
  if (found.sources.length + topics.length === 0 && found.failures.length > 0)
    return end(undefined, found.failures, flags, signal);
  if (flags['dry-run']) {
    for (const topic of topics) talk(`${topic}: topics are not looked at in a dry run`);
    return tryOut({ ...found, read, sample: flags.sample ?? SAMPLE }, flags, signal);
  }
  return send({ ...found, topics }, onlyTopics ? fromTopicsAlone(pipeline) : pipeline, read, flags, signal);
}

const NONE = { sources: [], failures: [], skipped: [] };

async function send(
  found: Found & { readonly topics: readonly string[] },
  pipeline: Pipeline,
  read: ReadOptions,
  flags: RunShipFlags,
  signal: AbortSignal,
): Promise<Code> {
  const { openTopicSource } = await import('../lib/wire/sources.ts');
  const { composeTarget } = await import('../lib/app/compose-target.ts');
  const { ship } = await import('../lib/app/ship.ts');
  const grace = milliseconds(flags.grace);
  const streams = await Promise.all(found.topics.map((topic) => openTopicSource(topic)));
  for (const stream of streams) await stream.check(signal);
  const parts = targetParts(flags.store);
  const target = await composeTarget(pipeline, { parts, spool: flags.spool, graceMs: grace, tell: talk }, signal);
  const { sources } = found;
  const { show, stop } = shipProgress();
  const { follow, again } = flags;
  const shipped = await ship({ sources, streams, follow, read, target, again, grace, progress: show }, signal).finally(
    stop,
  );
  const { files } = shipped.summary;
  const summary = { ...shipped.summary, files: { ...files, skipped: files.skipped + found.failures.length } };
  if (!flags.json) for (const line of summaryLines(summary)) talk(line);
  return end(summary, [...found.failures, ...shipped.failures], flags, signal, shipped.failed);
}
async function tryOut(options: DryRunOptions & Found, flags: RunShipFlags, signal: AbortSignal): Promise<Code> {
  const { describe, dryRun } = await import('../lib/app/dry-run.ts');
  const events = dryRun(options, signal);
  for (;;) {
    const next = await events.next();
    if (next.done) {
      for (const name of next.value.empty) talk(`${name === '-' ? 'standard input' : name}: no events`);
      if (!flags.json) talk('nothing was stored: this was a dry run');
      return end(undefined, [...options.failures, ...next.value.failures], flags, signal);
    }
    await writeOutput(flags.json ? jsonLine(next.value) : `${describe(next.value)}\n`);
  }
}

/**
 * Tells what could not be shipped, and says how the command ends: in the one document of `--json` beside what was
 * shipped, else in lines, of which the last is the error thrown.
 */
async function end(
  summary: ShipSummary | undefined,
  failures: readonly LogsError[],
  { json }: RunShipFlags,
  signal: AbortSignal,
  failed?: LogsError,
): Promise<Code> {
  const interrupted = signal.reason instanceof LogsError ? signal.reason : undefined;
  if (interrupted === undefined) signal.throwIfAborted();
  // A file that someone else ships is no failure where others were shipped.
  const faults = failures.filter(({ code }) => code !== 'SOURCE_CLAIMED' || !summary?.files.shipped);
  const fault = interrupted ?? failed ?? faults[0];
  if (json && summary !== undefined) {
    const error = fault === undefined ? {} : { error: errorBody(fault) };
    await writeOutput(jsonLine({ ...summary, ...error, errors: failures.map(errorBody) }));
    return fault?.exit ?? 0;
  }
  if (summary !== undefined && interrupted !== undefined) talk(`interrupted: ${SAFE}`);
  else if (summary !== undefined && failed !== undefined) talk(`cut short: ${SAFE}`);
  const others = failures.filter((failure) => failure !== fault);
  for (const other of others.slice(0, TOLD)) talk(other.message);
  if (others.length > TOLD) talk(`and ${others.length - TOLD} more`);
  if (fault !== undefined) throw fault;
  return 0;
}
