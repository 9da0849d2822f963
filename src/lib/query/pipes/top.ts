import type { GroupKey, Stage } from '../ast.ts';

/** `top N key` is the N largest groups: `stats count() by key | sort -count | limit N`. */
export function topStages(n: number, key: GroupKey): readonly [Extract<Stage, { kind: 'stats' }>, ...Stage[]] {
  return [
    { kind: 'stats', functions: [{ kind: 'count' }], by: [key] },
    { kind: 'sort', keys: [{ field: 'count', descending: true }] },
    { kind: 'limit', n },
  ];
}
