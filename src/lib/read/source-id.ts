import { createHash, type Hash } from 'node:crypto';
import type { SourceMark } from '../record/batch.ts';
import type { FileIdentity } from './source.ts';

/** Bytes at the start of a source that its id has the hash of; fewer where it was shorter when first seen. */
export const HEAD_BYTES = 1024;

/*
 * The id of a source: `<device>-<inode>-<born>-<head length>-<head hash>-<generation>`. It stays what it was when the
 * source was first seen, so the head is compared at the length in the id: it may grow, not change. The generation
 * counts on when the same file has other content, or is shipped again on request.
 */
const ID = /^([0-9a-f]+-[0-9a-f]+)-([0-9a-f]+)-(\d+)-([0-9a-f]{32})-(\d+)$/;

interface SourceId {
  readonly place: string;
  readonly born: string;
  readonly headLength: number;
  readonly headHash: string;
  readonly generation: number;
}

/** A mark that a source may go on from, if its bytes are those that were shipped. */
export type Candidate = SourceMark & { readonly hash: string };

/** Device and inode: what a claim on a file is named after. */
export function placeOf(identity: FileIdentity): string {
  return `${identity.device.toString(16)}-${identity.inode.toString(16)}`;
}

/**
 * Marks whose head is that of this content: those of the same file by device, inode and time of birth (an inode is used
 * again at once), and, for the content of a compressed file, those of any file. A mark without hash is none of them: the
 * head alone would take a file that was rewritten for the one shipped, and lose lines. Fewest bytes first.
 */
export function candidatesFor(
  marks: ReadonlyMap<string, SourceMark>,
  source: { readonly identity: FileIdentity; readonly head: Uint8Array; readonly compressed: boolean },
): Candidate[] {
  const place = placeOf(source.identity);
  const found: Candidate[] = [];
  for (const mark of source.compressed ? marks.values() : (byPlace(marks).get(place) ?? [])) {
    const id = parseId(mark.id);
    if (id === undefined || mark.position === 0 || !hasHash(mark)) continue;
    if (!source.compressed && !maybeBorn(id.born, source.identity.born.toString(16))) continue;
    if (id.headLength > source.head.length || headHash(source.head.subarray(0, id.headLength)) !== id.headHash)
      continue;
    found.push(mark);
  }
  return found.sort((a, b) => a.position - b.position);
}

function hasHash(mark: SourceMark): mark is Candidate {
  return mark.hash !== undefined;
}

/** Where the file system did not say when a file was born, its content has to do. */
function maybeBorn(before: string, now: string): boolean {
  return before === now || before === UNKNOWN || now === UNKNOWN;
}

const UNKNOWN = '0';

/** Looked up for thousands of files each: parsing all marks for each of them would take minutes. */
const INDEXES = new WeakMap<ReadonlyMap<string, SourceMark>, Map<string, SourceMark[]>>();

/** Marks by the place in their ids. `marks` must not change any more. */
function byPlace(marks: ReadonlyMap<string, SourceMark>): ReadonlyMap<string, readonly SourceMark[]> {
  const known = INDEXES.get(marks);
  if (known !== undefined) return known;
  const index = new Map<string, SourceMark[]>();
  for (const mark of marks.values()) {
    const place = parseId(mark.id)?.place;
    if (place === undefined) continue;
    const there = index.get(place);
    if (there === undefined) index.set(place, [mark]);
    else there.push(mark);
  }
  INDEXES.set(marks, index);
  return index;
}

/** An id for this content that no mark has. */
export function freshId(
  marks: ReadonlyMap<string, SourceMark>,
  source: { readonly identity: FileIdentity; readonly head: Uint8Array },
): string {
  const stem = [placeOf(source.identity), source.identity.born.toString(16), source.head.length, headHash(source.head)];
  for (let generation = 1; ; generation += 1) {
    const id = [...stem, generation].join('-');
    if (!marks.has(id)) return id;
  }
}

function parseId(text: string): SourceId | undefined {
  const [, place, born, length, hash, generation] = ID.exec(text) ?? [];
  if (place === undefined || born === undefined || hash === undefined) return undefined;
  return { place, born, headLength: Number(length), headHash: hash, generation: Number(generation) };
}

function headHash(head: Uint8Array): string {
  return createHash('sha256').update(head).digest('hex').slice(0, 32);
}

/** How far a source was shipped: the mark it goes on from, with the state of the hash over the bytes before. */
export interface Resumed {
  readonly id: string;
  readonly position: number;
  readonly hash: Hash;
}

/**
 * Reads content from its start and finds the candidate with most bytes that it really begins with: they hash to what
 * was shipped. Undefined when none fits: the content is new. `candidates` have the fewest bytes first.
 */
export async function findResumption(
  content: AsyncIterable<Uint8Array>,
  candidates: readonly Candidate[],
): Promise<Resumed | undefined> {
  const rising = [...candidates];
  const hash = createHash('sha256');
  let position = 0;
  let best: Resumed | undefined;
  const take = (bytes: Uint8Array) => {
    hash.update(bytes);
    position += bytes.length;
    if (position !== rising[0]?.position) return;
    const digest = hash.copy().digest('hex');
    for (let mark = rising[0]; mark?.position === position; mark = rising[0]) {
      rising.shift();
      if (mark.hash === digest) best = { id: mark.id, position, hash: hash.copy() };
    }
  };
  for await (const chunk of content) {
    let from = 0;
    while (from < chunk.length && rising[0] !== undefined) {
      const end = Math.min(chunk.length, from + rising[0].position - position);
      take(chunk.subarray(from, end));
      from = end;
    }
    if (rising.length === 0) break;
  }
  return best;
}
