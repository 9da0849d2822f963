import type { Filter, QueryClock } from '../../../query/ast.ts';
import type { LogRecord } from '../../../record/record.ts';
import type { Damage } from '../../../store/store.ts';
import type { Server } from './search.ts';

export async function* followIndices(
  _server: Server,
  _plan: { readonly filter: Filter; readonly clock: QueryClock },
  _context: {
    readonly damaged: (damage: Damage) => void;
    readonly tell: (text: string) => void;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<readonly LogRecord[]> {
  yield [];
}
