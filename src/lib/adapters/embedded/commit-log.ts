import { join } from 'node:path';
import { jsonWithCrc, parseJsonWithCrc } from '../../buffer/crc.ts';
import { listIfThere, removeIfThere, temporaryName, writeNewFile } from '../../buffer/durable.ts';
import { fileFailure } from '../../buffer/failure.ts';
import { errorCode, type Fs } from '../../buffer/fs.ts';
import { LogsError } from '../../errors.ts';
import { forgetOld, numberName, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import {
  applyCommits,
  type Change,
  conflictWith,
  conflictWithState,
  type FoldedState,
  NOTHING_COMMITTED,
  segmentKey,
} from './commit-state.ts';
import type { Commit, StoreState } from './layout.ts';

/** Someone else's commit came first and the change does not go with it: drop its files, fold, begin again. */
export class CommitConflict extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CommitConflict';
  }
}

/** A checkpoint is made when so many commits have come since the one before. */
const COMMITS_A_CHECKPOINT = 64;
/** A missing number is listed again so often, waiting in between, before it is damage: a checkpoint may be on its way. */
const LOOKS = 5;
const COMMIT_NAME = /^(\d{20})\.json$/;
const CHECKPOINT_NAME = /^\d{20}$/;

type ReadCommit = { readonly commit: Commit; readonly crc: number };

/** What is in the folder of commits, by number, rising. */
export interface CommitListing {
  readonly commits: readonly number[];
  readonly checkpoints: readonly number[];
}

/**
 * The numbered commits of a tenant, which alone say what its store holds. The protocol is that of Delta Lake (numbered
 * JSON files, put if absent, folded into checkpoints), on a local file system by link(2).
 */
export class CommitLog {
  readonly #fs: Fs;
  readonly #tenantDir: string;
  readonly #folder: string;
  readonly #now: () => number;
  #folded: FoldedState = NOTHING_COMMITTED;

  constructor(fs: Fs, tenantDir: string, now: () => number = Date.now) {
    this.#fs = fs;
    this.#tenantDir = tenantDir;
    this.#folder = join(tenantDir, 'commits');
    this.#now = now;
  }

  /**
   * What all commits say together, newest included. Later calls read only what is new.
   * Throws STORE_DAMAGED when a commit is missing or does not have the bytes that were written.
   */
  async fold(): Promise<StoreState> {
    return this.foldAll();
  }

