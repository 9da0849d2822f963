import { BaseCommand } from '../../cli/base-command.ts';
import { chosenQueues, queueFlags, queueFolder } from '../../cli/queue-folder.ts';
import { say } from '../../cli/reading.ts';
import { openQueueUpkeep } from '../../lib/wire/upkeep.ts';

export default class QueueVerify extends BaseCommand {
  static override summary = 'read everything that waits in queues and check it';
  static override description = 'All queues, where none is named. Exit 0: whole, 2: damaged, with what and where.';
  static override examples = ['logs queue verify', 'logs queue verify kafka-one-9092-logs-raw-1c2d3e4f --json'];
  static override flags = { ...queueFlags };
  static override strict = false;
  protected override readonly words = 'files';

  async run(): Promise<void> {
    const { flags } = await this.parse(QueueVerify);
    const root = queueFolder(flags['queue-dir']);
    const { inspectQueue, queueNames } = await openQueueUpkeep();
    const queues = [];
    for (const name of chosenQueues(this.positionals, await queueNames(root), 'any')) {
      this.signal.throwIfAborted();
      queues.push(await inspectQueue(root, name));
    }
    if (flags.json) await this.document({ queues });
    for (const { name, events, files, damage, quarantine } of queues) {
      if (!flags.json && damage.length === 0)
        await this.write(`${name}: ${events} events that wait in ${files} log files are whole\n`);
      for (const { path, bytes } of quarantine) say(`kept apart by an earlier recovery: ${path} (${bytes} bytes)`);
      for (const { where, what } of damage) say(`damaged: ${where}: ${what}`);
    }
    if (!flags.json && queues.length === 0) await this.write(`there are no queues in ${root}\n`);
    this.conclude(queues.some(({ damage }) => damage.length > 0) ? 2 : 0);
  }
}
