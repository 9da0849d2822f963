import { BaseCommand } from '../../cli/base-command.ts';
import { queueFlags, queueFolder } from '../../cli/queue-folder.ts';
import { queueLines } from '../../cli/queue-talk.ts';
import { say } from '../../cli/reading.ts';
import { openQueueUpkeep } from '../../lib/wire/upkeep.ts';

export default class QueueLs extends BaseCommand {
  static override summary = 'what waits in the queues before remote targets';
  static override description =
    'Each queue with its target, the events that are not delivered yet, the oldest of them, and the processes at work.';
  static override examples = ['logs queue ls', 'logs queue ls --json'];
  static override flags = { ...queueFlags };

  async run(): Promise<void> {
    const { flags } = await this.parse(QueueLs);
    const root = queueFolder(flags['queue-dir']);
    const { inspectQueue, queueNames } = await openQueueUpkeep();
    const queues = [];
    for (const name of await queueNames(root)) {
      this.signal.throwIfAborted();
      queues.push(await inspectQueue(root, name));
    }
    if (flags.json) {
      const documents = queues.map(({ oldest, damage, quarantine, files, ...queue }) => ({
        ...queue,
        ...(oldest === undefined ? {} : { oldest: new Date(oldest).toISOString() }),
      }));
      await this.document({ queues: documents });
    } else {
      const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
      const told = queues.map((queue) => `${queueLines(queue, zone).join('\n')}\n`);
      await this.write(told.length === 0 ? `there are no queues in ${root}\n` : told.join('\n'));
    }
    for (const { name, damage } of queues)
      if (damage.length > 0) say(`${name} is damaged: \`logs queue verify ${name}\` says where`);
  }
}
