import type { Commit, LogRange, SegmentEntry, SourcePosition, StoreState } from '../layout.ts';

/** A state with what only the keeping of the commit log needs. Times are milliseconds since 1970. */
export interface FoldedState extends StoreState {
  /** When the frames of a log file (`writer/file`) were last consumed. */
  readonly consumedAt: ReadonlyMap<string, number>;
  /** When a segment (`day/name`) was removed: its files go ten minutes later. */
  readonly removedAt: ReadonlyMap<string, number>;
  /** CRC of the newest commits by number: whether a commit counted can be told after its file is gone. */
  readonly recent: ReadonlyMap<number, number>;
}

/** What a commit changes, before it has a number. */
export type Change = Pick<Commit, 'added' | 'removed' | 'consumed' | 'positions'>;

/** So many commits are remembered by their CRC. */
const RECENT = 1024;

export const NOTHING_COMMITTED: FoldedState = {
  number: 0,
  segments: new Map(),
  consumed: new Map(),
  positions: new Map(),
  consumedAt: new Map(),
  removedAt: new Map(),
  recent: new Map(),
};

export function segmentKey(segment: { readonly day: string; readonly name: string }): string {
  return `${segment.day}/${segment.name}`;
}

export function logKey(log: { readonly writer: string; readonly file: string }): string {
  return `${log.writer}/${log.file}`;
}

/** The state after commits that follow it without a gap; the state given is not changed. */
export function applyCommits(
  state: FoldedState,
  commits: readonly { readonly commit: Commit; readonly crc: number }[],
): FoldedState {
  const last = commits.at(-1);
  if (last === undefined) return state;
  const segments = new Map<string, SegmentEntry>(state.segments);
  const consumed = new Map<string, readonly LogRange[]>(state.consumed);
  const positions = new Map<string, SourcePosition>(state.positions);
  const consumedAt = new Map(state.consumedAt);
  const removedAt = new Map(state.removedAt);
  const recent = new Map(state.recent);
  for (const { commit, crc } of commits) {
    for (const segment of commit.added) segments.set(segmentKey(segment), sealedBy(commit.number, segment));
    for (const key of commit.removed) {
      segments.delete(key);
      removedAt.set(key, commit.at);
    }
    for (const range of commit.consumed) {
      const key = logKey(range);
      consumed.set(key, [...(consumed.get(key) ?? []), range]);
      consumedAt.set(key, commit.at);
    }
    for (const position of commit.positions) {
      const before = positions.get(position.id);
      if (
        before === undefined ||
        before.position < position.position ||
        (before.position === position.position && position.hash !== undefined)
      )
        positions.set(position.id, position);
    }
    recent.set(commit.number, crc);
  }
  for (const number of recent.keys()) if (number <= last.commit.number - RECENT) recent.delete(number);
  return { number: last.commit.number, segments, consumed, positions, consumedAt, removedAt, recent };
}

/** What a commit's own number stands for has to be said once the segment is known without it. */
function sealedBy(commit: number, segment: SegmentEntry): SegmentEntry {
  const ranges = segment.ranges.map((range) => (range.commit === 0 ? { ...range, commit } : range));
  return { ...segment, ranges };
}

/** Why a change built on an older state may not follow `commit`; undefined when it may. */
export function conflictWith(change: Change, commit: Commit): string | undefined {
  const removed = change.removed.find((key) => commit.removed.includes(key));
  if (removed !== undefined) return `segment ${removed} was removed by commit ${commit.number}`;
  const range = change.consumed.find((ours) => commit.consumed.some((theirs) => overlap(ours, theirs)));
  if (range !== undefined) return `frames of ${logKey(range)} were sealed by commit ${commit.number}`;
  return undefined;
}

function overlap(a: LogRange, b: LogRange): boolean {
  return a.writer === b.writer && a.file === b.file && a.from <= b.to && b.from <= a.to;
}

/** Why a change makes no sense on the state it says it was built on: someone else was faster before that fold. */
export function conflictWithState(change: Change, state: StoreState): string | undefined {
  const removed = change.removed.find((key) => !state.segments.has(key));
  if (removed !== undefined) return `segment ${removed} is not in the store`;
  const range = change.consumed.find((ours) =>
    state.consumed.get(logKey(ours))?.some((theirs) => overlap(ours, theirs)),
  );
  if (range !== undefined) return `frames of ${logKey(range)} are sealed already`;
  return undefined;
}
