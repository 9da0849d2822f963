import type { SourceMark } from '../record/batch.ts';
import type { LogSink } from './sink.ts';

/** How far each source was taken in by all of some sinks: what only one of them lacks has to be read again. */
export async function leastMarks(sinks: readonly LogSink[]): Promise<ReadonlyMap<string, SourceMark>> {
  const [first = new Map<string, SourceMark>(), ...others] = await Promise.all(sinks.map((sink) => sink.marks()));
  const least = new Map<string, SourceMark>();
  for (const [id, mark] of first) {
    let lowest: SourceMark | undefined = mark;
    for (const other of others) {
      const its = other.get(id);
      if (its === undefined || lowest === undefined) lowest = undefined;
      else if (its.position < lowest.position) lowest = its;
    }
    if (lowest !== undefined) least.set(id, lowest);
  }
  return least;
}
