import type { LogSink, SizedBatch } from '../send/sink.ts';

/** Bytes sent and not yet acknowledged, where a sink does not say: reading goes on while the disk syncs, in bounded memory. */
const IN_FLIGHT = 8 * 1024 * 1024;

/** Sends batches in order, several at once, and remembers what came of them. */
export class DeliveryWindow {
  accepted = 0;
  rejected = 0;
  /** Bytes of the sources that were acknowledged. */
  bytes = 0;
  private inFlight = 0;
  private failure: { readonly error: unknown } | undefined;
  private readonly pending = new Set<Promise<void>>();
  private readonly sink: LogSink;
  private readonly signal: AbortSignal;
  private readonly most: number;

  /** `signal` ends what is under way; `most` is what may be, in bytes. */
  constructor(sink: LogSink, signal: AbortSignal, most = IN_FLIGHT) {
    this.sink = sink;
    this.signal = signal;
    this.most = most;
  }

  /**
   * Resolves when the batch is on its way and there is room for more. Throws what an earlier one failed with. `done` is
   * called when every event of it is accepted, or will never be.
   */
  async send(batch: SizedBatch, sourceBytes: number, done: () => void = () => undefined): Promise<void> {
    while (this.pending.size > 0 && this.inFlight + batch.bytes.length > this.most) await Promise.race(this.pending);
    this.throwFailure();
    this.inFlight += batch.bytes.length;
    const sent: Promise<void> = this.deliver(batch, sourceBytes, done)
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this.inFlight -= batch.bytes.length;
        this.pending.delete(sent);
      });
    this.pending.add(sent);
  }

  /** Resolves when everything sent is acknowledged; throws the first failure. */
  async settle(): Promise<void> {
    await this.over();
    this.throwFailure();
  }

  /** Resolves when nothing is under way any more, whatever came of it. */
  async over(): Promise<void> {
    this.sink.flush?.();
    await Promise.all(this.pending);
  }

  private async deliver(batch: SizedBatch, sourceBytes: number, done: () => void): Promise<void> {
    const { accepted, rejected } = await this.sink.send(batch, this.signal);
    this.accepted += accepted;
    this.rejected += rejected.length;
    this.bytes += sourceBytes;
    done();
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }
}
