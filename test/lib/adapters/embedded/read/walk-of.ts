import type { SegmentEntry } from '../../../../../src/lib/adapters/embedded/layout.ts';
import { CountedMatches } from '../../../../../src/lib/adapters/embedded/read/counted.ts';
import type { ReadPlace } from '../../../../../src/lib/adapters/embedded/read/read-parts.ts';
import { SegmentWalk } from '../../../../../src/lib/adapters/embedded/read/segment-walk.ts';
import type { Filter } from '../../../../../src/lib/query/ast.ts';
import { filterNeeds } from '../../../../../src/lib/query/filter-needs.ts';
import { compilePredicate } from '../../../../../src/lib/query/predicate.ts';
import { compileSql } from '../../../../../src/lib/query/sql.ts';
import type { SearchPlan } from '../../../../../src/lib/store/store.ts';
import { CLOCK } from '../../../query/record.ts';

/** A search through segments at any time, as a store makes it of a filter. */
export function walkOf(
  place: ReadPlace,
  segments: readonly SegmentEntry[],
  filter: Filter,
  { order, limit }: { readonly order: SearchPlan['order']; readonly limit: number },
): SegmentWalk {
  return new SegmentWalk(place, segments, {
    range: {},
    order,
    limit,
    needs: filterNeeds(filter, CLOCK),
    counted: new CountedMatches(filter, CLOCK),
    may: (table) => compileSql(filter, CLOCK, table).may,
    matches: compilePredicate(filter, CLOCK),
  });
}
