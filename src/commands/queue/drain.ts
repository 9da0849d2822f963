import * as Flags from '@oclif/core/flags';
import { BaseCommand, storeFolder } from '../../cli/base-command.ts';
import { deadLetterFlags } from '../../cli/dead-letters.ts';
import { errorBody } from '../../cli/failure.ts';
import { milliseconds } from '../../cli/milliseconds.ts';
import { chosenQueues, queueFlags, queueFolder } from '../../cli/queue-folder.ts';
import { type DrainedQueue, runDrain } from '../../cli/run-drain.ts';
import { targetParts } from '../../cli/ship-target.ts';
import { openDelivery } from '../../lib/app/open-delivery.ts';
import { openQueueUpkeep } from '../../lib/wire/upkeep.ts';

export default class QueueDrain extends BaseCommand {
  static override summary = 'send what waits in queues now';
  static override description =
    'Exit 0: the queues are empty, 2: the target cannot be reached, or events are left. What a living process works on is ' +
    'its business.';
  static override examples = [
    'logs queue drain --all',
    'logs queue drain kafka-one-9092-logs-raw-1c2d3e4f --timeout 5m',
    'logs queue drain kafka-one-9092-logs-raw-1c2d3e4f --to kafka://two:9092/logs-raw',
  ];
  static override flags = {
    ...queueFlags,
    ...deadLetterFlags,
    all: Flags.boolean({ summary: 'every queue there is' }),
    to: Flags.string({ helpValue: 'URL', summary: 'send to this address instead' }),
    timeout: Flags.string({ helpValue: 'DURATION', summary: 'stop after this long; the rest stays' }),
  };
  static override strict = false;
  protected override readonly words = 'files';

  async run(): Promise<void> {
    const { flags } = await this.parse(QueueDrain);
    const root = queueFolder(flags['queue-dir']);
    const all = flags.all ? await (await openQueueUpkeep()).queueNames(root) : [];
    const names = chosenQueues(this.positionals, all, flags.all ? 'any' : 'some');
    const parts = targetParts(storeFolder(flags.store));
    const options = {
      root,
      to: flags.to,
      timeoutMs: flags.timeout === undefined ? undefined : milliseconds(flags.timeout),
      open: async (url: string, signal: AbortSignal) =>
        openDelivery(
          url,
          await parts.openDeadLetters(flags['dead-letters']),
          { parts, tell: (text) => this.talk(text) },
          signal,
        ),
    };
    const queues: DrainedQueue[] = [];
    const told = async (queue: DrainedQueue): Promise<void> => {
      queues.push(queue);
      const { name, sent, refused, left } = queue;
      const letters = refused === 0 ? '' : `, ${refused} in the dead letters`;
      if (!flags.json) await this.write(`${name}: ${sent} events sent${letters}, ${left} left\n`);
    };
    const failed = await runDrain(names, options, told, this.signal);
    if (flags.json) {
      await this.document({ queues, ...(failed === undefined ? {} : { error: errorBody(failed) }) });
      this.conclude(failed?.exit ?? 0);
    } else if (failed !== undefined) throw failed;
  }
}
