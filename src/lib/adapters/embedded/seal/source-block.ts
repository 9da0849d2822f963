import type { FrameHeader, Frame } from '../../../buffer/frame.ts';
import { packedId } from '../../../buffer/frame-ids.ts';
import { eachEvent } from '../../../record/events.ts';
import { logIdsOf } from '../../../record/log-id.ts';
import type { EventBlock, EventFrame } from '../scan/scanned-group.ts';

/** Events to make rows of, and where they came from. */
export interface SourceBlock extends EventBlock {
  readonly frames: readonly SourceFrame[];
  /** Index in its frame of each event's first line. */
  readonly lines: Uint32Array;
}

/** Events of one frame of a log file, or of one run of an older segment. */
export interface SourceFrame extends EventFrame {
  readonly writer: string;
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly received: number;
  /** Log id of the frame's n-th event, whose first line is the one given: for segments that have them in a column. */
  readonly idOf: (event: number, line: number) => string;
}

/** The events of a log file's frames. */
export function blockOf(log: Buffer, frames: readonly Frame[], writer: string): SourceBlock {
  const starts = new Offsets();
  const ends = new Offsets();
  const lines = new Offsets();
  const found: SourceFrame[] = [];
  for (const { header, context, payload } of frames) {
    const before = starts.length;
    eachEvent(log.subarray(payload, payload + header.len), header.join, (start, end, line) => {
      starts.push(payload + start);
      ends.push(payload + end);
      lines.push(line);
    });
    const events = starts.length - before;
    if (events === 0) continue;
    const { seq, t } = header;
    const receivedAt = BigInt(t) * 1_000_000n;
    found.push({ events, context, receivedAt, writer, seq, received: t, idOf: idsOf(header, writer) });
  }
  return { bytes: log, starts: starts.all(), ends: ends.all(), lines: lines.all(), frames: found };
}

function idsOf({ ids, t, seq }: FrameHeader, writer: string): SourceFrame['idOf'] {
  const placed = logIdsOf(t, writer, seq);
  return (event, line) => (ids === undefined ? undefined : packedId(ids, event)) ?? placed(line);
}

/** Some events of a block, ascending. */
export interface Selection {
  readonly block: SourceBlock;
  readonly events: Uint32Array;
}

export function allOf(block: SourceBlock): Selection {
  const events = new Uint32Array(block.starts.length);
  for (let event = 0; event < events.length; event++) events[event] = event;
  return { block, events };
}

/** The events of selections as those of one block, their bytes copied: a row group does not end where a block does. */
export function joined(selections: readonly Selection[]): Selection {
  const starts = new Offsets();
  const ends = new Offsets();
  const lines = new Offsets();
  const frames: SourceFrame[] = [];
  let size = 0;
  for (const { block, events } of selections)
    for (const event of events) size += (block.ends[event] ?? 0) - (block.starts[event] ?? 0);
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const selection of selections) {
    const { block } = selection;
    let run: { readonly frame: SourceFrame; readonly first: number; events: number } | undefined;
    const endRun = (): void => {
      if (run === undefined) return;
      const { frame, first, events } = run;
      frames.push({ ...frame, events, idOf: (event, line) => frame.idOf(event + first, line) });
    };
    eachWithFrame(selection, (event, frame, inFrame) => {
      const from = block.starts[event] ?? 0;
      const to = block.ends[event] ?? 0;
      bytes.set(block.bytes.subarray(from, to), at);
      starts.push(at);
      at += to - from;
      ends.push(at);
      lines.push(block.lines[event] ?? 0);
      if (run?.frame === frame && run.first + run.events === inFrame) run.events += 1;
      else {
        endRun();
        run = { frame, first: inFrame, events: 1 };
      }
    });
    endRun();
  }
  return allOf({ bytes, starts: starts.all(), ends: ends.all(), lines: lines.all(), frames });
}

/** Visits events with their frames and their numbers in those. */
export function eachWithFrame(
  { block: { frames }, events }: Selection,
  visit: (event: number, frame: SourceFrame, inFrame: number) => void,
): void {
  let at = 0;
  let first = 0;
  for (const event of events) {
    let frame = frames[at];
    while (frame !== undefined && event >= first + frame.events) {
      first += frame.events;
      frame = frames[++at];
    }
    if (frame !== undefined) visit(event, frame, event - first);
  }
}

/** Numbers below 2^32, as many as come. */
class Offsets {
  #values = new Uint32Array(4096);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) {
      const grown = new Uint32Array(this.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.length] = value;
    this.length += 1;
  }

  all(): Uint32Array {
    return this.#values.subarray(0, this.length);
  }
}
