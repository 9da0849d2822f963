import type { Frame } from '../../../buffer/frame.ts';
import type { Filter } from '../../../query/ast.ts';
import { canBeMet, type Needs } from '../../../query/needs.ts';
import type { LiveLog } from './live-logs.ts';

/**
 * The logs without the frames that cannot hold a match, which their bytes tell several times as fast as their events:
 * frames of JSON lines, whose texts stand in them letter for letter.
 */
export function mayMeet(logs: readonly LiveLog[], filter: Filter, needs: Needs): readonly LiveLog[] {
  // What is looked for in all values may be in those that no line has: a reason why it could not be read.
  if (needs.kind === 'any' || asksEverywhere(filter)) return logs;
  return logs.map((log) => ({ ...log, frames: log.frames.filter((frame) => frameMayMeet(log.bytes, frame, needs)) }));
}

function asksEverywhere(filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.some(asksEverywhere);
    case 'not':
      return asksEverywhere(filter.filter);
    case 'match':
      return filter.field === '*';
    default:
      return false;
  }
}

function frameMayMeet(bytes: Buffer, { payload, header, context }: Frame, needs: Needs): boolean {
  if (context.format !== undefined && context.format !== 'json') return true;
  const text = bytes.toString('latin1', payload, payload + header.len).toLowerCase();
  const beside = JSON.stringify(context).toLowerCase();
  const isMet = canBeMet(needs, (need) => {
    if (need.kind === 'time') return true;
    const run = need.text.toLowerCase();
    return text.includes(run) || beside.includes(run);
  });
  return isMet || !isPlainJson(text);
}

/** Whether all lines are JSON objects or meant to be, with no letter escaped, and none has a line of another form in it. */
function isPlainJson(text: string): boolean {
  if (text.includes(String.raw`\u`) || text.includes('{"log":"')) return false;
  for (let at = 0, end = 0; end !== -1 && at < text.length; at = end + 1) {
    if (text[at] !== '{' && text[at] !== '\n') return false;
    end = text.indexOf('\n', at);
  }
  return true;
}
