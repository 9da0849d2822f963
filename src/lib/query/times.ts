import type { CompareOp, QueryClock, Scalar, Value } from './ast.ts';
import { parseTimeSpan, spanOfScalar, type TimeSpan } from './time-range.ts';

/** Instants from `from` (taken) to `to` (not taken); absent bounds are open. Nanoseconds since 1970. */
export interface Instants {
  readonly from?: bigint;
  readonly to?: bigint;
}

const NEVER: readonly Instants[] = [];

/**
 * The instants that a value on a time field takes: whole days for a date, an hour for `…T14`. Undefined for what is
 * matched as text (wildcards, regular expressions).
 */
export function instantsOfValue(value: Value, clock: QueryClock): readonly Instants[] | undefined {
  switch (value.kind) {
    case 'any':
      return [{}];
    case 'term':
    case 'phrase':
      return [parseTimeSpan(value.text, clock)];
    case 'in':
      return value.values.flatMap((scalar) => instantsOfCompare('=', scalar, clock));
    case 'range': {
      const from =
        value.from === '*'
          ? {}
          : (instantsOfCompare(value.includeFrom ? '>=' : '>', value.from, clock)[0] ?? undefined);
      const to =
        value.to === '*' ? {} : (instantsOfCompare(value.includeTo ? '<=' : '<', value.to, clock)[0] ?? undefined);
      return from === undefined || to === undefined ? NEVER : [{ ...from, ...to }];
    }
    default:
      return undefined;
  }
}

/** The instants for which `time op scalar` holds; not for `!=`, which is the negation of `=`. */
export function instantsOfCompare(
  op: Exclude<CompareOp, '!='>,
  scalar: Scalar,
  clock: QueryClock,
): readonly Instants[] {
  const span = spanOfScalar(scalar, clock);
  return span === undefined ? NEVER : [bounds(op, span)];
}

function bounds(op: Exclude<CompareOp, '!='>, span: TimeSpan): Instants {
  switch (op) {
    case '<':
      return { to: span.from };
    case '<=':
      return { to: span.to };
    case '>':
      return { from: span.to };
    case '>=':
      return { from: span.from };
    case '=':
      return span;
  }
}

export function isWithin(instants: readonly Instants[], instant: bigint): boolean {
  return instants.some(({ from, to }) => (from === undefined || instant >= from) && (to === undefined || instant < to));
}
