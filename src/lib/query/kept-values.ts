import { LogsError } from '../errors.ts';
import { QUERY_LIMITS } from './limits.ts';

/** Bytes that a value in a set takes beside its text. */
const OVERHEAD = 100;
const BYTES_A_CHARACTER = 2;

/** Different values that a query must keep in memory until its end, of all its parts together. */
export class KeptValues {
  #bytes = 0;

  /**
   * One more value, of which `what` now has `count`: `distinct(pod)`, `values`.
   * @throws LogsError QUERY_UNSUPPORTED where memory should hold no more
   */
  add(value: string, count: number, what: string, unit: string): void {
    if (count > QUERY_LIMITS.groups) throw tooMuch(`${what} more than ${QUERY_LIMITS.groups} ${unit}`);
    this.#bytes += OVERHEAD + value.length * BYTES_A_CHARACTER;
    if (this.#bytes > QUERY_LIMITS.kept)
      throw tooMuch(`${what} ${unit} that need more than ${QUERY_LIMITS.kept >> 20} MiB of memory`);
  }
}

function tooMuch(message: string): LogsError {
  return new LogsError('QUERY_UNSUPPORTED', message, {
    hint: 'narrow the time or the filter, or choose a field with fewer or shorter values',
  });
}
