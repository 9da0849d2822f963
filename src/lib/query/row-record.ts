import { parseLevel } from '../record/level.ts';
import type { Fields, LogRecord } from '../record/record.ts';
import type { Cell } from './table.ts';

const NO_BYTES = new Uint8Array();

/** A row of a table as an event, so that stages after statistics are the same code as before them. */
export function recordOfRow(columns: readonly string[], row: readonly Cell[]): LogRecord {
  const cells = new Map(columns.map((column, index) => [column, row[index] ?? null]));
  const take = (column: string): string | undefined => {
    const cell = cells.get(column);
    cells.delete(column);
    return cell === null || cell === undefined ? undefined : String(cell);
  };
  const ts = cells.get('@timestamp');
  const roles = {
    level: parseLevel(take('level') ?? ''),
    service: take('service'),
    message: take('message'),
    host: take('host'),
    trace_id: take('trace_id'),
    span_id: take('span_id'),
    log_id: take('log_id') ?? '',
  };
  const plain = [...cells].map(([column, cell]) => [column, typeof cell === 'bigint' ? String(cell) : cell]);
  const fields: Fields = Object.fromEntries(plain);
  return {
    raw: NO_BYTES,
    ts: typeof ts === 'bigint' ? ts : 0n,
    tsText: undefined,
    receivedAt: 0n,
    ...roles,
    fields,
    format: 'table',
  };
}
