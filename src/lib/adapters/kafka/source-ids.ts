import type { SourceMark } from '../../record/batch.ts';

/** How partitions are named as sources. */
export interface SourceNames {
  readonly cluster: string;
  /** How often a topic of that name was made, as far as marks tell, by `topic/partition`; absent: once. */
  readonly lives?: ReadonlyMap<string, number>;
}

/** The id of a partition, `topic/partition`, as a source. */
export function sourceId({ cluster, lives }: SourceNames, name: string): string {
  const life = lives?.get(name) ?? 1;
  return `kafka:${cluster}/${name}${life === 1 ? '' : `#${life}`}`;
}

/**
 * The lives that partitions are in, by where they end now: one that ends before its mark was deleted and made again,
 * and counts from 0. What a mark says of the one before must not be taken for the new one's.
 */
export function livesOf(
  cluster: string,
  marks: ReadonlyMap<string, SourceMark>,
  ends: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const lives = new Map<string, number>();
  for (const [name, end] of ends) {
    const markOf = (life: number) => marks.get(sourceId({ cluster, lives: new Map([[name, life]]) }, name));
    let life = 1;
    while (markOf(life + 1) !== undefined) life += 1;
    lives.set(name, (markOf(life)?.position ?? 0) > end ? life + 1 : life);
  }
  return lives;
}
