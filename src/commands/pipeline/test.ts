import * as Flags from '@oclif/core/flags';
import { BaseCommand } from '../../cli/base-command.ts';
import { testPipeline } from '../../cli/run-pipeline-test.ts';

export default class PipelineTest extends BaseCommand {
  static override summary = 'show where a pipeline file sends events, or run a file of examples through it';
  static override description =
    'Reads events from LOGS (files, - or standard input) and says of each where it would go; with --examples runs those and compares. Sends nothing, needs no secrets. Exit 0: all is as expected, 1: an example failed, 2: an error.';
  static override examples = [
    '<%= config.bin %> pipeline test pipeline.yaml --examples examples.yaml',
    'head -20 app.log | <%= config.bin %> pipeline test pipeline.yaml',
    '<%= config.bin %> pipeline test pipeline.yaml app.log --lagging',
  ];
  static override usage = 'pipeline test FILE [LOGS… | -] [flags]';
  static override strict = false;
  static override flags = {
    examples: Flags.string({ summary: 'file of events and what is expected of each', helpValue: 'FILE' }),
    lagging: Flags.boolean({
      summary: 'as while consumers are further behind than sample.when-lag-above allows',
      exclusive: ['examples'],
    }),
  };

  protected override readonly words = 'files';

  async run(): Promise<void> {
    const { flags } = await this.parse(PipelineTest);
    this.conclude(await testPipeline(this.positionals, flags, this.signal));
  }
}
