/** What `logs queue` does with queues; loaded only by it. */
export { openQueue } from '../target-queue.ts';
export { inspectQueue, queueNames } from './inspect.ts';
export { repairQueue } from './repair-queue.ts';
