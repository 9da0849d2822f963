import { join } from 'node:path';
import { replaceFile } from '../../../buffer/durable.ts';
import { errorCode, type Fs } from '../../../buffer/fs.ts';
import type { Filter, GroupKey, StatFunction } from '../../../query/ast.ts';
import { isPromotable } from '../scan/promotable.ts';

/** A key that queries asked for where segments had no column of it, and when it was noted last: ms since 1970. */
export interface WantedKey {
  readonly key: string;
  readonly at: number;
}

/** `STORE/<tenant>/wanted.json`: read by whoever chooses the columns of new segments, lost without harm. */
const FILE = 'wanted.json';
const MOST = 200;
/** Noted anew so often. */
const FRESH_MS = 86_400_000;

/** The keys that queries wanted, the last asked for first; none where the file is not there or is not what it should be. */
export async function readWantedKeys(fs: Fs, tenantDir: string): Promise<WantedKey[]> {
  try {
    const found: unknown = JSON.parse((await fs.readFile(join(tenantDir, FILE))).toString('utf8'));
    return Array.isArray(found) ? found.filter(isWantedKey).sort((a, b) => b.at - a.at) : [];
  } catch (error) {
    if (errorCode(error) !== undefined || error instanceof SyntaxError) return [];
    throw error;
  }
}

function isWantedKey(value: unknown): value is WantedKey {
  return (
    typeof value === 'object' &&
    value !== null &&
    'key' in value &&
    typeof value.key === 'string' &&
    isPromotable(value.key) &&
    'at' in value &&
    typeof value.at === 'number'
  );
}

/** Gathers what the queries of one process want. */
export class WantedKeys {
  readonly #keys = new Set<string>();

  /** Notes the keys that a query filters or groups by, or reads, and that have no column in some segment it reads. */
  note(
    query: { readonly filter: Filter; readonly by?: readonly GroupKey[]; readonly functions?: readonly StatFunction[] },
    columns: readonly { readonly key: string }[],
  ): void {
    const asked = [
      ...fieldsIn(query.filter),
      ...(query.by ?? []).flatMap((key) => (key.kind === 'every' ? [] : [key.field])),
      ...(query.functions ?? []).flatMap((statistic) => ('field' in statistic ? [statistic.field] : [])),
    ];
    for (const field of asked) {
      if (isPromotable(field) && !columns.some(({ key }) => key === field)) this.#keys.add(field);
    }
  }

  /** Adds them to those of other processes. A store that cannot be written to is only read: then nothing is kept. */
  async save(fs: Fs, tenantDir: string, now: number): Promise<void> {
    if (this.#keys.size === 0) return;
    const known = await readWantedKeys(fs, tenantDir);
    const stale = [...this.#keys].filter((key) => !known.some((each) => each.key === key && each.at > now - FRESH_MS));
    this.#keys.clear();
    if (stale.length === 0) return;
    const others = known.filter(({ key }) => !stale.includes(key));
    const all = [...stale.map((key): WantedKey => ({ key, at: now })), ...others].slice(0, MOST);
    try {
      await replaceFile(fs, join(tenantDir, FILE), Buffer.from(`${JSON.stringify(all)}\n`));
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
    }
  }
}

function fieldsIn(filter: Filter): string[] {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.flatMap(fieldsIn);
    case 'not':
      return fieldsIn(filter.filter);
    case 'match':
    case 'compare':
      return filter.field === undefined ? [] : [filter.field];
    case 'all':
      return [];
  }
}
