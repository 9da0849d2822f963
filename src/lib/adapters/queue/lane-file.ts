import { join } from 'node:path';
import type { Frame } from '../../buffer/frame.ts';
import type { Fs } from '../../buffer/fs.ts';
import { type FrameScan, scanFrames } from '../../buffer/log-file.ts';
import type { EventContext } from '../../record/record.ts';
import { Covered } from './covered.ts';

/** A place in a log file: what stands before it. */
export interface Behind {
  readonly offset: number;
  readonly seq: number;
  readonly context: EventContext;
}

/** Whole frames one behind the other, with what stands before them. */
interface Stretch extends Behind {
  readonly end: number;
}

/** A log file of a queue, as far as it is durable. */
export interface LaneFile {
  readonly n: number;
  readonly path: string;
  readonly life: string;
  /** Behind its last durable frame. */
  end: number;
  /** Damage is between them; undefined where all is one. */
  stretches: readonly Stretch[] | undefined;
  /** What its frames cover. */
  readonly covered: Covered;
  /** No frame comes any more. */
  ended: boolean;
  /** Frames in memory or given, and not done. */
  open: number;
}

export const START: Behind = { offset: 0, seq: 0, context: {} };

export function newLaneFile(folder: string, file: string, n: number, life: string): LaneFile {
  return {
    n,
    path: join(folder, file),
    life,
    end: 0,
    stretches: undefined,
    covered: new Covered(),
    ended: false,
    open: 0,
  };
}

/** Read together; more where a single frame is larger. */
const CHUNK_BYTES = 4 * 2 ** 20;

export interface FrameChunk {
  readonly frames: readonly Frame[];
  /** What the frames' offsets count in. */
  readonly bytes: Buffer;
  /** Where to read on. */
  readonly next: Behind;
  /** Bytes that were durable and hold no frames any more. */
  readonly damage: readonly { readonly offset: number; readonly bytes: Buffer }[];
}

/** The next frames of a file from `from` on; those of a stretch that is larger than a chunk come in several. */
export async function readChunk(fs: Fs, file: LaneFile, from: Behind): Promise<FrameChunk> {
  const at = skipDamage(file, from);
  const end = file.stretches?.find((stretch) => stretch.end > at.offset)?.end ?? file.end;
  for (let most = CHUNK_BYTES; ; most *= 2) {
    const bytes = await readAt(fs, file.path, at.offset, Math.min(end - at.offset, most));
    const whole = at.offset + bytes.length >= end || bytes.length < Math.min(end - at.offset, most);
    const scan = scanFrames(bytes, file.life, at);
    const last = scan.frames.at(-1);
    if (last === undefined && !whole) continue;
    const damage = scan.damage.map(({ offset, length }) => partOf(bytes, at, offset, length));
    // What is durable and is no frame has rotted since.
    const stop = whole ? bytes.length : scan.end;
    if (stop > scan.end) damage.push(partOf(bytes, at, scan.end, stop - scan.end));
    const next = { offset: at.offset + stop, seq: last?.header.seq ?? at.seq, context: last?.context ?? at.context };
    return { frames: scan.frames, bytes, damage, next };
  }
}

function partOf(bytes: Buffer, at: Behind, offset: number, length: number) {
  return { offset: at.offset + offset, bytes: bytes.subarray(offset, offset + length) };
}

/** Between two stretches one begins anew, with what the second has before it. */
function skipDamage(file: LaneFile, from: Behind): Behind {
  const stretch = file.stretches?.find(({ end }) => end > from.offset);
  return stretch !== undefined && stretch.offset >= from.offset ? stretch : from;
}

/** Where a file has whole frames; undefined where it has nothing else. */
export function stretchesIn(scan: FrameScan): readonly Stretch[] | undefined {
  if (scan.damage.length === 0) return undefined;
  const stretches: Stretch[] = [];
  for (const frame of scan.frames) {
    const end = frame.payload + frame.header.len;
    const last = stretches.at(-1);
    if (last?.end === frame.offset) stretches[stretches.length - 1] = { ...last, end };
    else stretches.push({ offset: frame.offset, seq: frame.header.seq - 1, context: frame.context, end });
  }
  return stretches;
}

async function readAt(fs: Fs, path: string, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  const file = await fs.open(path, 'read');
  try {
    let filled = 0;
    while (filled < length) {
      const read = await file.read(bytes.subarray(filled), offset + filled);
      if (read === 0) break;
      filled += read;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}
