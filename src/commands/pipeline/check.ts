import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { oneFile } from '../../cli/load-pipeline.ts';
import { checkPipeline } from '../../cli/run-pipeline-check.ts';

export default class PipelineCheck extends BaseCommand {
  static override summary = 'read a pipeline file and say everything that is wrong with it';
  static override description =
    'Keys, values, queries, addresses, and whether the secrets are there; connects to nothing without --connect. Exit 0: it can be used, 2: what is wrong is on standard error, each with file, line and column.';
  static override examples = [
    '<%= config.bin %> pipeline check pipeline.yaml',
    '<%= config.bin %> pipeline check pipeline.yaml --connect',
    '<%= config.bin %> pipeline check pipeline.yaml --show',
  ];
  static override usage = 'pipeline check FILE [flags]';
  static override strict = false;
  static override flags = {
    connect: Flags.boolean({ summary: 'also ask each address on other machines whether it can be used' }),
    show: Flags.boolean({ summary: 'write it out with every setting, defaults too, as a file', exclusive: ['json'] }),
  };

  protected override readonly words = 'files';

  async run(): Promise<void> {
    const { flags } = await this.parse(PipelineCheck);
    const file = oneFile(this.positionals, 'logs pipeline check pipeline.yaml');
    this.conclude(await checkPipeline(file, flags, this.signal));
  }
}
