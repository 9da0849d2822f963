import { LogsError } from '../errors.ts';
import { replicate } from '../send/replicate.ts';
import type { ShipTarget } from './ship.ts';
import { skipKnown } from './skip-known.ts';

interface NamedTarget extends ShipTarget {
  readonly name: string;
}

/** Bytes that wait in memory for a target without a queue, while others have them. */
const BEHIND = 16 * 1024 * 1024;

/**
 * Targets that all get everything. Where each keeps what it is given on this disk or for good, all of them have to have
 * taken an event; at the end it is enough when `copies` of them have delivered all, and what the others still have in
 * their queues is told. Without queues an event is acknowledged when `copies` of them have it.
 */
export function replicated(targets: readonly NamedTarget[], copies: number, tell: (text: string) => void): ShipTarget {
  const durable = targets.every(({ claims }) => claims !== undefined);
  const needed = durable ? targets.length : copies;
  const sinks = targets.map(({ name, sink, claims }) => ({
    name,
    sink: claims === undefined ? sink : skipKnown(sink),
  }));
  const all = replicate(sinks, { copies: needed, behindBytes: BEHIND }, tell);
  return {
    sink: durable ? { ...all, close: () => closeEnough(targets, copies, tell) } : all,
    claims: targets.find(({ claims }) => claims !== undefined)?.claims,
    inFlight: Math.max(0, ...targets.map(({ inFlight }) => inFlight ?? 0)) || undefined,
  };
}

async function closeEnough(
  targets: readonly NamedTarget[],
  copies: number,
  tell: (text: string) => void,
): Promise<void> {
  const ends = await Promise.allSettled(targets.map(({ sink }) => sink.close()));
  const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
  const grave = failures.find((failure) => !(failure instanceof LogsError && failure.code === 'UNDELIVERED'));
  if (grave instanceof Error) throw grave;
  if (targets.length - failures.length < copies) throw failures[0];
  for (const failure of failures) if (failure instanceof LogsError) tell(failure.message);
}
