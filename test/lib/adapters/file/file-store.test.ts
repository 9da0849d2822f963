import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileSource } from '../../../../src/lib/adapters/file/file-source.ts';
import { type FileInput, openFileStore } from '../../../../src/lib/adapters/file/file-store.ts';
import { storeContract, type StoreUnderTest } from '../../../contracts/store.ts';

/** A file for each ingestion, all of one folder. */
async function open(): Promise<StoreUnderTest> {
  const dir = await mkdtemp(join(tmpdir(), 'logs-files-'));
  const inputs: FileInput[] = [];
  return {
    store: openFileStore(inputs),
    async ingest(lines) {
      const name = join(dir, `${inputs.length}.log`);
      await writeFile(name, Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));
      inputs.push({ name, open: () => openFileSource(name) });
    },
    close: () => rm(dir, { recursive: true, force: true }),
  };
}

/*
 * Files have nothing to follow: they are read as they are. Their log ids name the file and the line as people count, so
 * they do not sort as texts; equal times stand in the order of the file.
 */
storeContract('files', open, {
  follows: false,
  placeOf: ({ log_id }) => log_id.replace(/\d+$/, (line) => line.padStart(9, '0')),
});
