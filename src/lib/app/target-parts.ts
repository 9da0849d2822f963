import type { PipelineQueue, PipelineTarget } from '../config/pipeline.ts';
import type { BatchQueue } from '../send/batch-queue.ts';
import type { DeadLetters } from '../send/dead-letters.ts';
import type { RemoteSink } from '../send/sink.ts';
import type { ShipTarget, SourceClaims } from './ship.ts';

/** A disk queue and what stands around it. */
export interface OpenedQueue {
  readonly queue: BatchQueue;
  /** As `logs queue` takes it. */
  readonly name: string;
  /** On sources, of which it keeps the positions. */
  readonly claims: SourceClaims;
}

/** What the targets of a pipeline are put together from; only what is needed is opened. */
export interface TargetParts {
  /** Whether a URL names servers on other machines. */
  isRemote(url: string): boolean;
  isTopic(url: string): boolean;
  /** Events that a consumer group of topics is behind, over all partitions. */
  consumerLag(url: string, group: string | undefined): Promise<number>;
  /** `store`, `store:DIR`, `file:PATH`, `-`, `null:`. */
  openLocal(url: string): Promise<ShipTarget>;
  openRemote(url: string): Promise<RemoteSink>;
  openQueue(target: PipelineTarget, settings: PipelineQueue): Promise<OpenedQueue>;
  openDeadLetters(dir: string | undefined): Promise<DeadLetters>;
}
