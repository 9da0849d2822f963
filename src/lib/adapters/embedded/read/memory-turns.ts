import type { Duck } from '../segment/duckdb.ts';

/** Who uses the memory of a database: many beside each other, until one that found too little of it needs it alone. */
class MemoryTurns {
  readonly #running = new Set<Promise<unknown>>();
  #alone: Promise<void> | undefined;

  async beside<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== undefined) await this.#alone;
    const running = work();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Begins when what runs is over; what comes meanwhile waits. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.#alone !== undefined) await this.#alone;
    let over: () => void = () => undefined;
    this.#alone = new Promise((resolve) => (over = resolve));
    try {
      await Promise.allSettled(this.#running);
      return await work();
    } finally {
      this.#alone = undefined;
      over();
    }
  }
}

const known = new WeakMap<Duck, MemoryTurns>();

/** Has a database do something: beside what else it does, or alone. What is done waits for no other turn. */
export function inTurn<T>(duck: Duck, alone: boolean, work: () => Promise<T>): Promise<T> {
  const turns = known.get(duck) ?? new MemoryTurns();
  known.set(duck, turns);
  return alone ? turns.alone(work) : turns.beside(work);
}
