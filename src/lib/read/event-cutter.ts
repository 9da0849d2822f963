import type { BufferPool } from './buffer-pool.ts';
import { asBuffer, type ByteTarget } from './nul-runs.ts';

const LF = 10;
const BRACE = 0x7b;
/** It grows to a block and more where there is as much: of thousands of small files each would pay for a large one. */
const FIRST_BUFFER = 16 * 1024;

/** Tells whether a line belongs to the event before it (`createJoiner` of multiline.ts). */
export interface LineJoiner {
  continues(line: Uint8Array): boolean;
}

/** Whole events, cut at line ends. `from` and `to` are positions in the source, what was left out counted. */
export interface EventBlock {
  /** Lines, each ended by LF. */
  readonly bytes: Uint8Array;
  /** Lines in `bytes`, empty ones counted. */
  readonly lines: number;
  /** Events in `bytes`: lines that are not empty, less what was joined. */
  readonly events: number;
  /** Lines of each group, where some group has several. */
  readonly joins: readonly number[] | undefined;
  readonly from: number;
  readonly to: number;
  /** Length of the one event of this block, of which only the head was kept. */
  readonly truncated: number | undefined;
}

export interface CutterOptions {
  /** Absent: every line is an event. */
  readonly joiner: LineJoiner | undefined;
  /**
   * Show the joiner every line, those of JSON too (a rule of the user's). Absent: a line that starts with `{` begins an
   * event and makes the joiner forget what was before, so that only the last of them is shown to it.
   */
  readonly everyLine?: boolean;
  /** Longest event, bytes without LF; the head of a longer line is kept. */
  readonly maxLine: number;
  /** A block is given once it has so many bytes. */
  readonly blockSize: number;
  /** Position of the source where the first byte pushed stands. */
  readonly start: number;
  /** Of buffers for whole blocks, half as large again; whoever is given a block may give its buffer back. */
  readonly buffers?: BufferPool;
  /** Called with each block, in order. */
  readonly emit: (block: EventBlock) => void;
}

/**
 * Cuts a stream of bytes into blocks of whole events. What the events are depends on the bytes alone, never on the
 * pieces they came in: the last event is held back while a continuation of it may come. Holds at most a block, a
 * chunk and a line of `maxLine` bytes. There is no object for a line that starts with `{`, nor for any line without a
 * joiner.
 */
export class EventCutter implements ByteTarget {
  private readonly options: CutterOptions;
  private buffer: Buffer;
  /** Bytes in `buffer`. */
  private length = 0;
  /** Start of the line that has not ended, and of the event that the last whole line belongs to. */
  private lineStart = 0;
  /** No line ends between `lineStart` and here. */
  private scanned = 0;
  private eventStart = 0;
  /** Start of the last whole line, when the joiner has not seen it: it begins with `{`. */
  private unseen = -1;
  private lines = 0;
  private events = 0;
  /** Lines of the last group so far, whether it has more than empty lines, and the groups before it. */
  private groupLines = 0;
  private groupFilled = false;
  private groups = 0;
  private joins: number[] | undefined;
  /** Position in the source of `buffer[0]`, and what was left out since: `[offset in buffer, bytes]`. */
  private base: number;
  private gaps: [offset: number, bytes: number][] = [];
  /** Set while the rest of a line longer than `maxLine` goes by: its length so far. */
  private overlong: number | undefined;

  constructor(options: CutterOptions) {
    this.options = options;
    this.base = options.start;
    this.buffer = Buffer.allocUnsafeSlow(FIRST_BUFFER);
  }

  push(bytes: Uint8Array): void {
    const chunk = asBuffer(bytes);
    let from = 0;
    while (from < chunk.length) {
      if (this.overlong !== undefined) {
        from = this.passOverlong(chunk, from);
        continue;
      }
      // Never more at once than the longest line: what is held stays bounded whatever the size of the chunk. Nor more
      // than there is room for, if any: a block that is full then makes the buffer no larger.
      const room = this.buffer.length - this.length;
      const end = Math.min(chunk.length, from + Math.min(this.options.maxLine, room === 0 ? chunk.length : room));
      this.append(chunk.subarray(from, end));
      from = end;
      this.scan();
      if (this.lineStart >= this.options.blockSize) this.cut(this.options.joiner === undefined);
    }
  }

