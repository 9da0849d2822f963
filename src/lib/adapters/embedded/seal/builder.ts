import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Fs, nodeFs } from '../../../buffer/fs.ts';
import type { Frame } from '../../../buffer/frame.ts';
import { parseLogFileName, scanFrames } from '../../../buffer/log-file.ts';
import { LogsError } from '../../../errors.ts';
import type { LogRange, SegmentEntry, SourcePosition } from '../layout.ts';
import type { HeldText } from '../scan/scanner.ts';
import { chooseColumns } from '../segment/choose-columns.ts';
import { decodeIndex } from '../segment/idx.ts';
import { borrowDuck, returnDuck } from './builder-duck.ts';
import { makeSegments } from './make-segments.ts';
import { holdText } from './shared-scanner.ts';
import { allOf, blockOf } from './source-block.ts';
import { totalsIn } from './totals.ts';

/** What a builder is asked: plain data, for it crosses to a worker thread. */
export interface BuildRequest {
  /** Absolute. */
  readonly tenantDir: string;
  /** Absolute path of the log file, whose writer's claim the asking process holds. */
  readonly path: string;
  readonly writer: string;
  readonly file: string;
  /** Name for the segments, used once only: several days get the same one in their own folders. */
  readonly name: string;
  /** Frames of this file that commits have consumed already. */
  readonly consumed: readonly LogRange[];
  /** Path of the index of the tenant's newest segment: it says which keys are worth columns. */
  readonly before?: string;
  /** Other log files wait: better soon than small. */
  readonly hurried?: boolean;
}

export interface BuildResult {
  /** Their `ranges` say commit 0: the one that adds them. */
  readonly added: readonly SegmentEntry[];
  /** Absent when no frame was left to consume. */
  readonly consumed?: LogRange;
  readonly positions: readonly SourcePosition[];
  /** `[seq, events]`: frames with events that were kept whole because they could not be parsed. */
  readonly unparsed: readonly (readonly [seq: number, events: number])[];
  /** Places in the log file that were durable once and cannot be read. */
  readonly damage: readonly { readonly offset: number; readonly length: number; readonly what: string }[];
  /** What went wrong and was put right. */
  readonly problems: readonly string[];
}

/** Levels of zstd: while log files wait, and while none does. */
const FAST = 3;
const SMALL = 6;

/**
 * Makes the segments of a log file: one a day, on the disk under their final names, read back and compared with the
 * log's bytes. Nothing of it counts until a commit names it; after an error no file of it is left.
 */
export async function buildSegments(request: BuildRequest, fs: Fs = nodeFs): Promise<BuildResult> {
  let leave = (): void => undefined;
  const before = reading;
  reading = new Promise((resolve) => (leave = resolve));
  await before;
  try {
    return await buildFrom(readLog(request.path), request, fs, leave);
  } finally {
    leave();
  }
}

/** Resolves when the log that was read last is not needed any more: no two of them are in memory. */
let reading = Promise.resolve();
/**
 * Reads a log into the scanner's memory, which holds it until the next. At once: while another thread read, that memory
 * might move.
 */
function readLog(path: string): HeldText {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const log = holdText(size);
    let at = 0;
    for (let read = 1; read > 0 && at < size; at += read) read = readSync(fd, log.bytes(), at, size - at, at);
    return { ...log, bytes: () => log.bytes().subarray(0, at) };
  } finally {
    closeSync(fd);
  }
}

/** `leave` is called when the log's bytes are not read any more. */
async function buildFrom(log: HeldText, request: BuildRequest, fs: Fs, leave: () => void): Promise<BuildResult> {
  const life = parseLogFileName(request.file)?.life;
  if (life === undefined) throw new LogsError('STORE_DAMAGED', `${request.path} is not named as a log file is`);
  const { damage, ...scan } = scanFrames(log.bytes(), life);
  const frames = scan.frames.filter(
    ({ header }) => !request.consumed.some((range) => header.seq >= range.from && header.seq <= range.to),
  );
  const first = frames[0];
  const last = frames.at(-1);
  const problems: string[] = [];
  if (first === undefined || last === undefined) return { added: [], positions: [], unparsed: [], damage, problems };
  const range: LogRange = { writer: request.writer, file: request.file, from: first.header.seq, to: last.header.seq };
  const columns = await columnsAfter(fs, request.before);
  const duck = await borrowDuck(request.tenantDir);
  try {
    const events = allOf(blockOf(log, frames, request.writer));
    const plan = {
      fs,
      duck,
      tenantDir: request.tenantDir,
      name: request.name,
      columns,
      totals: totalsIn(events),
      ids: frames.some(({ header }) => header.ids !== undefined),
      level: request.hurried ? FAST : SMALL,
      tell: (problem: string): void => void problems.push(problem),
      scanned: leave,
    };
    const { entries, unparsed } = await makeSegments(plan, [events]);
    const added = entries.map((entry) => ({ ...entry, ranges: [{ ...range, commit: 0 }] }));
    return { added, consumed: range, positions: positionsIn(frames), unparsed, damage, problems };
  } finally {
    returnDuck(request.tenantDir);
  }
}

/** The keys that the segment made last, in this tenant, says are worth columns; undefined where there is none to ask. */
async function columnsAfter(fs: Fs, before: string | undefined): Promise<readonly string[] | undefined> {
  if (before === undefined) return undefined;
  try {
    const { keys, rows } = decodeIndex(await fs.readFile(before), before);
    return chooseColumns(keys, rows);
  } catch {
    // Compacted away or damaged: the events to come show their keys themselves.
    return undefined;
  }
}

function positionsIn(frames: readonly Frame[]): SourcePosition[] {
  const positions = new Map<string, SourcePosition>();
  for (const { header } of frames) {
    if (header.src === undefined || header.pos === undefined) continue;
    const before = positions.get(header.src);
    if (before !== undefined && before.position > header.pos) continue;
    const hash = header.hash === undefined ? {} : { hash: header.hash };
    positions.set(header.src, { id: header.src, position: header.pos, ...hash });
  }
  return [...positions.values()];
}
