import { join } from 'node:path';
import type { LetterBox } from '../app/dead-letters.ts';
import { LogsError } from '../errors.ts';
import type { DeadLetters } from '../send/dead-letters.ts';
import type { OpenedReader } from './readers.ts';
import { openMaintenance } from './upkeep.ts';

/** Dead letters kept in a folder, which is made with the first of them. */
export async function openDeadLetters(dir: string, tell: (text: string) => void): Promise<DeadLetters> {
  const { keepDeadLetters } = await import('../send/keep-dead-letters.ts');
  return keepDeadLetters(async () => {
    const { openEmbeddedWriter } = await import('../adapters/embedded/embedded-store.ts');
    const { storeSink } = await import('../adapters/embedded/write/store-sink.ts');
    return storeSink(await openEmbeddedWriter(join(dir, LETTERS), { tell: (problem) => tell(problem.message) }));
  });
}

/** Opens the dead letters of a folder for reading; undefined where there are none. */
export async function openLetterBox(dir: string): Promise<LetterBox | undefined> {
  const { openEmbeddedStore } = await import('../adapters/embedded/embedded-store.ts');
  const { openHandledLetters } = await import('../adapters/file/handled-letters.ts');
  try {
    const folder = join(dir, LETTERS);
    const store = await openEmbeddedStore(folder);
    return { store, folder, handled: openHandledLetters(join(dir, 'handled')), close: () => store.close() };
  } catch (error) {
    if (error instanceof LogsError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** The dead letters of a folder that were not dealt with, for a reading command; undefined where there are none. */
export async function openLetterReader(dir: string): Promise<OpenedReader | undefined> {
  const { unhandledStore } = await import('../app/dead-letters.ts');
  const box = await openLetterBox(dir);
  if (box === undefined) return undefined;
  const store = await unhandledStore(box);
  const empty = 'all dead letters were sent again or dropped';
  return { store, kind: 'store', folder: box.folder, once: false, skipped: [], empty, close: () => box.close() };
}

/** Deletes the dead letters of a folder, those that were dealt with too. Throws STORE_BUSY while some are being kept. */
export async function dropDeadLetters(dir: string): Promise<void> {
  const { dropStore } = await openMaintenance();
  const { openHandledLetters } = await import('../adapters/file/handled-letters.ts');
  await dropStore(join(dir, LETTERS));
  await openHandledLetters(join(dir, 'handled')).clear();
}

const LETTERS = 'letters';