  skip(count: number): void {
    if (this.overlong !== undefined) this.overlong += count;
    else this.gaps.push([this.length, count]);
  }

  /**
   * Gives what is whole now, however little. `last`: the last event too, because nothing has come for a while that
   * could belong to it.
   */
  flush(options: { readonly last: boolean }): void {
    if (this.overlong === undefined) this.cut(options.last || this.options.joiner === undefined);
  }

  /** The source has ended: a last line without LF is an event, unless `whole` says that the rest of it is missing. */
  end(options: { readonly whole: boolean }): void {
    if (this.overlong !== undefined) {
      if (options.whole) this.emitOverlong();
      return;
    }
    if (options.whole && this.length > this.lineStart) {
      this.append(END);
      this.gaps.push([this.length, -1]);
      this.scan();
    }
    this.cut(true);
  }

  /** Position up to which blocks were given. */
  get position(): number {
    return this.base;
  }

  /** No block still to come ends before this position. */
  get settled(): number {
    if (this.overlong !== undefined) return this.base + this.overlong;
    const end = this.groupLines > 0 ? this.eventStart : this.lineStart;
    return this.base + end + this.gapsBefore(end).bytes;
  }

  private append(bytes: Uint8Array): void {
    const needed = this.length + bytes.length;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
      this.buffer.copy(larger, 0, 0, this.length);
      this.buffer = larger;
    }
    this.buffer.set(bytes, this.length);
    this.length = needed;
  }

  /** Takes in the lines that ended; every one that is longer than allowed leaves as a block of its own. */
  private scan(): void {
    const { joiner, maxLine } = this.options;
    let bytes = this.buffer.subarray(0, this.length);
    let from = this.scanned;
    for (;;) {
      const end = bytes.indexOf(LF, from);
      if (end === -1) {
        if (this.length - this.lineStart > maxLine) this.beginOverlong(this.length);
        this.scanned = this.length;
        return;
      }
      if (end - this.lineStart > maxLine) {
        this.beginOverlong(end);
        bytes = this.buffer.subarray(0, this.length);
        from = 0;
        continue;
      }
      if (joiner === undefined) this.countLine(end > this.lineStart);
      else this.join(joiner, end);
      this.lines += 1;
      this.lineStart = end + 1;
      from = end + 1;
    }
  }

  private countLine(filled: boolean): void {
    this.groups += 1;
    if (filled) this.events += 1;
  }

  private join(joiner: LineJoiner, end: number): void {
    const start = this.lineStart;
    const filled = end > start;
    let continues = false;
    if (this.options.everyLine !== true && this.buffer[start] === BRACE && end - start > 2) this.unseen = start;
    else {
      if (this.unseen !== -1) joiner.continues(this.buffer.subarray(this.unseen, start - 1));
      this.unseen = -1;
      continues = joiner.continues(this.buffer.subarray(start, end));
      // An event of many lines is bounded like one of a single line.
      if (continues && (this.groupLines === 0 || end - this.eventStart > this.options.maxLine)) continues = false;
    }
    if (continues) {
      this.joins ??= new Array<number>(this.groups).fill(1);
      this.groupLines += 1;
      this.groupFilled ||= filled;
      return;
    }
    this.closeGroup();
    this.eventStart = start;
    this.groupLines = 1;
    this.groupFilled = filled;
  }

  private closeGroup(): void {
    if (this.groupLines === 0) return;
    this.groups += 1;
    if (this.groupFilled) this.events += 1;
    this.joins?.push(this.groupLines);
    this.groupLines = 0;
  }

  /** Gives the events that are whole; the last only if `all`, for the next line may belong to it. */
  private cut(all: boolean): void {
    const { joiner } = this.options;
    if (joiner !== undefined && all) {
      // A line begun meanwhile would otherwise be judged without the one before it.
      if (this.unseen !== -1) joiner.continues(this.buffer.subarray(this.unseen, this.lineStart - 1));
      this.unseen = -1;
      this.closeGroup();
    }
    const held = joiner !== undefined && !all ? this.groupLines : 0;
    const end = held > 0 ? this.eventStart : this.lineStart;
    if (end > 0) {
      const gaps = this.gapsBefore(end);
      const to = this.base + end + gaps.bytes;
      this.options.emit({
        bytes: this.buffer.subarray(0, end),
        lines: this.lines - held,
        events: this.events,
        joins: this.joins,
        from: this.base,
        to,
        truncated: undefined,
      });
      this.restart(end, to, gaps.count);
    }
    this.lines = held;
    this.events = 0;
    this.groups = 0;
    this.joins = held > 1 ? [] : undefined;
  }

  /** Keeps what stands behind `end` in a new buffer: the block given away owns the old one. */
  private restart(end: number, to: number, gaps: number): void {
    const rest = this.length - end;
    const { blockSize, buffers } = this.options;
    // Not the whole of one: what is cut for its size ends where the last event begins, which may be before that size.
    const wanted = end >= blockSize / 2 ? bufferSizeOf(blockSize) : FIRST_BUFFER;
    const isOfPool = wanted === buffers?.size && rest <= wanted;
    const buffer = isOfPool ? buffers.take() : Buffer.allocUnsafeSlow(Math.max(wanted, rest));
    this.buffer.copy(buffer, 0, end, this.length);
    this.buffer = buffer;
    this.length = rest;
    this.lineStart -= end;
    this.scanned = this.lineStart;
    this.eventStart -= end;
    if (this.unseen !== -1) this.unseen -= end;
    this.base = to;
    this.gaps = this.gaps.slice(gaps).map(([offset, bytes]) => [offset - end, bytes]);
  }

  /** Gaps up to `end`: one at `end` itself belongs to the next block, but the missing LF of a last line does not. */
  private gapsBefore(end: number): { count: number; bytes: number } {
    let count = 0;
    let bytes = 0;
    for (const [offset, missing] of this.gaps) {
      if (offset > end || (offset === end && missing > 0)) break;
      count += 1;
      bytes += missing;
    }
    return { count, bytes };
  }

  /** The line that starts at `lineStart` is too long; what came of it ends at `end`. */
  private beginOverlong(end: number): void {
    // It is an event alone: what it might continue is given first.
    const shift = this.lineStart;
    this.cut(true);
    const seen = end - shift;
    const rest = Buffer.from(this.buffer.subarray(seen, this.length));
    const { count, bytes } = this.gapsBefore(seen);
    this.overlong = seen + bytes;
    const later = this.gaps.slice(count).map(([offset, missing]): [number, number] => [offset - seen, missing]);
    this.gaps = [];
    this.length = this.options.maxLine;
    if (rest.length === 0) return;
    this.emitOverlongThenRest(rest, later);
  }

  private emitOverlongThenRest(rest: Buffer, later: [number, number][]): void {
    // `rest` begins with the LF that ends the line.
    this.overlong = (this.overlong ?? 0) + 1;
    this.emitOverlong(1);
    this.append(rest.subarray(1));
    this.gaps = later.map(([offset, missing]) => [offset - 1, missing]);
  }

  private passOverlong(chunk: Buffer, from: number): number {
    const end = chunk.indexOf(LF, from);
    const seen = (end === -1 ? chunk.length : end + 1) - from;
    this.overlong = (this.overlong ?? 0) + seen;
    if (end === -1) return chunk.length;
    this.emitOverlong(1);
    return end + 1;
  }

  /** Gives the head of the overlong line; `ended` bytes of what went by were its LF. */
  private emitOverlong(ended = 0): void {
    const went = this.overlong ?? 0;
    const bytes = Buffer.concat([this.buffer.subarray(0, wholeCharacters(this.buffer, this.options.maxLine)), END]);
    const to = this.base + went;
    this.overlong = undefined;
    this.options.emit({
      bytes,
      lines: 1,
      events: 1,
      joins: undefined,
      from: this.base,
      to,
      truncated: went - ended,
    });
    this.base = to;
    this.gaps = [];
    this.length = 0;
    this.lineStart = 0;
    this.scanned = 0;
    this.eventStart = 0;
    this.groupLines = 0;
    this.unseen = -1;
  }
}

/** Room for a block and what was read behind it. */
export function bufferSizeOf(blockSize: number): number {
  return blockSize + blockSize / 2;
}

const END = Buffer.of(LF);

/** `end`, or up to three bytes less, so that UTF-8 text is not cut inside a character. */
function wholeCharacters(bytes: Buffer, end: number): number {
  let start = end;
  while (start > 0 && end - start < 3 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return ((bytes[start] ?? 0) & 0xc0) === 0xc0 ? start : end;
}
