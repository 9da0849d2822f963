import { type HeldText, Scanner } from '../scan/scanner.ts';

/** Kept from one build to the next, with its memory; builds of one thread take turns between two calls. */
let shared: { readonly scanner: Scanner; readonly columns: readonly string[] } | undefined;

/** The scanner of this thread, for segments with these promoted keys; without any, one with whatever it knows already. */
export function scannerFor(columns?: readonly string[]): Scanner {
  const wanted = columns ?? shared?.columns ?? [];
  if (shared === undefined || !isSame(shared.columns, wanted)) {
    const scanner = shared?.scanner;
    // One that has not learnt all of them, for want of memory, is not used again.
    shared = undefined;
    scanner?.use({ columns: wanted });
    shared = { scanner: scanner ?? new Scanner({ columns: wanted }), columns: wanted };
  }
  return shared.scanner;
}

/** As `hold` of this thread's scanner. */
export function holdText(size: number): HeldText {
  const scanner = scannerFor();
  const before = shared;
  // One that there is no memory for is not used again.
  shared = undefined;
  const text = scanner.hold(size);
  shared = before;
  return text;
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((one, at) => one === others[at]);
}
