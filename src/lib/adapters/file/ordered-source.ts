import { withIdle } from '../../read/idle.ts';
import type { LogRecord } from '../../record/record.ts';
import type { FileBatch, ReadPlace } from './file-events.ts';
import { SortingWindow } from './sorting-window.ts';

/** A pipe that gives nothing for so long may be a live one: what has come is shown. */
const QUIET_MS = 200;

/** Opens a source and reads what matches of it; `whenOpen` is told whether it is a pipe. */
export type ReadMatches = (from: ReadPlace | undefined, whenOpen: (live: boolean) => void) => AsyncIterable<FileBatch>;

/**
 * The matches of one source, as they are needed, in the order of time as far as its window reaches. What is in hand is
 * read from `record` and taken with `take`; `refill` reads on. It may be closed between and goes on where it was.
 */
export class OrderedSource {
  /** Its place among sources with records of the same time. */
  readonly place: number;
  private readonly read: ReadMatches;
  private readonly window: SortingWindow;
  /** Time of the record in hand, else of the last one, else what the first is expected at. */
  private time: bigint;
  private hand: readonly LogRecord[] = [];
  private taken = 0;
  private given = 0;
  private batches: AsyncGenerator<FileBatch | 'idle' | 'aged'> | undefined;
  private from: ReadPlace | undefined;
  private live = false;
  private ended = false;

  /** `first`: it is opened when the others have come to this time. `window`: memory for matches, bytes. */
  constructor(place: number, first: bigint, window: number, read: ReadMatches) {
    this.place = place;
    this.time = first;
    this.window = new SortingWindow(window);
    this.read = read;
  }

  get at(): bigint {
    return this.time;
  }

  get record(): LogRecord | undefined {
    return this.hand[this.taken];
  }

  /** Nothing is in hand, and nothing will be. */
  get done(): boolean {
    return this.ended && this.taken >= this.hand.length;
  }

  get isOpen(): boolean {
    return this.batches !== undefined;
  }

  /** Whether it can be read again from where it was left. */
  get canPark(): boolean {
    return this.isOpen && !this.live;
  }

  take(): void {
    this.taken += 1;
    this.time = this.record?.ts ?? this.time;
  }

  /** Reads until there is something in hand, a pipe has paused, or the source has ended. */
  async refill(): Promise<void> {
    this.hand = [];
    this.taken = 0;
    while (this.hand.length === 0 && !this.ended) {
      this.batches ??= withIdle(
        this.read(this.from, (live) => {
          this.live = live;
        }),
        QUIET_MS,
      );
      const got = await this.batches.next().catch((error: unknown) => {
        this.batches = undefined;
        throw error;
      });
      if (got.done === true) {
        this.ended = true;
        this.batches = undefined;
        this.hand = this.window.end();
      } else if (got.value === 'idle') {
        if (this.live) this.hand = this.window.end();
      } else if (got.value !== 'aged') this.hold(got.value);
    }
    this.time = this.record?.ts ?? this.time;
  }

  private hold({ records, next }: FileBatch): void {
    this.from = next;
    for (const record of records) {
      const out = this.window.add(record, this.given++);
      if (out.length > 0) this.hand = this.hand.length === 0 ? out : this.hand.concat(out);
    }
  }

  /** Closes what is open; what is in hand and in the window stays. */
  async park(): Promise<void> {
    const batches = this.batches;
    this.batches = undefined;
    await batches?.return(undefined);
  }
}
