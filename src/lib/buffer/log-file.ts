import type { EventContext } from '../record/record.ts';
import { crcOf, crcOfLine } from './crc.ts';
import type { Frame, FrameHeader } from './frame.ts';

/** What the bytes of a log file hold. Offsets and lengths are bytes in it. */
export interface FrameScan {
  /** Valid frames, `seq` rising. */
  readonly frames: readonly Frame[];
  /** Where the file ends, or ends for now: behind the last frame that counts. */
  readonly end: number;
  /** The highest `synced` of any frame: all frames up to it were on the disk. 0: none known. */
  readonly synced: number;
  /** Where bytes begin that are no frame and were never known durable: the torn tail of a crash, or a write under way. */
  readonly torn?: { readonly offset: number };
  /** Frames known to have been durable that are not whole; between `frames` before and after them. */
  readonly damage: readonly { readonly offset: number; readonly length: number; readonly what: string }[];
}

const LF = 10;
const NAME = /^(\d{1,15})-([0-9a-f]{16})\.log$/;

export function logFileName(n: number, life: string): string {
  return `${n}-${life}.log`;
}

/** Number and life in the name of a log file; undefined for any other name. */
export function parseLogFileName(name: string): { readonly n: number; readonly life: string } | undefined {
  const [, n, life] = NAME.exec(name) ?? [];
  return n === undefined || life === undefined ? undefined : { n: Number(n), life };
}

/** How every header of a file of this life begins: as `FrameHeader` is written. */
function headerStart(life: string): Buffer {
  return Buffer.from(`{"~f":1,"life":"${life}",`, 'latin1');
}

/** The frame at `offset`, if a whole and valid one stands there; the context of the frame before is given. */
function frameAt(bytes: Buffer, start: Buffer, offset: number, before: EventContext): Frame | undefined {
  if (
    bytes.length - offset < start.length ||
    bytes.compare(start, 0, start.length, offset, offset + start.length) !== 0
  ) {
    return undefined;
  }
  const lineEnd = bytes.indexOf(LF, offset);
  if (lineEnd === -1) return undefined;
  const line = bytes.subarray(offset, lineEnd + 1);
  const sum = crcOfLine(line);
  if (sum === undefined) return undefined;
  const header = parseHeader(line);
  if (header === undefined) return undefined;
  const payload = lineEnd + 1;
  if (payload + header.len > bytes.length) return undefined;
  const crc = header.len === 0 ? sum.head : crcOf(bytes.subarray(payload, payload + header.len), sum.head);
  if (crc !== sum.written) return undefined;
  return { header, context: header.ctx ?? before, offset, payload };
}

/** The header's own fields are trusted only once its CRC is right; until then `len` must not lead out of the file. */
function parseHeader(line: Buffer): FrameHeader | undefined {
  let value: FrameHeader;
  try {
    value = JSON.parse(line.toString('utf8')) as FrameHeader;
  } catch {
    return undefined;
  }
  const { seq, synced, len, n, t } = value;
  return [seq, synced, len, n, t].every((number) => Number.isSafeInteger(number) && number >= 0) ? value : undefined;
}

function frameEnd(frame: Frame): number {
  return frame.payload + frame.header.len;
}

/** The next valid frame of this life from `offset` on whose `seq` is above that of the one that is not whole. */
function salvage(bytes: Buffer, start: Buffer, offset: number, seq: number, context: EventContext): Frame | undefined {
  for (let at = bytes.indexOf(start, offset); at !== -1; at = bytes.indexOf(start, at + 1)) {
    const frame = frameAt(bytes, start, at, context);
    // A payload may hold copies of frames, but only of earlier ones of this file: their `seq` tells.
    if (frame !== undefined && frame.header.seq > seq) return frame;
  }
  return undefined;
}

/**
 * The frames of a log file. A place that is no valid frame of this `life` with the next `seq` is a torn tail when
 * nothing shows that a frame there was durable: everything from there on is not part of the log. Otherwise it is
 * damage: what can be read behind it is still given. Never throws, whatever the bytes. Where they are those behind a
 * frame, that is given: its `seq` and its context go on.
 */
export function scanFrames(
  input: Uint8Array,
  life: string,
  behind: { readonly seq: number; readonly context: EventContext } = { seq: 0, context: {} },
): FrameScan {
  const bytes = Buffer.from(input.buffer, input.byteOffset, input.length);
  const frames: Frame[] = [];
  const gaps: { offset: number; end: number; seq: number; frames: number }[] = [];
  const start = headerStart(life);
  let offset = 0;
  let seq = behind.seq + 1;
  let synced = 0;
  let { context } = behind;
  while (offset < bytes.length) {
    let frame = frameAt(bytes, start, offset, context);
    if (frame === undefined || frame.header.seq !== seq) {
      frame = salvage(bytes, start, offset, seq, context);
      gaps.push({ offset, end: frame?.offset ?? bytes.length, seq, frames: frames.length });
      if (frame === undefined) break;
    }
    frames.push(frame);
    synced = Math.max(synced, frame.header.synced);
    context = frame.context;
    seq = frame.header.seq + 1;
    offset = frameEnd(frame);
  }
  const torn = gaps.find((gap) => gap.seq > synced);
  const kept = torn === undefined ? frames : frames.slice(0, torn.frames);
  const damage = gaps
    .filter((gap) => gap.seq <= synced && (torn === undefined || gap.offset < torn.offset))
    .map((gap) => ({
      offset: gap.offset,
      length: gap.end - gap.offset,
      what: `frames from ${gap.seq} on do not have the bytes that were written`,
    }));
  const last = kept.at(-1);
  const end = torn?.offset ?? (last === undefined ? 0 : frameEnd(last));
  return { frames: kept, end, synced, damage, ...(torn === undefined ? {} : { torn: { offset: torn.offset } }) };
}
