import { findLevel } from '../../../parse/plain.ts';
import { LEVELS, parseLevel } from '../../../record/level.ts';
import { DAY_NS } from '../../../record/time.ts';
import { TRIGRAM_WORDS } from '../segment/filters.ts';
import { REPEATED_BYTES } from '../segment/marks.ts';
import { ContextTable } from './context-table.ts';
import { KeyTally } from './key-tally.ts';
import { loadEvents } from './load-events.ts';
import { OtherDays } from './other-days.ts';
import type { EventBlock, EventFrame, FoundLines, GroupRequest, ScannedGroup } from './scanned-group.ts';
import { readGroup } from './read-group.ts';
import { ScannerMemory } from './scanner-memory.ts';
import { writeSlowRow } from './slow-row.ts';
import { storedRow } from './stored-row.ts';
import { newScanner, type ScannerExports } from './wasm.ts';
import { teach, wordCount } from './words.ts';

export interface ScannerOptions {
  /** Keys that have the columns `k0`, `k1`, … of the segment, at most `MOST_COLUMNS`, each with `isPromotable`. */
  readonly columns: readonly string[];
}

/** Bytes that hold the first 160 UTF-16 units of a text, in which a level is looked for. */
const LEVEL_HEAD = 160 * 3;
/** A word that should be a level and is none. */
const OTHER_WORD = -2;
/** Addresses have 32 bits. */
const MOST_HELD = 2 ** 31;
const ALL_TIMES = 2n ** 63n;

/** A text in the memory of a scanner. */
export interface HeldText {
  /** Where it is now: good until the scanner's next call. */
  bytes(): Buffer;
  /**
   * The lines of a part of it that has about `most`; their offsets are those in all of it. The arrays are as those of a
   * row group, which is forgotten.
   */
  findLines(start: number, length: number, most: number): FoundLines;
}

/** What is found out beside the columns while a group is scanned. */
interface Findings {
  readonly others: OtherDays;
  readonly unparsed: number[];
  readonly tally: KeyTally;
  slow: number;
}

/**
 * Makes rows of a segment from the bytes of events. What it says of an event is what `parseEvent` says: of most JSON
 * lines it is sure itself, in WebAssembly, without an object for each; for all others it asks `parseEvent`.
 * One scanner serves one thread; its memory grows with the largest group and is kept.
 */
export class Scanner {
  readonly #wasm: ScannerExports;
  readonly #memory: ScannerMemory;
  #columns: readonly string[] = [];
  /** Distinct tokens of the last group: about as many will the next have. */
  #tokens = 0;
  #block: EventBlock | undefined;
  #frame: EventFrame | undefined;
  #day: number | null = null;
  #found = newFindings();

