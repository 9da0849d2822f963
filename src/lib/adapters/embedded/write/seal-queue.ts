import { fileFailure } from '../../../buffer/failure.ts';
import { LogsError } from '../../../errors.ts';

/** A log file whose owner is done with it. */
export interface LogToSeal {
  readonly writer: string;
  /** File name, `<n>-<life>.log`. */
  readonly file: string;
  readonly path: string;
  /** Number of the claim that the caller holds; part of the names of the segments. */
  readonly claim: number;
  /** Others wait, or are being sealed: said when its turn has come. */
  readonly hurried?: boolean;
  /** Resolves when the logs before it are in segments, or were given up: whoever follows the store gets what was received first. */
  readonly turn?: Promise<unknown>;
}

export interface SealReport {
  /** `[seq, events]`: frames with events that were kept whole because they could not be parsed. */
  readonly unparsed: readonly (readonly [seq: number, events: number])[];
}

/** Turns a log file into segments, commits them and deletes the file. When it rejects, the file is still there and counts. */
export type Seal = (log: LogToSeal) => Promise<SealReport>;

/** Logs being sealed at the same time: one is scanned while one is read back and one is committed. */
const AT_ONCE = 3;

/** Seals log files in the background, in order. A failure is told; the file stays, and whoever owns it next tries again. */
export class SealQueue {
  readonly #seal: Seal;
  readonly #tell: (problem: LogsError) => void;
  readonly #waiting: { log: LogToSeal; bytes: number; done(sealed: SealReport | undefined): void }[] = [];
  #running = 0;
  /** The seal that was begun last. */
  #last: Promise<unknown> = Promise.resolve();
  #bytes = 0;
  #watchers: (() => void)[] = [];
  readonly #rest: (() => Promise<void>) | undefined;
  readonly #atOnce: number;
  #resting: Promise<void> | undefined;

  /** `rest` is called whenever the last seal is done. */
  constructor(seal: Seal, tell: (problem: LogsError) => void, rest?: () => Promise<void>, atOnce = AT_ONCE) {
    this.#seal = seal;
    this.#tell = tell;
    this.#rest = rest;
    this.#atOnce = atOnce;
  }

  /** Bytes of log files that wait or are being sealed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves with what the seal found, with nothing when it failed; never rejects. */
  add(log: LogToSeal, bytes: number): Promise<SealReport | undefined> {
    return new Promise((done) => {
      this.#waiting.push({ log, bytes, done });
      this.#bytes += bytes;
      this.#next();
    });
  }

  /** Resolves when no more than so many bytes wait or are being sealed. */
  async below(bytes: number): Promise<void> {
    while (this.#bytes > bytes) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  /** Resolves when nothing waits or is being sealed. */
  async idle(): Promise<void> {
    while (this.#running > 0) await new Promise<void>((resolve) => this.#watchers.push(resolve));
    await this.#resting;
  }

  #next(): void {
    while (this.#running < this.#atOnce) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      this.#running += 1;
      const hurried = this.#running > 1 || this.#waiting.length > 0;
      const seal = this.#run({ ...job.log, hurried, turn: this.#last });
      this.#last = seal;
      void seal.then((sealed) => {
        this.#running -= 1;
        this.#bytes -= job.bytes;
        this.#next();
        if (this.#running === 0) this.#resting = this.#rest?.();
        job.done(sealed);
        for (const watcher of this.#watchers.splice(0)) watcher();
      });
    }
  }

  async #run(log: LogToSeal): Promise<SealReport | undefined> {
    try {
      return await this.#seal(log);
    } catch (error) {
      const { code, message } = fileFailure(error, log.path, 'seal');
      const told = `not sealed yet, its events are safe there and found: ${message}`;
      this.#tell(new LogsError(code, told, { cause: error }));
      return undefined;
    }
  }
}
