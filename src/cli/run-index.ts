import { openIndexAdmin } from '../lib/wire/upkeep.ts';
import { type IndexFlags, setUpOptions } from './index-options.ts';
import { setUpLines, statusLines } from './index-talk.ts';
import { talk } from './streams.ts';

/** What a command shows: data, and lines of talk. */
export interface IndexAnswer {
  readonly document: unknown;
  readonly lines: readonly string[];
}

/** Puts template and policy there, or with `print` says what would be put. */
export async function setUpIndex(
  address: string,
  flags: IndexFlags & { readonly print: boolean },
  signal: AbortSignal,
): Promise<IndexAnswer> {
  const options = setUpOptions(flags);
  const admin = await openIndexAdmin(address, talk);
  try {
    if (flags.print) {
      const requests = await admin.requests(options, signal);
      return { document: requests, lines: [JSON.stringify(requests, undefined, 2)] };
    }
    const done = await admin.setUp(options, signal);
    return { document: done, lines: setUpLines(done) };
  } finally {
    await admin.close();
  }
}

export async function indexStatus(address: string, signal: AbortSignal): Promise<IndexAnswer> {
  const admin = await openIndexAdmin(address, talk);
  try {
    const status = await admin.status(signal);
    return { document: status, lines: statusLines(status) };
  } finally {
    await admin.close();
  }
}
