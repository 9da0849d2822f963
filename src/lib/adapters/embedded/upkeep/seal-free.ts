import { fileFailure } from '../../../buffer/failure.ts';
import type { Fs } from '../../../buffer/fs.ts';
import { listWriterLogs } from '../../../buffer/log-folder.ts';
import { type FreeFolder, freeFolders } from '../../../buffer/writer-folder.ts';
import type { LogsError } from '../../../errors.ts';
import type { CommitLog } from '../commits/commit-log.ts';
import { COMPACTOR } from '../layout.ts';
import { restSeals, sealLog } from '../seal/sealer.ts';
import { adoptAll } from '../write/adopt.ts';
import { type LogToSeal, SealQueue, type SealReport } from '../write/seal-queue.ts';
import { removeSuperseded } from '../write/sweep.ts';

/** What is worked on: the files of one tenant. */
export interface Sealing {
  readonly fs: Fs;
  readonly tenantDir: string;
  readonly commitLog: CommitLog;
  /** Hears of damage that was found and put aside. */
  readonly tell: (problem: LogsError) => void;
}

/**
 * Seals the log files of writers that are gone, those too that could be gone on with. Gives why some could not be: their
 * events stay in them and are found. On a full disk small ones go first, one by one, for each that is sealed makes room
 * for the next, and what was kept for readers of before is deleted.
 */
export async function sealFree(sealing: Sealing): Promise<readonly LogsError[]> {
  let failed = await sealOnce(sealing, undefined);
  while (failed.some(isNoSpace)) {
    const freed = await removeSuperseded(sealing.fs, sealing.tenantDir, sealing.commitLog, Date.now());
    const again = await sealOnce(sealing, 1);
    const better = again.length < failed.length;
    failed = again;
    if (freed === 0 && !better) break;
  }
  return failed;
}

/** The log files that `sealFree` would seal. */
export async function freeLogs(fs: Fs, tenantDir: string): Promise<{ readonly logs: number; readonly bytes: number }> {
  let logs = 0;
  let bytes = 0;
  for (const { writer } of await freeWriters(fs, tenantDir)) {
    for (const log of await listWriterLogs(fs, tenantDir, writer)) {
      logs += 1;
      bytes += log.bytes;
    }
  }
  return { logs, bytes };
}

async function freeWriters(fs: Fs, tenantDir: string): Promise<FreeFolder[]> {
  return (await freeFolders(fs, tenantDir, Date.now())).filter(({ writer }) => writer !== COMPACTOR);
}

export function isNoSpace({ code }: LogsError): boolean {
  return code === 'NO_SPACE';
}

async function sealOnce(sealing: Sealing, atOnce: number | undefined): Promise<LogsError[]> {
  const { fs, tenantDir, commitLog, tell } = sealing;
  const failed: LogsError[] = [];
  const seal = async (log: LogToSeal): Promise<SealReport> => {
    try {
      return await sealLog({ fs, tenantDir, commitLog, log, tell });
    } catch (error) {
      failed.push(fileFailure(error, log.path, 'seal'));
      throw error;
    }
  };
  // It tells what is in `failed`, too.
  const seals = new SealQueue(seal, () => undefined, restSeals, atOnce);
  const free = await freeWriters(fs, tenantDir);
  const adoption = { fs, tenantDir, commits: commitLog, seals, tell, now: Date.now, oldMs: 0 };
  const order = await smallestFirst(fs, tenantDir, free);
  failed.push(...(await adoptAll(order, { ...adoption, until: () => Number.POSITIVE_INFINITY })));
  await seals.idle();
  return failed;
}

async function smallestFirst(fs: Fs, tenantDir: string, folders: readonly FreeFolder[]): Promise<FreeFolder[]> {
  const sizes = new Map<FreeFolder, number>();
  for (const folder of folders) {
    const logs = await listWriterLogs(fs, tenantDir, folder.writer);
    sizes.set(
      folder,
      logs.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }
  return [...folders].sort((a, b) => (sizes.get(a) ?? 0) - (sizes.get(b) ?? 0));
}
