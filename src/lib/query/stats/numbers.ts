import { valuesOf } from '../../record/field-access.ts';
import type { LogRecord } from '../../record/record.ts';
import { numberOf } from '../compare.ts';

/** Calls `visit` with each number in a field; texts that are wholly a number count, infinities (1e400) do not. */
export function eachNumber(record: LogRecord, field: string, visit: (value: number) => void): void {
  for (const value of valuesOf(record, field)) {
    const near = numberOf(value)?.near;
    if (near !== undefined && Number.isFinite(near)) visit(near);
  }
}

/** A running sum with its rounding error kept (Neumaier 1974), so that the order of events does not show. */
export class Sum {
  count = 0;
  #sum = 0;
  #lost = 0;

  /** Adds a value so many times. */
  add(value: number, times = 1): void {
    // Whole numbers lose nothing by being multiplied; others are added one by one, as they would be from events.
    if (times > 1 && Number.isSafeInteger(value * times)) {
      this.#addOne(value * times);
    } else {
      for (let time = 0; time < times; time++) this.#addOne(value);
    }
    this.count += times;
  }

  #addOne(value: number): void {
    const next = this.#sum + value;
    this.#lost += Math.abs(this.#sum) >= Math.abs(value) ? this.#sum - next + value : value - next + this.#sum;
    this.#sum = next;
  }

  get total(): number {
    return this.#sum + this.#lost;
  }
}
