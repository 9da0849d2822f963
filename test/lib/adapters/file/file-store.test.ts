import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
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

it('knows the first and the last of events without a time, as the store does that they are shipped into', async () => {
  const under = await open();
  await under.ingest(Array.from({ length: 120 }, (_, n) => Buffer.from(`{"message":"event ${n}"}`)));
  const plan = { filter: { kind: 'all' }, range: {}, clock: { now: 0n, zone: 'UTC' }, by: [] } as const;
  const functions = [
    { kind: 'first', field: 'message' },
    { kind: 'last', field: 'message' },
  ] as const;
  const { rows } = await under.store.aggregate(
    { ...plan, functions },
    { scanned: 0, damage: [] },
    new AbortController().signal,
  );
  expect(rows).toEqual([['event 0', 'event 119']]);
  await under.close();
});
