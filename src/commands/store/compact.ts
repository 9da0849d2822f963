import * as Flags from '@oclif/core/flags';
import { BaseCommand, storeFolder } from '../../cli/base-command.ts';
import { compactedLine, plannedLines, stepText } from '../../cli/compact-talk.ts';
import { say } from '../../cli/reading.ts';
import { openCompaction } from '../../lib/wire/upkeep.ts';

export default class StoreCompact extends BaseCommand {
  static override summary = 'merge what is small in the store: less disk, faster answers';
  static override description =
    'Log files that nobody writes to are sealed, small segments of a day merged, and what nobody needs any more is deleted. Writers do a little of this by themselves; this does all of it. Anyone may ship and search meanwhile. Files that were replaced are deleted ten minutes later, by whoever ships or compacts next. Stopped, it leaves the store as whole as before. Exit 2: some segments are damaged, or some log files could not be sealed, and stay as they are; or a log file was damaged, and what could not be read of it is in the quarantine.';
  static override examples = [
    'logs store compact',
    'logs store compact --dry-run',
    'logs store compact --tenant acme --json',
  ];
  static override flags = {
    tenant: Flags.string({ helpValue: 'NAME', summary: 'only this tenant' }),
    'dry-run': Flags.boolean({ summary: 'change nothing: say what would be merged' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(StoreCompact);
    const began = performance.now();
    const dryRun = flags['dry-run'];
    const { compactStore } = await openCompaction();
    const tenants = await compactStore(
      storeFolder(flags.store),
      {
        ...(flags.tenant === undefined ? {} : { tenant: flags.tenant }),
        dryRun,
        progress: (at) => {
          // What a person would wait for without a word.
          if (at.kind === 'waiting')
            say(
              `waiting: ${at.process === undefined ? 'another process' : `process ${at.process}`} compacts ${at.tenant}`,
            );
          else if (process.stderr.isTTY === true && !flags.json) say(`${at.tenant}: ${stepText(at.step)}`);
        },
        tell: ({ message }) => say(message),
      },
      this.signal,
    );
    const seconds = (performance.now() - began) / 1000;
    if (flags.json) await this.document({ dryRun, tenants, seconds });
    else if (tenants.length === 0) await this.write('the store is empty\n');
    else
      for (const tenant of tenants) {
        const lines = dryRun ? plannedLines(tenant) : [compactedLine(tenant)];
        await this.write(`${lines.join('\n')}\n`);
      }
    const damage = tenants.flatMap((tenant) => tenant.damage);
    for (const { where, what } of damage) say(`damaged: ${where}: ${what}`);
    const problems = tenants.flatMap((tenant) => tenant.problems);
    for (const { code, message } of problems) say(code === 'STORE_DAMAGED' ? message : `not done: ${message}`);
    for (const hint of new Set(problems.map((problem) => problem.hint))) if (hint !== undefined) say(`hint: ${hint}`);
    this.conclude(damage.length > 0 || problems.length > 0 ? 2 : 0);
  }
}