  constructor(options: ScannerOptions) {
    this.#wasm = newScanner({
      findLevel: (at, length) => this.#findLevel(at, length),
      parseSlowly: (event) => (this.#parseSlowly(event) ? 1 : 0),
      otherDay: (event, events, day) => this.#found.others.add({ event, events, day }),
      outOfMemory: () => {
        throw new RangeError('out of memory: the scanner cannot get what a row group needs');
      },
    });
    this.#memory = new ScannerMemory(this.#wasm);
    this.use(options);
  }

  /** Takes another set of promoted keys, for another segment: the memory stays. */
  use({ columns }: ScannerOptions): void {
    this.#columns = columns;
    this.#wasm.begin(columns.length, wordCount(columns), REPEATED_BYTES, TRIGRAM_WORDS);
    teach(this.#wasm, this.#memory, columns);
    this.#wasm.ready();
  }

  /**
   * Makes room in the scanner's memory for a text, until the next: events of blocks that have it as their bytes are read
   * where they are.
   */
  hold(size: number): HeldText {
    if (size > MOST_HELD) throw new RangeError(`out of memory: the scanner cannot hold ${size} bytes`);
    this.#block = undefined;
    if (this.#wasm.hold(size) !== 0) this.use({ columns: this.#columns });
    const at = this.#wasm.heldText();
    return {
      bytes: () => this.#memory.bytes.subarray(at, at + size),
      findLines: (start, length, most) => this.#findLines(start, length, most),
    };
  }

  #findLines(start: number, length: number, most: number): FoundLines {
    this.#block = undefined;
    const found = this.#wasm.findLines(this.#wasm.heldText() + start, length, start, most);
    if (found > most) return this.#findLines(start, length, found);
    const place = this.#wasm.foundLines.value;
    const array = (number: number): Uint32Array => this.#memory.words(place + number * most * 4, found);
    return { starts: array(0), ends: array(1), numbers: array(2), count: this.#wasm.lineCount.value };
  }

  /** Makes the next row group. An error whose message says `out of memory` is cured by fewer rows. */
  scan(block: EventBlock, request: GroupRequest): ScannedGroup {
    const { events, from, day } = request;
    this.#block = block;
    this.#day = day;
    this.#found = newFindings();
    const start = day === null ? -ALL_TIMES : BigInt(day) * DAY_NS;
    this.#wasm.startRows(request.rows, start, day === null ? ALL_TIMES - 1n : start + DAY_NS, this.#tokens);
    const contexts = new ContextTable(this.#wasm, this.#memory, this.#columns);
    const frames = new FrameWalk(block.frames);
    let next = from;
    while (next < events.length && this.#wasm.rows.value < request.rows) {
      const to = Math.min(events.length, next + request.rows - this.#wasm.rows.value);
      loadEvents(this.#wasm, this.#memory, block, events.subarray(next, to));
      for (let at = next; at < to; ) {
        const { frame, end } = frames.at(events[at] ?? 0);
        const last = firstFrom(events, at + 1, to, end);
        this.#frame = frame;
        this.#wasm.scan(at - next, last - next, contexts.of(frame.context), frame.receivedAt);
        at = last;
      }
      next = to;
    }
    const group = readGroup(this.#wasm, this.#memory, this.#columns);
    this.#tokens = this.#wasm.tokenCount.value;
    const { others, unparsed, slow, tally } = this.#found;
    return { ...group, next, others: others.runs, unparsed, slow, keys: tally.with(group.keys) };
  }

  /**
   * Fills the marks of the rows of the last group from its columns and compares them with the bytes of their events.
   * The first row that differs, or -1. The block must be the same.
   */
  firstDifference(block: EventBlock): number {
    if (block !== this.#block) throw new RangeError('the last group is of another block');
    return this.#wasm.firstDifferentRow();
  }

  #findLevel(at: number, length: number): number {
    const head = this.#memory.bytes.toString('utf8', at, at + Math.min(length, LEVEL_HEAD));
    const word = findLevel(head);
    return word === undefined ? 0 : LEVELS[parseLevel(word)] || OTHER_WORD;
  }

  #parseSlowly(event: number): boolean {
    const block = this.#block as EventBlock;
    const { context, receivedAt } = this.#frame as EventFrame;
    const start = block.starts[event] ?? 0;
    const { buffer, byteOffset } = block.bytes;
    const raw = Buffer.from(buffer, byteOffset + start, (block.ends[event] ?? 0) - start);
    const row = storedRow(raw, context, receivedAt, this.#columns);
    const day = Number(row.ts / DAY_NS);
    if (this.#day !== null && day !== this.#day) {
      this.#found.others.add({ event, events: 1, day });
      return false;
    }
    this.#found.slow++;
    if (row.unparsed) this.#found.unparsed.push(event);
    this.#found.tally.add(row.fields);
    writeSlowRow(this.#wasm, this.#memory, row);
    return true;
  }
}

function newFindings(): Findings {
  return { others: new OtherDays(), unparsed: [], tally: new KeyTally(), slow: 0 };
}

/** The first of ascending numbers, in [from, to), that is not below one; `to` where all are. By halves. */
function firstFrom(numbers: Uint32Array, from: number, to: number, least: number): number {
  if ((numbers[to - 1] ?? 0) < least) return to;
  let [low, high] = [from, to];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Finds the frame of each event; events come in order. */
class FrameWalk {
  readonly #frames: readonly EventFrame[];
  #at = 0;
  #first = 0;

  constructor(frames: readonly EventFrame[]) {
    this.#frames = frames;
  }

  /** `end`: number of the first event behind the frame. */
  at(event: number): { readonly frame: EventFrame; readonly end: number } {
    for (;;) {
      const frame = this.#frames[this.#at];
      if (frame === undefined) throw new RangeError(`event ${event} is of no frame`);
      const end = this.#first + frame.events;
      if (event < end) return { frame, end };
      this.#first = end;
      this.#at++;
    }
  }
}
