import { BaseCommand } from '../../cli/base-command.ts';
import { chosenQueues, queueFlags, queueFolder } from '../../cli/queue-folder.ts';
import { say } from '../../cli/reading.ts';
import { openQueueUpkeep } from '../../lib/wire/upkeep.ts';

export default class QueueRepair extends BaseCommand {
  static override summary = 'put damaged queues in order, so that the rest is sent';
  static override description =
    'All queues, where none is named. Copies of what cannot be read go to the quarantine; nothing else is lost. ' +
    'Sending does the same by itself. Exit 2: some damage is left, in what a living process works on.';
  static override examples = ['logs queue repair', 'logs queue repair kafka-one-9092-logs-raw-1c2d3e4f'];
  static override flags = { ...queueFlags };
  static override strict = false;
  protected override readonly words = 'files';

  async run(): Promise<void> {
    const { flags } = await this.parse(QueueRepair);
    const root = queueFolder(flags['queue-dir']);
    const { queueNames, repairQueue } = await openQueueUpkeep();
    const queues = [];
    for (const name of chosenQueues(this.positionals, await queueNames(root), 'any')) {
      this.signal.throwIfAborted();
      queues.push(
        await repairQueue(root, name, ({ message, hint }) =>
          say(hint === undefined ? message : `${message} (${hint})`),
        ),
      );
    }
    if (flags.json) await this.document({ queues });
    for (const { name, events, damage } of queues) {
      if (!flags.json) await this.write(`${name}: ${events} events can be sent\n`);
      for (const { where, what } of damage) say(`still damaged: ${where}: ${what}`);
    }
    if (!flags.json && queues.length === 0) await this.write(`there are no queues in ${root}\n`);
    this.conclude(queues.some(({ damage }) => damage.length > 0) ? 2 : 0);
  }
}
