import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Errors } from 'typebox/schema';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { presetText } from '../../src/cli/pipeline-options.ts';
import { durationText } from '../../src/lib/config/scalar-settings.ts';
import type { SettingFacts, Takes } from '../../src/lib/config/setting.ts';
import { SETTINGS } from '../../src/lib/config/settings.ts';
import { settingsSchema } from '../../src/lib/config/settings-schema.ts';
import { sizeText } from '../../src/lib/config/size-text.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

function logs(...argv: string[]) {
  const env = { PATH: process.env.PATH, TZ: 'UTC', KAFKA_PASSWORD: 'x' };
  const done = spawnSync(process.execPath, [join(root, 'bin/run.js'), ...argv], { cwd: root, encoding: 'utf8', env });
  return { error: done.stderr, exit: done.status };
}

/** What may stand for a setting, in words. */
function takenBy(takes: Takes): string {
  const or = 'word' in takes && takes.word !== undefined ? `, \`${takes.word}\`` : '';
  switch (takes.kind) {
    case 'choice':
      return takes.of.map((word) => `\`${word}\``).join(' ');
    case 'count':
      return `${takes.min} to ${takes.max.toLocaleString('en-US')}${or}`;
    case 'size':
      return `\`${sizeText(takes.min)}\` to \`${sizeText(takes.max)}\``;
    case 'duration':
      return `\`${durationText(takes.min)}\` to \`${durationText(takes.max)}\`${or}`;
    case 'multiline':
      return '`auto`, `none`, a regular expression';
    default:
      return KINDS[takes.kind];
  }
}

const KINDS = {
  text: 'text',
  texts: 'text or a list',
  filter: 'filter ([query.md](query.md))',
  shares: 'levels and shares',
  fields: 'names and texts',
  target: 'see above',
  routes: 'list of `match`, `to`, `continue`',
};

function table(): string {
  const rows = Object.entries(SETTINGS).map(([name, setting]: [string, SettingFacts]) => {
    const preset = presetText(setting);
    const cells = [
      `\`${name}\``,
      setting.meaning,
      takenBy(setting.takes),
      preset === '' ? '' : `\`${preset}\``,
      `\`--${setting.flag}\``,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '| Key | Meaning | Takes | Default | Flag |',
    '|---|---|---|---|---|',
    ...rows,
    '| `queue: none` | keep nothing on this disk before other machines | | | `--no-queue` |',
  ].join('\n');
}

/** The page with the samples and the table of settings as they are now. */
function current(page: string): string {
  const samples = ['samples/pipeline.yaml', 'samples/pipeline-examples.yaml'].map(read);
  return page
    .replace(/(?<=^```yaml\n)[\s\S]*?(?=^```$)/gm, () => samples.shift() ?? '')
    .replace(/(?<=<!-- settings -->\n)[\s\S]*?(?=<!-- end of settings -->)/, () => `${table()}\n`);
}

describe('docs/pipelines.md (npx vitest run test/docs/pipelines.test.ts -u writes it)', () => {
  it('has the samples and every setting as they are', async () => {
    await expect(current(read('docs/pipelines.md'))).toMatchFileSnapshot(join(root, 'docs/pipelines.md'));
  });

  it('has a schema for editors beside it, which takes the sample and refuses a slip in it', async () => {
    const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...settingsSchema() };
    const text = `${JSON.stringify(schema, undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(root, 'docs/pipeline.schema.json'));
    const published = JSON.parse(text) as object;
    const sample = parse(read('samples/pipeline.yaml')) as { batch: object };
    expect(Errors(published, sample)).toEqual([true, []]);
    expect(Errors(published, { ...sample, batch: { ...sample.batch, after: '5 minutes' } })[0]).toBe(false);
  });

  it('shows a pipeline that can be used and examples that pass', () => {
    expect(logs('pipeline', 'check', 'samples/pipeline.yaml')).toMatchObject({ exit: 0 });
    expect(logs('pipeline', 'test', 'samples/pipeline.yaml', '--examples', 'samples/pipeline-examples.yaml')).toEqual({
      error: 'all 6 examples passed\n',
      exit: 0,
    });
  });
});
