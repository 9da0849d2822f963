import { join } from 'node:path';
import { jsonWithCrc, parseJsonWithCrc } from '../../../buffer/crc.ts';
import { removeIfThere, temporaryName, writeNewFile } from '../../../buffer/durable.ts';
import { fileFailure } from '../../../buffer/failure.ts';
import { errorCode, type Fs } from '../../../buffer/fs.ts';
import { LogsError } from '../../../errors.ts';
import type { Damage } from '../../../store/store.ts';
import { COMMITS_REMEDY, damaged, forgetOld, numberName, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { noteCommit, notedCommit } from './commit-note.ts';
import {
  type CommitListing,
  commitPath,
  listCommits,
  type ReadCommit,
  readCommit,
  salvageCommits,
} from './commit-files.ts';
import {
  applyCommits,
  type Change,
  conflictWith,
  conflictWithState,
  type FoldedState,
  NOTHING_COMMITTED,
  segmentKey,
} from './commit-state.ts';
import type { Commit, StoreState } from '../layout.ts';

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

interface Readable {
  readonly state: StoreState;
  readonly damage: readonly Damage[];
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
  #salvaged: { readonly newest: string; readonly found: Readable } | undefined;

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
      // The note first: a commit is there before it is noted.
      const noted = await notedCommit(this.#fs, this.#tenantDir);
      const listing = await this.list();
      const start = await this.#start(listing, look === LOOKS - 1);
      if (start === undefined) continue;
      const read = await this.#readFrom(start.state.number + 1, listing);
      if (typeof read === 'number') {
        if (start.damage !== undefined) throw start.damage;
        missing = read;
        continue;
      }
      const folded = applyCommits(start.state, read);
      if (folded.number < noted) {
        missing = folded.number + 1;
        continue;
      }
      if (folded.number > this.#folded.number) this.#folded = folded;
      return folded;
    }
    throw new LogsError('STORE_DAMAGED', `commit ${missing} is missing in ${this.#folder}`, { hint: COMMITS_REMEDY });
  }

  /**
   * For reading alone: what all commits say that can be read, and what cannot. With damage it is what the others say,
   * which nothing may be written by.
   */
  async foldReadable(): Promise<Readable> {
    // Whoever follows asks again and again.
    if (this.#salvaged !== undefined && this.#salvaged.newest === (await this.#newest()).newest)
      return this.#salvaged.found;
    try {
      return { state: await this.foldAll(), damage: [] };
    } catch (error) {
      if (!(error instanceof LogsError) || error.code !== 'STORE_DAMAGED') throw error;
      const { newest, noted } = await this.#newest();
      const found = await salvageCommits(this.#fs, this.#folder, noted);
      this.#salvaged = { newest, found };
      return found;
    }
  }

  /** The commit that is noted, and with it what there is: as long as that is the same, so is what can be read of it. */
  async #newest(): Promise<{ readonly newest: string; readonly noted: number }> {
    const noted = await notedCommit(this.#fs, this.#tenantDir);
    const { commits, checkpoints } = await this.list();
    return { newest: `${commits.at(-1)} ${checkpoints.at(-1)} ${noted}`, noted };
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
        await this.#note(number);
        await this.#checkpointIfDue(number);
        return number;
      }
      number = (await this.#checkNewer(base, change)) + 1;
    }
  }

  /**
   * To be called with a fold before anything is deleted that its commits stand for: from then on they will be missed.
   * Whoever wrote the newest may have been killed before it was surely on the disk.
   */
  async settle({ number }: StoreState): Promise<void> {
    try {
      await this.#fs.syncFolder(this.#folder);
    } catch (error) {
      throw fileFailure(error, this.#folder, 'write to');
    }
    await this.#note(number);
  }

  async list(): Promise<CommitListing> {
    return listCommits(this.#fs, this.#folder);
  }

  /**
   * Where folding starts: what we have, or a newer checkpoint; where that is damaged, one before it, as long as the
   * commits since then are there. Undefined: it went while we read, list again; but at last a part that is not there is
   * damage.
   */
  async #start(
    listing: CommitListing,
    isLast: boolean,
  ): Promise<{ state: FoldedState; damage?: LogsError } | undefined> {
    let damage: LogsError | undefined;
    for (const checkpoint of [...listing.checkpoints].reverse()) {
      // Below a checkpoint a number may have been taken by a commit that never counted (see #confirm).
      if (this.#folded.number >= checkpoint) break;
      try {
        const state = await readCheckpoint(this.#fs, this.#folder, checkpoint);
        return damage === undefined ? { state } : { state, damage };
      } catch (error) {
        const isGone = errorCode(error) === 'ENOENT';
        if (isGone && !isLast) return undefined;
        if (!isGone && !(error instanceof LogsError && error.code === 'STORE_DAMAGED')) throw error;
        damage ??= error instanceof LogsError ? error : damaged(join(this.#folder, numberName(checkpoint)));
      }
    }
    return damage === undefined ? { state: this.#folded } : { state: this.#folded, damage };
  }

  /** The commits listed from `first` on; the number of one that is not there but should be. */
  async #readFrom(first: number, listing: CommitListing): Promise<ReadCommit[] | number> {
    const newest = Math.max(listing.commits.at(-1) ?? 0, listing.checkpoints.at(-1) ?? 0);
    const read: ReadCommit[] = [];
    for (let number = first; number <= newest; number += 1) {
      const one = await readCommit(this.#fs, this.#folder, number);
      if (one === undefined) return number;
      read.push(one);
    }
    return read;
  }

  /** Puts a commit under its number, if that is free; true when it is ours and on the disk. */
  async #publish(number: number, bytes: Uint8Array): Promise<boolean> {
    const temporary = join(this.#folder, temporaryName());
    try {
      await writeNewFile(this.#fs, temporary, bytes);
      try {
        await this.#fs.link(temporary, commitPath(this.#folder, number));
      } catch (error) {
        if (errorCode(error) === 'EEXIST') return false;
        throw error;
      } finally {
        await removeIfThere(this.#fs, temporary);
      }
      await this.#fs.syncFolder(this.#folder);
      return true;
    } catch (error) {
      throw fileFailure(error, commitPath(this.#folder, number), 'write');
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
    await removeIfThere(this.#fs, commitPath(this.#folder, number));
    await this.#fs.syncFolder(this.#folder);
    throw new CommitConflict(`commit ${number} was another one's and is folded away`);
  }

  async #note(number: number): Promise<void> {
    try {
      await noteCommit(this.#fs, this.#tenantDir, number);
    } catch (error) {
      throw fileFailure(error, this.#tenantDir, 'write to');
    }
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
