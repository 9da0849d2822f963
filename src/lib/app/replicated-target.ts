import { LogsError } from '../errors.ts';
import { replicate } from '../send/replicate.ts';
import { allClaims } from './all-claims.ts';
import { mostInFlight } from './most-in-flight.ts';
import type { ShipTarget } from './ship.ts';
import { skipKnown, withOffsets } from './skip-known.ts';

interface NamedTarget extends ShipTarget {
  /** Its address without secrets. */
  readonly name: string;
}

/** How targets that all get everything end. */
export interface ReplicatedEnd {
  readonly tell: (text: string) => void;
  /** Called when as many as are needed have delivered all: the others need not be waited for. */
  readonly enough: () => void;
}

/** Bytes that wait in memory for a target without a queue, while others have them. */
const BEHIND = 16 * 1024 * 1024;

/**
 * Targets that all get everything. Where each keeps what it is given on this disk or for good, all of them have to have
 * taken an event; at the end it is enough when `copies` of them have delivered all, and what the others still have in
 * their queues is told. Without queues an event is acknowledged when `copies` of them have it.
 */
export function replicated(targets: readonly NamedTarget[], copies: number, end: ReplicatedEnd): ShipTarget {
  const { tell } = end;
  const durable = targets.every(({ claims }) => claims !== undefined);
  const needed = durable ? targets.length : copies;
  const sinks = targets.map(({ name, sink, claims }) => ({
    name,
    sink: claims === undefined ? sink : skipKnown(sink),
  }));
  const all = replicate(sinks, { copies: needed, behindBytes: BEHIND }, tell);
  return {
    sink: {
      ...all,
      send: (batch, signal) => all.send(withOffsets(batch), signal),
      ...(durable ? { close: () => closeEnough(targets, copies, end) } : {}),
    },
    claims: allClaims(targets),
    inFlight: mostInFlight(targets),
  };
}

async function closeEnough(
  targets: readonly NamedTarget[],
  copies: number,
  { tell, enough }: ReplicatedEnd,
): Promise<void> {
  let delivered = 0;
  const closing = targets.map(async ({ sink }) => {
    await sink.close();
    delivered += 1;
    if (delivered === copies) enough();
  });
  const ends = await Promise.allSettled(closing);
  const failures = ends.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []));
  const grave = failures.find((failure) => !(failure instanceof LogsError && failure.code === 'UNDELIVERED'));
  if (grave instanceof Error) throw grave;
  if (delivered < copies) throw failures[0];
  for (const failure of failures) if (failure instanceof LogsError) tell(failure.message);
}
