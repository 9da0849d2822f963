import type { DeadLetters } from './dead-letters.ts';

/** Dead letters, and how many were put there. */
export interface CountedLetters extends DeadLetters {
  readonly count: number;
}

/** Counts what is put among dead letters, by whomever: one that several sinks refused is several. */
export function countLetters(letters: DeadLetters): CountedLetters {
  let count = 0;
  return {
    get count() {
      return count;
    },
    async put(more) {
      await letters.put(more);
      count += more.length;
    },
    close: () => letters.close(),
  };
}
