/** When log files end and are sealed. Bytes, frames, milliseconds. */
export interface WriterLimits {
  readonly rotateBytes: number;
  readonly rotateFrames: number;
  /** Age of the oldest byte that is in no segment. */
  readonly rotateMs: number;
  /** All log files of the tenant together; above it appends wait for seals. */
  readonly unsealedBytes: number;
  /** A smaller last file is left for the next writer to go on with. */
  readonly sealAtCloseBytes: number;
  /** The same where this writer has sealed others, and what a seal needs is under way. */
  readonly sealRestBytes: number;
}

export const WRITER_LIMITS: WriterLimits = {
  rotateBytes: 24 * 2 ** 20,
  rotateFrames: 50_000,
  rotateMs: 15 * 60_000,
  // More does not make it faster: pages of files that are not there yet cost the kernel most.
  unsealedBytes: 96 * 2 ** 20,
  sealAtCloseBytes: 8 * 2 ** 20,
  sealRestBytes: 2 ** 20,
};
