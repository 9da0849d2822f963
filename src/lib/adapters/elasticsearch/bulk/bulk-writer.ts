import { LogsError } from '../../../errors.ts';
import type { Delivery, Refusal } from '../../../send/sink.ts';
import type { EsClient } from '../client.ts';
import type { DocumentOptions } from '../document/document-of.ts';
import { type BulkBody, type BulkTarget, encodeBatch, encodeEvents, type NamedBatch } from './encode.ts';
import { type BulkItem, fieldsNamed, namesIn, outcomeOf } from './outcome.ts';

/** Milliseconds: a busy server may take long over 5,000 documents, and what is given up then is sent again. */
const TIMEOUT = 60_000;

export interface Written extends Delivery {
  /** Accepted events that were kept whole because they could not be parsed. */
  readonly unparsed: number;
}

export interface BulkSettings {
  readonly target: BulkTarget;
  /** Last, send what fits no mapping with its fields unindexed. */
  readonly unindexed: boolean;
}

/** How an event that did not fit is sent again: with the fields that the server named beside the others, then unindexed. */
type Form = 'beside' | 'unindexed';

/** Writes a batch by `_bulk`, each event with an outcome of its own. Throws as `EsClient.ask` and `outcomeOf` do. */
export async function writeBatch(
  client: EsClient,
  batch: NamedBatch,
  { target, unindexed }: BulkSettings,
  signal: AbortSignal,
): Promise<Written> {
  const rejected: Refusal[] = [];
  const retry: Refusal[] = [];
  const unparsed = new Set<number>();
  let accepted = 0;

  const write = async (body: BulkBody): Promise<Refusal[]> => {
    const misfits: Refusal[] = [];
    if (body.events.length === 0) return misfits;
    for (const event of body.unparsed) unparsed.add(event);
    const items = await sendBulk(client, body, signal);
    body.release();
    for (const [at, event] of body.events.entries()) {
      const item = items[at];
      const outcome = item === undefined ? undefined : outcomeOf(item, client.url);
      if (outcome === undefined || outcome.kind === 'accepted') {
        accepted += 1;
        continue;
      }
      const { reason } = outcome;
      if (outcome.kind === 'misfit') misfits.push({ event, reason });
      else {
        (outcome.kind === 'retry' ? retry : rejected).push({ event, reason });
        unparsed.delete(event);
      }
    }
    return misfits;
  };

  let misfits = await write(encodeBatch(batch, target));
  for (const form of unindexed ? (['beside', 'unindexed'] as const) : (['beside'] as const)) {
    if (misfits.length > 0) misfits = await write(encodeMisfits(batch, target, misfits, form));
  }
  for (const refusal of misfits) {
    rejected.push(refusal);
    unparsed.delete(refusal.event);
  }
  return { accepted, rejected, ...(retry.length === 0 ? {} : { retry }), unparsed: unparsed.size };
}

function encodeMisfits(batch: NamedBatch, target: BulkTarget, misfits: readonly Refusal[], form: Form): BulkBody {
  const optionsOf = new Map(
    misfits.map(({ event, reason }) => {
      const names = namesIn(reason);
      const options = (fields: readonly string[]): DocumentOptions =>
        form === 'unindexed' ? { unindexed: true } : { beside: fieldsNamed(names, fields) };
      return [event, (record: { readonly fields: object }) => options(Object.keys(record.fields))] as const;
    }),
  );
  return encodeEvents(batch, target, optionsOf);
}

/** The items of the answer; none where all is well. */
async function sendBulk(client: EsClient, { lines, events }: BulkBody, signal: AbortSignal): Promise<BulkItem[]> {
  const answer = await client.json<{ errors?: unknown; items?: readonly { readonly [action: string]: BulkItem }[] }>(
    {
      method: 'POST',
      path: '/_bulk',
      query: {
        filter_path: 'errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason',
      },
      lines,
      timeout: TIMEOUT,
    },
    signal,
  );
  if (answer.errors === false) return [];
  const items = (answer.items ?? []).map((item) => Object.values(item)[0]);
  if (answer.errors !== true || items.length !== events.length || items.some((item) => item === undefined)) {
    throw new LogsError('REMOTE_FAILED', `${client.url.shown} answers something other than the outcome of a bulk`, {
      hint: 'is there something between it and us that changes answers?',
    });
  }
  return items as BulkItem[];
}
