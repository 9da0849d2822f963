import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openDiskQueue } from '../../../../src/lib/adapters/queue/disk-queue.ts';
import type { LogsError } from '../../../../src/lib/errors.ts';
import { batchOf, batchQueueContract, takeSome } from '../../../contracts/batch-queue.ts';
import { MemoryDisk, memoryQueue } from '../../../contracts/memory-queue.ts';
import { temporaryFolder } from '../../buffer/temporary-folder.ts';

function openIn(dir: string, tell: (problem: LogsError) => void = (problem) => expect.fail(problem.message)) {
  return openDiskQueue({ dir, tell });
}

batchQueueContract('one in memory', () => {
  const disk = new MemoryDisk();
  return async () => memoryQueue(disk);
});

batchQueueContract('one on disk', () => {
  const dir = join(temporaryFolder(), 'queues', 'q');
  return () => openIn(dir);
});

it('leaves nothing of a writer whose events are all done', async () => {
  const dir = temporaryFolder();
  const queue = await openIn(dir);
  await queue.append(batchOf(['a']));
  for (const batch of await takeSome(queue, 1)) batch.done();
  await queue.close();
  expect(readdirSync(join(dir, 'log'))).toEqual([]);
  expect(existsSync(join(dir, 'quarantine'))).toBe(false);
});
