/** At once: one of a segment alone does not keep all threads busy. */
export const STATEMENTS = 2;

/**
 * Does something with each of some things, so many at once. When one fails no more are begun, and its error is thrown when
 * all that had begun are over.
 */
export async function eachAtOnce<T>(
  things: readonly T[],
  atOnce: number,
  work: (thing: T) => Promise<void>,
): Promise<void> {
  const waiting = things.values();
  let failed = false;
  const take = async (): Promise<void> => {
    for (const thing of waiting) {
      if (failed) return;
      try {
        await work(thing);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, take));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}
