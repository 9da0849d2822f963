import type { EventContext } from '../record/record.ts';

/** An event that nobody will accept, and all that is known of it. */
export interface DeadLetter {
  /** As received, without the LF that ended it. */
  readonly bytes: Uint8Array;
  readonly context: EventContext;
  /** The log id it was sent under. */
  readonly id: string | undefined;
  /** The sink that refused it, or the source that could not read it: a URL without secrets. */
  readonly from: string;
  readonly reason: string;
  /** Where it came from: `topic`, `partition`, `offset`. */
  readonly origin?: { readonly [name: string]: string };
}

/** Where events go that no sink will take. */
export interface DeadLetters {
  /** MUST resolve only when all of them survive a power cut. */
  put(letters: readonly DeadLetter[]): Promise<void>;
  close(): Promise<void>;
}

/** Dead letters that were sent again or dropped: their log ids, beside the store that they stay in. */
export interface HandledLetters {
  ids(): Promise<ReadonlySet<string>>;
  /** MUST resolve only when they survive a power cut. */
  add(ids: readonly string[]): Promise<void>;
  /** Forgets them all: the letters themselves are gone. */
  clear(): Promise<void>;
}
