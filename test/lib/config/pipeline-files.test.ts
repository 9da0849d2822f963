import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { printPipeline } from '../../../src/lib/config/print-pipeline.ts';
import { resolvePipeline } from '../../../src/lib/config/resolve-pipeline.ts';
import { LogsError } from '../../../src/lib/errors.ts';
import { renderError } from '../../../src/lib/render/error.ts';
import { checkRemote } from '../../../src/lib/wire/addresses.ts';

const FOLDER = join(import.meta.dirname, '../../golden/pipeline');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

beforeAll(() => {
  delete process.env.NO_SUCH_VARIABLE;
});

/** What a person is told of a file. */
async function toldOf(text: string, name: string): Promise<string> {
  try {
    const file = { name, text };
    const { pipeline, notes } = await resolvePipeline(
      { flags: {}, file },
      { readRemote: checkRemote, secrets: 'needed' },
    );
    return [...notes.map((note) => `note: ${note}\n`), printPipeline(pipeline)].join('');
  } catch (error) {
    if (!(error instanceof LogsError)) throw error;
    return renderError(error);
  }
}

describe('pipeline files (npx vitest run test/lib/config/pipeline-files.test.ts -u writes what is told)', () => {
  it.each(FILES)('%s', async (name) => {
    const told = await toldOf(readFileSync(join(FOLDER, name), 'utf8'), name);
    await expect(told).toMatchFileSnapshot(join(FOLDER, name.replace('.yaml', '.txt')));
  });

  it('show no secret, whatever is wrong beside it', async () => {
    for (const name of FILES)
      expect(await toldOf(readFileSync(join(FOLDER, name), 'utf8'), name)).not.toContain('hunter');
  });
});
