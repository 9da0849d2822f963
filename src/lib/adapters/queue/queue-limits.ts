/** Sizes in bytes, times in milliseconds. */
export interface QueueLimits {
  /** A log file ends there. It is deleted when all of it is done: small ones give their space back early. */
  readonly rotateBytes: number;
  readonly rotateFrames: number;
  /** Of batches kept in memory until they are given; those beyond are read back from the file. */
  readonly memoryBytes: number;
  /** A checkpoint is written so long after something is done: what is done in between is given again after a crash. */
  readonly saveMs: number;
}

export const QUEUE_LIMITS: QueueLimits = {
  rotateBytes: 16 * 2 ** 20,
  rotateFrames: 20_000,
  memoryBytes: 16 * 2 ** 20,
  saveMs: 100,
};
