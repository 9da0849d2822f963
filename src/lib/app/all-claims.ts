import type { ShipTarget, SourceClaims } from './ship.ts';

/** Claims on a source for all of some targets, so that nobody else ships it to one of them. Undefined where none has any. */
export function allClaims(targets: readonly Pick<ShipTarget, 'claims'>[]): SourceClaims | undefined {
  const all = targets.flatMap(({ claims }) => (claims === undefined ? [] : [claims]));
  if (all.length <= 1) return all[0];
  return {
    async claim(place, name) {
      const held: { release(): Promise<void> }[] = [];
      const release = async (): Promise<void> => {
        for (const each of held) await each.release();
      };
      try {
        for (const claims of all) held.push(await claims.claim(place, name));
      } catch (error) {
        await release();
        throw error;
      }
      return { release };
    },
  };
}
