import { resolve } from 'node:path';
import { fileFailure } from '../../../buffer/failure.ts';
import { nodeFs } from '../../../buffer/fs.ts';
import type { LogsError } from '../../../errors.ts';
import { adoptFree } from '../adopt.ts';
import { QUEUE_LIMITS } from '../queue-limits.ts';
import { inspectQueue, type QueueReport } from './inspect.ts';

/**
 * Puts in order what processes left that have ended: copies of what is damaged or torn go to the quarantine, and the rest
 * can be sent. What a living process works on is left to it. Throws NOT_FOUND.
 */
export async function repairQueue(
  root: string,
  name: string,
  tell: (problem: LogsError) => void,
): Promise<QueueReport> {
  await inspectQueue(root, name);
  const dir = resolve(root, name);
  const place = { fs: nodeFs, dir, tell, limits: QUEUE_LIMITS, changed: () => undefined };
  for (const lane of (await adoptFree(place, Number.POSITIVE_INFINITY, Date.now())).lanes) {
    await (lane.settled ? lane.finish() : lane.release()).catch((error: unknown) =>
      tell(fileFailure(error, lane.folder, 'write to')),
    );
  }
  return inspectQueue(root, name);
}
