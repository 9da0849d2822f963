import { join } from 'node:path';
import { crcOf } from '../../../buffer/crc.ts';
import { removeIfThere, writeNewFile } from '../../../buffer/durable.ts';
import { eachEvent } from '../../../record/events.ts';
import { logIdsOf } from '../../../record/log-id.ts';
import type { FrameHeader } from '../../../buffer/frame.ts';
import { packedId } from '../../../buffer/frame-ids.ts';
import { type Fs, nodeFs } from '../../../buffer/fs.ts';
import { parseLogFileName, scanFrames } from '../../../buffer/log-file.ts';
import { LogsError } from '../../../errors.ts';
import { parseEvent } from '../../../parse/parse-event.ts';
import { DAY_NS } from '../../../record/time.ts';
import { DayRows } from './day-rows.ts';
import { borrowDuck, returnDuck } from './builder-duck.ts';
import { type Duck, isOutOfMemory } from '../segment/duckdb.ts';
import { encodeIndex } from '../segment/idx.ts';
import type { LogRange, SegmentEntry, SourcePosition } from '../layout.ts';
import { deleteSpareFiles, sparePlainFile } from './plain-files.ts';
import { readLayout } from '../segment/parquet-layout.ts';
import { isUnparsed } from '../write/unparsed.ts';
import { compareRows } from './read-back.ts';
import { copySql, dayName, GROUP_ROWS, idxPath, parquetPath } from '../segment/segment.ts';

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
}

/** Days that get a segment of their own; the events of all further days share one, named after the first of them. */
const MOST_DAYS = 64;
const SMALLEST_GROUP = 2048;

/**
 * Makes the segments of a log file: one a day, on the disk under their final names, read back and compared with the
 * log's bytes. Nothing of it counts until a commit names it; after an error no file of it is left.
 */
export async function buildSegments(request: BuildRequest, fs: Fs = nodeFs): Promise<BuildResult> {
  const room = spareRooms.pop() ?? { bytes: Buffer.alloc(0) };
  try {
    return await buildFrom(await readLog(fs, request.path, room), request, fs);
  } finally {
    if (spareRooms.length === 0) spareRooms.push(room);
  }
}

/**
 * The buffer that one log after the other is read into. A new one of 24 MiB for each is memory that the thread keeps
 * until its next full collection, several at a time, and that the kernel has to clear.
 */
interface Room {
  bytes: Buffer;
}
const spareRooms: Room[] = [];

async function readLog(fs: Fs, path: string, room: Room): Promise<Buffer> {
  const file = await fs.open(path, 'read');
  try {
    const size = await file.size();
    if (room.bytes.length < size) room.bytes = Buffer.allocUnsafeSlow(size);
    let at = 0;
    for (let read = 1; read > 0 && at < size; at += read) read = await file.read(room.bytes.subarray(at, size), at);
    return room.bytes.subarray(0, at);
  } finally {
    await file.close();
  }
}

async function buildFrom(log: Buffer, request: BuildRequest, fs: Fs): Promise<BuildResult> {
  const life = parseLogFileName(request.file)?.life;
  if (life === undefined) throw new LogsError('STORE_DAMAGED', `${request.path} is not named as a log file is`);
  const scan = scanFrames(log, life);
  const frames = scan.frames.filter(
    ({ header }) => !request.consumed.some((range) => header.seq >= range.from && header.seq <= range.to),
  );
  const first = frames[0];
  const last = frames.at(-1);
  if (first === undefined || last === undefined) {
    return { added: [], positions: [], unparsed: [], damage: scan.damage };
  }
  const range: LogRange = { writer: request.writer, file: request.file, from: first.header.seq, to: last.header.seq };

  const days = new Map<number, DayRows>();
  const withIds = frames.some(({ header }) => header.ids !== undefined);
  const made: string[] = [];
  const unparsed: [number, number][] = [];
  const duck = await borrowDuck(request.tenantDir);
  try {
    let current: DayRows | undefined;
    let from = 0n;
    let to = 0n;
    for (const { header, context, payload } of frames) {
      const bytes = log.subarray(payload, payload + header.len);
      const receivedAt = BigInt(header.t) * 1_000_000n;
      let failed = 0;
      let event = 0;
      const idOf = withIds ? idsOf(header, request.writer) : undefined;
      eachEvent(bytes, header.join, (start, end, line) => {
        const raw = bytes.subarray(start, end);
        const record = parseEvent(raw, context, receivedAt, '');
        if (isUnparsed(record)) failed++;
        if (current === undefined || record.ts < from || record.ts >= to) {
          const day = Number(record.ts / DAY_NS);
          from = BigInt(day) * DAY_NS;
          to = from + DAY_NS;
          current = dayRows(request, days, day, made, withIds);
        }
        const place = {
          start: payload + start,
          end: payload + end,
          seq: header.seq,
          line,
          received: header.t,
          context,
          id: idOf?.(event, line),
        };
        current.add(record, raw, place);
        event += 1;
      });
      if (failed > 0) unparsed.push([header.seq, failed]);
    }
    const added: SegmentEntry[] = [];
    for (const rows of new Set(days.values())) added.push(await finishDay(request, fs, duck, rows, range, log, made));
    const positions = new Map<string, SourcePosition>();
    for (const { header } of frames) {
      if (header.src === undefined || header.pos === undefined) continue;
      const before = positions.get(header.src);
      if (before !== undefined && before.position > header.pos) continue;
      const hash = header.hash === undefined ? {} : { hash: header.hash };
      positions.set(header.src, { id: header.src, position: header.pos, ...hash });
    }
    return { added, consumed: range, positions: [...positions.values()], unparsed, damage: scan.damage };
  } catch (error) {
    for (const rows of days.values()) rows.close();
    for (const path of made) await removeIfThere(fs, path);
    // The disk may be full.
    deleteSpareFiles();
    throw error;
  } finally {
    returnDuck(request.tenantDir);
  }
}

