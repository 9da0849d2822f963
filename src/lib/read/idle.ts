/** What comes, with `aged` after one when `ms` have passed since the last word, and `idle` when none came for `ms`. */
export async function* withIdle<T>(stream: AsyncIterable<T>, ms: number): AsyncGenerator<T | 'aged' | 'idle'> {
  const iterator = stream[Symbol.asyncIterator]();
  const patience = new Patience(ms);
  let last = Date.now();
  let said = true;
  try {
    for (let next = iterator.next(); ; ) {
      const result = await (said ? next : patience.orIdle(next));
      if (result === 'idle') {
        said = true;
        yield 'idle';
        continue;
      }
      if (result.done === true) return;
      if (said) last = Date.now();
      said = false;
      yield result.value;
      if (Date.now() - last >= ms) {
        last = Date.now();
        yield 'aged';
      }
      next = iterator.next();
    }
  } finally {
    patience.end();
    await iterator.return?.();
  }
}

/** One timer for all that is waited for one after the other: it looks when it is due whether somebody has waited so long. */
class Patience {
  readonly #ms: number;
  #timer: NodeJS.Timeout | undefined;
  /** Who waits now, and since when. */
  #waiting: { readonly since: number; idle(): void } | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  orIdle<T>(next: Promise<T>): Promise<T | 'idle'> {
    return new Promise((resolve, reject) => {
      this.#waiting = { since: Date.now(), idle: () => resolve('idle') };
      this.#timer ??= setTimeout(() => this.#look(), this.#ms);
      const over = (settle: () => void): void => {
        this.#waiting = undefined;
        settle();
      };
      next.then(
        (value) => over(() => resolve(value)),
        (error: unknown) => over(() => reject(error)),
      );
    });
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    this.#timer = undefined;
    if (this.#waiting === undefined) return;
    const left = this.#waiting.since + this.#ms - Date.now();
    if (left > 0) this.#timer = setTimeout(() => this.#look(), left);
    else this.#waiting.idle();
  }
}
