import { lasting } from './lasting.ts';

/** An outage that is over sooner is not worth a line. */
const QUIET_MS = 2_000;

/** Tells once that a sink fails and once that it is back, however many attempts were made meanwhile. */
export class OutageTalk {
  /** Events that wait for the sink. */
  waiting = 0;
  readonly #name: string;
  readonly #tell: (text: string) => void;
  #since: number | undefined;
  #told = false;

  constructor(name: string, tell: (text: string) => void) {
    this.#name = name;
    this.#tell = tell;
  }

  failed(reason: string): void {
    const now = performance.now();
    this.#since ??= now;
    if (this.#told || now - this.#since < QUIET_MS) return;
    this.#told = true;
    const events = `${this.waiting.toLocaleString('en-US')} event${this.waiting === 1 ? ' waits' : 's wait'}`;
    this.#tell(`${reason.includes(this.#name) ? '' : `${this.#name}: `}${reason}; ${events}, trying again`);
  }

  succeeded(): void {
    if (this.#told && this.#since !== undefined) {
      this.#tell(`${this.#name} is back after ${lasting(performance.now() - this.#since)}`);
    }
    this.#told = false;
    this.#since = undefined;
  }
}