/** The id of an event of a frame, by its number and its first line. */
function idsOf({ ids, t, seq }: FrameHeader, writer: string): (event: number, line: number) => string {
  const placed = logIdsOf(t, writer, seq);
  return (event, line) => (ids === undefined ? undefined : packedId(ids, event)) ?? placed(line);
}

function dayRows(
  request: BuildRequest,
  days: Map<number, DayRows>,
  day: number,
  made: string[],
  ids: boolean,
): DayRows {
  const known = days.get(day);
  if (known !== undefined) return known;
  const all = [...new Set(days.values())];
  let rows = all.length > MOST_DAYS ? all.at(-1) : undefined;
  if (rows === undefined) {
    const path = join(request.tenantDir, dayName(day), `${request.name}.plain.tmp`);
    rows = new DayRows(day, path, request.writer, ids);
    made.push(path);
  }
  days.set(day, rows);
  return rows;
}

async function finishDay(
  request: BuildRequest,
  fs: Fs,
  duck: Duck,
  rows: DayRows,
  range: LogRange,
  log: Buffer,
  made: string[],
): Promise<SegmentEntry> {
  rows.finish();
  const place = { day: dayName(rows.day), name: request.name };
  const folder = join(request.tenantDir, place.day);
  // Whoever made the folder may not have synced its name yet.
  await fs.syncFolder(request.tenantDir);
  const parquet = parquetPath(request.tenantDir, place);
  const idx = idxPath(request.tenantDir, place);
  const temporary = `${parquet}.tmp`;
  made.push(temporary, parquet, `${idx}.tmp`, idx);
  await copy(fs, duck, rows.path, temporary);
  const bytes = await fs.readFile(temporary);
  const layout = await readLayout(duck, temporary, bytes);
  const filters = { tokens: Buffer.alloc(0), trigrams: Buffer.alloc(0) };
  const times = { minTs: rows.minTs, maxTs: rows.maxTs };
  const groups = layout.groups.map((group) => ({ ...group, ...times, open: true, filters }));
  const index = encodeIndex({ rows: rows.rows, groups, footer: layout.footer, runs: rows.runs, keys: [] });
  await writeNewFile(fs, `${idx}.tmp`, index);
  await syncFile(fs, temporary);
  await fs.rename(temporary, parquet);
  await fs.rename(`${idx}.tmp`, idx);
  await fs.syncFolder(folder);
  await compareRows(duck, fs, { parquet, idx, index, plain: rows.path, rows, log });
  sparePlainFile(rows.path);
  rows.release();
  const counts = rows.counts();
  return {
    ...place,
    rows: rows.rows,
    rawBytes: rows.rawBytes,
    minTs: String(rows.minTs),
    maxTs: String(rows.maxTs),
    minReceived: rows.minReceived,
    maxReceived: rows.maxReceived,
    parquet: { bytes: bytes.length, crc: crcOf(bytes) },
    idx: { bytes: index.length, crc: crcOf(index) },
    ...(rows.ids ? { ids: true as const } : {}),
    columns: [],
    ...(counts === undefined ? {} : { counts }),
    ranges: [{ ...range, commit: 0 }],
  };
}

async function copy(fs: Fs, duck: Duck, plain: string, target: string): Promise<void> {
  for (let groupRows = GROUP_ROWS; ; groupRows = groupRows / 2) {
    try {
      await duck.query(copySql(plain, target, groupRows), []);
      return;
    } catch (error) {
      await removeIfThere(fs, target);
      if (!isOutOfMemory(error) || groupRows <= SMALLEST_GROUP) throw error;
    }
  }
}

async function syncFile(fs: Fs, path: string): Promise<void> {
  const file = await fs.open(path, 'update');
  try {
    await file.datasync();
  } finally {
    await file.close();
  }
}
