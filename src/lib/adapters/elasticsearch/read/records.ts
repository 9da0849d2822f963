import { isFields } from '../../../parse/json.ts';
import { readJson } from '../../../parse/json-reader.ts';
import type { LogRecord } from '../../../record/record.ts';
import { recordOf } from '../document/record-of.ts';
import { foreignRecord } from './foreign-record.ts';
import type { Hit } from './scan.ts';

/** The record of a hit, ours or another's; undefined where the index does not keep its documents. */
export function recordOfHit({ source, id }: Hit): LogRecord | undefined {
  if (source === undefined) return undefined;
  const { value } = readJson(source);
  if (!isFields(value)) return undefined;
  return recordOf(value)?.record ?? foreignRecord(value, source, id);
}
