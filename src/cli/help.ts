import { CommandHelp, Help } from '@oclif/core/help';

/** Help of a command that opens with examples: what most people came for. */
class ExamplesFirst extends CommandHelp {
  protected override sections() {
    const sections = super.sections();
    return [
      ...sections.filter(({ header }) => header === 'EXAMPLES'),
      ...sections.filter(({ header }) => header !== 'EXAMPLES'),
    ];
  }
}

export default class LogsHelp extends Help {
  protected override CommandHelpClass = ExamplesFirst;
}
