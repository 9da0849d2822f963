import type { Delivery, LogSink, SizedBatch } from '../send/sink.ts';

/** Bytes sent and not yet acknowledged: reading goes on while the disk syncs, in bounded memory. */
const MAX_IN_FLIGHT = 8 * 1024 * 1024;

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

  constructor(sink: LogSink, signal: AbortSignal) {
    this.sink = sink;
    this.signal = signal;
  }

  /** Resolves when the batch is on its way and there is room for more. Throws what an earlier one failed with. */
  async send(batch: SizedBatch, sourceBytes: number): Promise<void> {
    while (this.pending.size > 0 && this.inFlight + batch.bytes.length > MAX_IN_FLIGHT)
      await Promise.race(this.pending);
    this.throwFailure();
    this.inFlight += batch.bytes.length;
    const done: Promise<void> = this.sink
      .send(batch, this.signal)
      .then((delivery) => this.take(delivery, sourceBytes))
      .catch((error: unknown) => {
        this.failure ??= { error };
      })
      .finally(() => {
        this.inFlight -= batch.bytes.length;
        this.pending.delete(done);
      });
    this.pending.add(done);
  }

  /** Resolves when everything sent is acknowledged; throws the first failure. */
  async settle(): Promise<void> {
    await this.over();
    this.throwFailure();
  }

  /** Resolves when nothing is under way any more, whatever came of it. */
  async over(): Promise<void> {
    await Promise.all(this.pending);
  }

  private take(delivery: Delivery, sourceBytes: number): void {
    this.accepted += delivery.accepted;
    this.rejected += delivery.rejected.length;
    this.bytes += sourceBytes;
  }

  private throwFailure(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }
}