  /** `fold`, with what upkeep needs. */
  async foldAll(): Promise<FoldedState> {
    let missing = 0;
    for (let look = 0; look < LOOKS; look += 1) {
      if (look > 0) await new Promise((resolve) => setTimeout(resolve, 10 * look));
      const listing = await this.list();
      const state = await this.#start(listing);
      if (state === undefined) continue;
      const read = await this.#readFrom(state.number + 1, listing);
      if (typeof read === 'number') {
        missing = read;
        continue;
      }
      const folded = applyCommits(state, read);
      if (folded.number > this.#folded.number) this.#folded = folded;
      return folded;
    }
    throw new LogsError('STORE_DAMAGED', `commit ${missing} is missing in ${this.#folder}`, {
      hint: 'Run `logs store verify` to see what is affected.',
    });
  }

  /**
   * Makes a change visible as a whole, durably, and gives its number. `base` is the fold that it was built from.
   * Throws CommitConflict when it does not go with a commit since then; NO_SPACE and others when it cannot be written.
   * After an error that is not a CommitConflict the change may have counted: fold to know.
   */
  async commit(base: StoreState, change: Change): Promise<number> {
    const conflict = conflictWithState(change, base);
    if (conflict !== undefined) throw new CommitConflict(conflict);
    let number = base.number + 1;
    for (;;) {
      const commit: Commit = { format: 1, number, at: this.#now(), ...pick(change) };
      const bytes = jsonWithCrc(commit);
      if (await this.#publish(number, bytes)) {
        await this.#confirm(number, bytes, change);
        await this.#checkpointIfDue(number);
        return number;
      }
      number = (await this.#checkNewer(base, change)) + 1;
    }
  }

  async list(): Promise<CommitListing> {
    const names = await listIfThere(this.#fs, this.#folder);
    const numbers = (pattern: RegExp): number[] =>
      names
        .filter((name) => pattern.test(name))
        .map((name) => Number.parseInt(name, 10))
        .sort((a, b) => a - b);
    return { commits: numbers(COMMIT_NAME), checkpoints: numbers(CHECKPOINT_NAME) };
  }

  /** Where folding starts: what we have, or a newer checkpoint. Undefined: it went while we read, list again. */
  async #start(listing: CommitListing): Promise<FoldedState | undefined> {
    const checkpoint = listing.checkpoints.at(-1) ?? 0;
    // Below a checkpoint a number may have been taken by a commit that never counted (see #confirm).
    if (this.#folded.number >= checkpoint) return this.#folded;
    try {
      return await readCheckpoint(this.#fs, this.#folder, checkpoint);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** The commits listed from `first` on; the number of one that is not there but should be. */
  async #readFrom(first: number, listing: CommitListing): Promise<ReadCommit[] | number> {
    const newest = Math.max(listing.commits.at(-1) ?? 0, listing.checkpoints.at(-1) ?? 0);
    const read: ReadCommit[] = [];
    for (let number = first; number <= newest; number += 1) {
      const one = await this.#read(number);
      if (one === undefined) return number;
      read.push(one);
    }
    return read;
  }

  async #read(number: number): Promise<ReadCommit | undefined> {
    const path = this.#path(number);
    let bytes: Buffer;
    try {
      bytes = await this.#fs.readFile(path);
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw fileFailure(error, path, 'read');
    }
    const commit = parseJsonWithCrc(bytes) as (Commit & { readonly crc: number }) | undefined;
    if (commit === undefined || commit.number !== number) {
      throw new LogsError('STORE_DAMAGED', `${path} does not have the bytes that were written`, {
        hint: 'Run `logs store verify` to see what is affected.',
      });
    }
    if (commit.format !== 1) {
      throw new LogsError('STORE_VERSION', `${path} has format ${String(commit.format)}, this program knows 1`, {
        hint: 'Use the version of logs that wrote it, or a newer one.',
      });
    }
    return { commit, crc: commit.crc };
  }

  #path(number: number): string {
    return join(this.#folder, `${numberName(number)}.json`);
  }

  /** Puts a commit under its number, if that is free; true when it is ours and on the disk. */
  async #publish(number: number, bytes: Uint8Array): Promise<boolean> {
    const temporary = join(this.#folder, temporaryName());
    try {
      await writeNewFile(this.#fs, temporary, bytes);
      try {
        await this.#fs.link(temporary, this.#path(number));
      } catch (error) {
        if (errorCode(error) === 'EEXIST') return false;
        throw error;
      } finally {
        await removeIfThere(this.#fs, temporary);
      }
      await this.#fs.syncFolder(this.#folder);
      return true;
    } catch (error) {
      throw fileFailure(error, this.#path(number), 'write');
    }
  }

  /** Compares a change with every commit since its base; gives the newest number. */
  async #checkNewer(base: StoreState, change: Change): Promise<number> {
    const listing = await this.list();
    const newer = await this.#readFrom(base.number + 1, listing);
    // Folded and deleted meanwhile: our base is older than ten minutes.
    if (typeof newer === 'number') throw new CommitConflict(`commit ${newer} is folded away, the change is too old`);
    const checkpoint = (listing.checkpoints.at(-1) ?? 0) > base.number ? await this.#newestCheckpoint() : undefined;
    for (const { commit, crc } of newer) {
      if (
        checkpoint !== undefined &&
        commit.number <= checkpoint.number &&
        checkpoint.recent.get(commit.number) !== crc
      ) {
        throw new CommitConflict(`commit ${commit.number} is folded away, the change is too old`);
      }
      const conflict = conflictWith(change, commit);
      if (conflict !== undefined) throw new CommitConflict(conflict);
    }
    return newer.at(-1)?.commit.number ?? base.number;
  }

  /**
   * Whoever slept between its fold and its link may have taken the number of a commit that was folded into a
   * checkpoint and deleted. Then its commit never counted: nobody will ever read it.
   */
  async #confirm(number: number, bytes: Uint8Array, change: Change): Promise<void> {
    const { checkpoints } = await this.list();
    if ((checkpoints.at(-1) ?? 0) < number) return;
    const crc = (parseJsonWithCrc(bytes) as { readonly crc: number }).crc;
    const state = await this.#newestCheckpoint();
    const counted =
      state.recent.get(number) === crc || change.added.some((segment) => state.segments.has(segmentKey(segment)));
    if (counted) return;
    await removeIfThere(this.#fs, this.#path(number));
    await this.#fs.syncFolder(this.#folder);
    throw new CommitConflict(`commit ${number} was another one's and is folded away`);
  }

  async #newestCheckpoint(): Promise<FoldedState> {
    for (;;) {
      const number = (await this.list()).checkpoints.at(-1) ?? 0;
      try {
        return await readCheckpoint(this.#fs, this.#folder, number);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') throw error;
      }
    }
  }

  /** A checkpoint only makes folding shorter: whatever keeps it from being written, the commit stands. */
  async #checkpointIfDue(number: number): Promise<void> {
    try {
      const { checkpoints } = await this.list();
      if (number - (checkpoints.at(-1) ?? 0) < COMMITS_A_CHECKPOINT) return;
      const state = await forgetOld(this.#fs, this.#tenantDir, await this.foldAll(), this.#now());
      await writeCheckpoint(this.#fs, this.#folder, state, this.#now());
    } catch {
      // A lasting trouble fails the next fold or commit, where it belongs; the next commit tries the checkpoint again.
    }
  }
}

/** The members of a change in the order of a commit, and nothing else that an object may carry. */
function pick({ added, removed, consumed, positions }: Change): Change {
  return { added, removed, consumed, positions };
}
