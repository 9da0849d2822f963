import { eachEvent } from '../../../record/events.ts';
import type { Frame } from '../../../buffer/frame.ts';
import { fileFailure } from '../../../buffer/failure.ts';
import { packedId } from '../../../buffer/frame-ids.ts';
import { errorCode, type Fs } from '../../../buffer/fs.ts';
import { scanFrames } from '../../../buffer/log-file.ts';
import { parseEvent } from '../../../parse/parse-event.ts';
import type { LineNeeds } from '../../../query/line-needs.ts';
import type { EventContext, LogRecord } from '../../../record/record.ts';
import { logKey } from '../commits/commit-state.ts';
import type { LogRange, StoreState } from '../layout.ts';
import { formatLogId } from '../../../record/log-id.ts';
import { type LogFileEntry, listLogs } from '../../../buffer/log-folder.ts';

/** A copy of what a log file held when it was read, and which of its frames count. */
export interface LiveLog {
  readonly entry: LogFileEntry;
  readonly bytes: Buffer;
  readonly frames: readonly Frame[];
  readonly damage: readonly { readonly offset: number; readonly what: string }[];
}

/**
 * Copies the valid frames of every log file. To be called before the fold that tells which of them are in segments
 * already: a log that goes meanwhile was committed, so that fold knows its rows.
 */
export async function readLiveLogs(fs: Fs, tenantDir: string): Promise<LiveLog[]> {
  const logs: LiveLog[] = [];
  for (const entry of await listLogs(fs, tenantDir)) {
    const log = await readLiveLog(fs, entry);
    if (log !== undefined) logs.push(log);
  }
  return logs;
}

/** The end of a frame in a log file: where reading goes on. */
export interface LogPlace {
  readonly offset: number;
  readonly seq: number;
  readonly context: EventContext;
}

/** The place behind the last frame of a log read from `from` on; undefined where there is none. */
export function placeBehind({ frames }: LiveLog, from = 0): LogPlace | undefined {
  const last = frames.at(-1);
  if (last === undefined) return undefined;
  return { offset: from + last.payload + last.header.len, seq: last.header.seq, context: last.context };
}

/**
 * What a log file holds behind a place, in `bytes` that begin there. Undefined where that cannot be told from these
 * bytes alone: the file is gone or was cut, or what stands there is no frame; the whole of it tells.
 */
export async function readLogBehind(fs: Fs, entry: LogFileEntry, place: LogPlace): Promise<LiveLog | undefined> {
  if (entry.bytes <= place.offset) return undefined;
  const bytes = Buffer.alloc(entry.bytes - place.offset);
  let length = 0;
  try {
    const file = await fs.open(entry.path, 'read');
    try {
      for (let read = 1; read > 0 && length < bytes.length; length += read)
        read = await file.read(bytes.subarray(length), place.offset + length);
    } finally {
      await file.close();
    }
  } catch (error) {
    // The reading of the whole file tells it.
    if (errorCode(error) !== undefined) return undefined;
    throw error;
  }
  const { frames, damage } = scanFrames(bytes.subarray(0, length), entry.life, place);
  if (damage.length > 0 || frames[0]?.offset !== 0) return undefined;
  return { entry, bytes, frames, damage };
}

/** Undefined when the file is gone. One that the disk cannot read is damaged as a whole. */
export async function readLiveLog(fs: Fs, entry: LogFileEntry): Promise<LiveLog | undefined> {
  try {
    const bytes = await fs.readFile(entry.path);
    const { frames, damage } = scanFrames(bytes, entry.life);
    return { entry, bytes, frames, damage };
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return undefined;
    if (code !== 'EIO') throw fileFailure(error, entry.path, 'read');
    const damage = [{ offset: 0, what: 'the disk cannot read it' }];
    return { entry, bytes: Buffer.alloc(0), frames: [], damage };
  }
}

/** The logs without the frames that the commits have in segments. */
export function unsealed(logs: readonly LiveLog[], state: StoreState): LiveLog[] {
  return logs.map((log) => {
    const consumed = state.consumed.get(logKey(log.entry)) ?? [];
    return consumed.length === 0
      ? log
      : { ...log, frames: log.frames.filter(({ header }) => !isConsumed(consumed, header.seq)) };
  });
}

function isConsumed(ranges: readonly LogRange[], seq: number): boolean {
  return ranges.some((range) => seq >= range.from && seq <= range.to);
}

/** An event of a log file, found again without keeping its record. */
export interface LiveEvent {
  readonly log: LiveLog;
  readonly frame: Frame;
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** Counts the events of the frame from 0. */
  readonly event: number;
}

/** Calls `visit` for every event of a log, in the order received. */
export function eachLiveEvent(log: LiveLog, visit: (event: LiveEvent) => void): void {
  eachLikelyEvent(log, undefined, visit);
}

/** Calls `visit` for the events of a log that may match; gives the number of all others. */
export function eachLikelyEvent(log: LiveLog, needs: LineNeeds | undefined, visit: (event: LiveEvent) => void): number {
  let passed = 0;
  for (const frame of log.frames) {
    const { payload, header } = frame;
    const bytes = log.bytes.subarray(payload, payload + header.len);
    const mayMatch = needs?.within(bytes, frame.context);
    let event = 0;
    eachEvent(bytes, header.join, (start, end, line) => {
      if (mayMatch?.(start, end) === false) passed += 1;
      else visit({ log, frame, start: payload + start, end: payload + end, line, event });
      event += 1;
    });
  }
  return passed;
}

/** The record of an event; its bytes are a copy. */
export function liveRecord(of: LiveEvent): LogRecord {
  const { log, frame, start, end, event } = of;
  const { t, ids } = frame.header;
  const raw = Buffer.from(log.bytes.subarray(start, end));
  const id = ids === undefined ? undefined : packedId(ids, event);
  return parseEvent(raw, frame.context, BigInt(t) * 1_000_000n, id ?? placeId(of));
}

/** The id that an event's place in the log files gives: its own, where it came with none. */
export function placeId({ log, frame, line }: LiveEvent): string {
  return formatLogId(frame.header.t, log.entry.writer, frame.header.seq, line);
}
