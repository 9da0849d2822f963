interface Waiting {
  readonly go: () => void;
}

/** So many may pass at once, in the order they came; the number may change meanwhile. */
export class Permits {
  taken = 0;
  #limit: number;
  readonly #waiting: Waiting[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    this.#limit = limit;
    this.#admit();
  }

  /** Resolves when there is room; whoever got it must `release`. `first` is for those that were through before. */
  acquire(signal: AbortSignal, first = false): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const stop = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(signal.reason);
      };
      const waiting = {
        go: () => {
          signal.removeEventListener('abort', stop);
          resolve();
        },
      };
      signal.addEventListener('abort', stop, { once: true });
      if (first) this.#waiting.unshift(waiting);
      else this.#waiting.push(waiting);
      this.#admit();
    });
  }

  release(): void {
    this.taken -= 1;
    this.#admit();
  }

  #admit(): void {
    while (this.taken < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.taken += 1;
      next.go();
    }
  }
}
