import { LogsError } from '../../../errors.ts';
import type { FrameHeader, Frame } from '../../../buffer/frame.ts';
import { packedId } from '../../../buffer/frame-ids.ts';
import { eachEvent } from '../../../record/events.ts';
import { logIdsOf } from '../../../record/log-id.ts';
import type { EventBlock, EventFrame } from '../scan/scanned-group.ts';
import type { HeldText } from '../scan/scanner.ts';

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

/** The events of the frames of a log file that a scanner holds. */
export function blockOf(log: HeldText, frames: readonly Frame[], writer: string): SourceBlock {
  const starts = new Offsets();
  const ends = new Offsets();
  const lines = new Offsets();
  const found: SourceFrame[] = [];
  for (const { header, context, payload } of frames) {
    const before = starts.length;
    if (header.join === undefined) {
      const all = log.findLines(payload, header.len, header.n);
      if (all.count !== header.n) throw otherLines(header, all.count);
      starts.add(all.starts);
      ends.add(all.ends);
      lines.add(all.numbers);
    } else {
      eachEvent(log.bytes().subarray(payload, payload + header.len), header.join, (start, end, line) => {
        starts.push(payload + start);
        ends.push(payload + end);
        lines.push(line);
      });
    }
    const events = starts.length - before;
    if (events === 0) continue;
    const { seq, t } = header;
    const receivedAt = BigInt(t) * 1_000_000n;
    found.push({ events, context, receivedAt, writer, seq, received: t, idOf: idsOf(header, writer) });
  }
  return {
    get bytes() {
      return log.bytes();
    },
    starts: starts.all(),
    ends: ends.all(),
    lines: lines.all(),
    frames: found,
  };
}

/** All that is compared later comes from the lines that were found: this alone was counted by whoever wrote them. */
function otherLines({ seq, n }: FrameHeader, found: number): LogsError {
  return new LogsError('INTERNAL', `frame ${seq} of a log has ${n} lines, of which ${found} were found`, {
    hint: 'Nothing is lost: the log file stays and is read. Please report this.',
  });
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
  return { block, events: firstNumbers(block.starts.length) };
}

let numbers = new Uint32Array(0);

/** The numbers from 0 on, as many as asked for. Nobody changes them. */
function firstNumbers(count: number): Uint32Array {
  if (numbers.length < count) numbers = Uint32Array.from({ length: count * 2 }, (_, at) => at);
  return numbers.subarray(0, count);
}

/** The events of selections as those of one block, their bytes copied: a row group does not end where a block does. */
export function joined(selections: readonly Selection[]): Selection {
  const starts = new Offsets();
  const ends = new Offsets();
  const lines = new Offsets();
  const frames: SourceFrame[] = [];
  let size = 0;
  for (const selection of selections) size += bytesOf(selection);
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const selection of selections) {
    const { block } = selection;
    const { bytes: before } = block;
    let run: { readonly frame: SourceFrame; readonly first: number; events: number } | undefined;
    const endRun = (): void => {
      if (run === undefined) return;
      const { frame, first, events } = run;
      frames.push({ ...frame, events, idOf: shifted(frame.idOf, first) });
    };
    eachWithFrame(selection, (event, frame, inFrame) => {
      const from = block.starts[event] ?? 0;
      const to = block.ends[event] ?? 0;
      bytes.set(before.subarray(from, to), at);
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

/** Bytes of the events, without the LF behind each. */
export function bytesOf({ block: { starts, ends }, events }: Selection): number {
  let bytes = 0;
  for (let index = 0; index < events.length; index++) {
    const event = events[index] ?? 0;
    bytes += (ends[event] ?? 0) - (starts[event] ?? 0);
  }
  return bytes;
}

/** Made out here: a function keeps all that was in reach where it was made, there the bytes of every block before. */
function shifted(idOf: SourceFrame['idOf'], by: number): SourceFrame['idOf'] {
  return (event, line) => idOf(event + by, line);
}

/** Visits events with their frames and their numbers in those. */
export function eachWithFrame(
  selection: Selection,
  visit: (event: number, frame: SourceFrame, inFrame: number) => void,
): void {
  const { events } = selection;
  eachFrame(selection, ({ from, to, frame, first }) => {
    // By index: a loop over the values makes an object for each, until it is compiled.
    for (let at = from; at < to; at++) {
      const event = events[at] ?? 0;
      visit(event, frame, event - first);
    }
  });
}

/** The part of a selection that is of one frame: indexes in `events`, and the number of the frame's first event. */
export interface FramePart {
  readonly from: number;
  readonly to: number;
  readonly frame: SourceFrame;
  readonly first: number;
}

/** Visits the parts of a selection, frame by frame. */
export function eachFrame({ block: { frames }, events }: Selection, visit: (part: FramePart) => void): void {
  let first = 0;
  let from = 0;
  for (const frame of frames) {
    const end = first + frame.events;
    let to = Math.min(events.length, from + Math.max(0, end - (events[from] ?? end)));
    // Where events are left out, fewer are of this frame than there is room for.
    while (to > from && (events[to - 1] ?? 0) >= end) to--;
    if (to > from) visit({ from, to, frame, first });
    from = to;
    first = end;
  }
}

/** Numbers below 2^32, as many as come. */
class Offsets {
  #values = new Uint32Array(4096);
  length = 0;

  push(value: number): void {
    if (this.length === this.#values.length) this.#grow(1);
    this.#values[this.length] = value;
    this.length += 1;
  }

  add(values: Uint32Array): void {
    if (this.length + values.length > this.#values.length) this.#grow(values.length);
    this.#values.set(values, this.length);
    this.length += values.length;
  }

  #grow(by: number): void {
    const grown = new Uint32Array(Math.max(this.length * 2, this.length + by));
    grown.set(this.#values);
    this.#values = grown;
  }

  all(): Uint32Array {
    return this.#values.subarray(0, this.length);
  }
}
