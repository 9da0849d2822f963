import type { ShipTarget } from './ship.ts';

/** The most that one of some targets has under way, in bytes; undefined where none says. */
export function mostInFlight(targets: readonly Pick<ShipTarget, 'inFlight'>[]): number | undefined {
  const known = targets.flatMap(({ inFlight }) => (inFlight === undefined ? [] : [inFlight]));
  return known.length === 0 ? undefined : Math.max(...known);
}
