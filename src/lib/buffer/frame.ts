import type { EventContext } from '../record/record.ts';
import type { PackedIds } from './frame-ids.ts';
import type { PackedOrigin } from './frame-origin.ts';

/** The header line of a frame as it stands in a log file; the payload of `len` bytes follows its LF. */
export interface FrameHeader {
  /** Always 1: the version of the frame format. Standing first, it tells a header from other JSON. */
  readonly '~f': 1;
  /** The random id of the log file, from its name; a frame of another life is not of this file. */
  readonly life: string;
  /** Counts frames from 1 within a log file. */
  readonly seq: number;
  /** The highest `seq` known durable when this frame was written. */
  readonly synced: number;
  /** Receive time in milliseconds since 1970, never decreasing within a writer. */
  readonly t: number;
  /** Identity of the source and the range of its bytes that the payload covers. */
  readonly src?: string;
  readonly from?: number;
  readonly pos?: number;
  /** SHA-256, hex, over all bytes of the source up to `pos`: what the source is compared with when it is shipped again. */
  readonly hash?: string;
  /** In a file's first frame and when it changes; otherwise that of the frame before. */
  readonly ctx?: EventContext;
  /** Line counts of events, in order, where some have several lines. */
  readonly join?: readonly number[];
  /** Ids that the events came with, one each. Absent: they follow from `t`, the writer, `seq` and the line. */
  readonly ids?: PackedIds;
  /** Events in the payload: in queues, which are asked how many they hold. */
  readonly events?: number;
  /** Where the events came from: in queues, for the dead letters to say. */
  readonly origin?: PackedOrigin;
  /** Lines in the payload, empty ones counted too; 0 for a frame that only records `synced` or a position. */
  readonly n: number;
  readonly len: number;
  /** CRC-32 over the header as written with `crc` 0, and the payload. */
  readonly crc: number;
}

/** A valid frame of a log file, with its context resolved. Offsets are bytes in the file. */
export interface Frame {
  readonly header: FrameHeader;
  readonly context: EventContext;
  /** Where the header starts. */
  readonly offset: number;
  /** Where the payload starts; it has `header.len` bytes. */
  readonly payload: number;
}
