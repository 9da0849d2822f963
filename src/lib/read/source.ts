/** Bytes of a source as they were read: views of a buffer that the next read may overwrite. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** What a source is on disk, where it is a file: enough to tell whether it is the one shipped before. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
  /** Nanoseconds since 1970; 0 where the file system does not say. */
  readonly born: bigint;
}

/** Where log bytes come from. */
export interface LogSource {
  /** `-`, or the path as the user would type it. */
  readonly name: string;
  /** Absent for a source that cannot be read twice (a pipe). */
  readonly identity: FileIdentity | undefined;
  /** Bytes to come, where known: for a progress bar. */
  readonly size: number | undefined;
  /**
   * MUST give every byte from `from` on, in order, once, and end at the end of the source or, soon, when the signal
   * is aborted (without throwing). A source without identity is read from 0, once.
   */
  read(signal: AbortSignal, from?: number): ByteStream;
  /** Gives up what is open. */
  close(): Promise<void>;
}
