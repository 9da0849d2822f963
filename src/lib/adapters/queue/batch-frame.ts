import type { Frame } from '../../buffer/frame.ts';
import { packIds, unpackIds } from '../../buffer/frame-ids.ts';
import { packOrigin, unpackOrigin } from '../../buffer/frame-origin.ts';
import type { NewFrame } from '../../buffer/log-file-writer.ts';
import { eachEvent } from '../../record/events.ts';
import { logIdsOf } from '../../record/log-id.ts';
import { countsMessages, type SizedBatch, type SourceRange } from '../../record/batch.ts';

/** A batch as it is written. */
export function frameOf(batch: SizedBatch): NewFrame {
  const { bytes, lines, joins, context, source, ids, events } = batch;
  const origin = originOf(batch);
  return {
    payload: bytes,
    lines,
    context,
    events,
    ...(joins === undefined ? {} : { join: joins }),
    ...(source === undefined ? {} : { source }),
    ...(ids === undefined ? {} : { ids: packIds(ids) }),
    ...(origin === undefined ? {} : { origin }),
  };
}

/** Of messages; that of an event in a file is counted from the range anew where it is asked for. */
function originOf({ origin, source, events }: SizedBatch) {
  if (origin === undefined || source === undefined || !countsMessages(source.id)) return undefined;
  return packOrigin(Array.from({ length: events }, (_, event) => origin(event)));
}

/** The batch that a frame was made of; `bytes` are those that its offsets count in. */
export function batchIn(frame: Frame, bytes: Uint8Array): SizedBatch {
  const { header, context, payload } = frame;
  const source = sourceIn(frame);
  const ids = header.ids === undefined ? undefined : unpackIds(header.ids);
  return {
    bytes: bytes.subarray(payload, payload + header.len),
    lines: header.n,
    events: header.events ?? ids?.length ?? header.join?.length ?? header.n,
    context,
    ...(header.join === undefined ? {} : { joins: header.join }),
    ...(source === undefined ? {} : { source }),
    ...(ids === undefined ? {} : { ids }),
    ...(header.origin === undefined ? {} : { origin: unpackOrigin(header.origin) }),
  };
}

export function sourceIn({ header: { src, from, pos, hash } }: Frame): SourceRange | undefined {
  if (src === undefined || from === undefined || pos === undefined) return undefined;
  return { id: src, from, to: pos, ...(hash === undefined ? {} : { hash }) };
}

/** The ids of a batch's events: those that it came with, else those of its frame. */
export function idsOf(batch: SizedBatch, writer: string, { t, seq }: { readonly t: number; readonly seq: number }) {
  if (batch.ids !== undefined) return batch.ids;
  const ids: string[] = [];
  const idOf = logIdsOf(t, writer, seq);
  if (batch.joins === undefined && batch.lines === batch.events) {
    for (let line = 0; line < batch.lines; line += 1) ids.push(idOf(line));
  } else eachEvent(batch.bytes, batch.joins, (_start, _end, line) => ids.push(idOf(line)));
  return ids;
}
