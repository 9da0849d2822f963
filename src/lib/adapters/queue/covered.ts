import { countsMessages, type SourceMark, type SourceRange } from '../../record/batch.ts';

type Part = Omit<SourceRange, 'id'>;

/** What of which sources was taken in: ranges of each, joined where one ends where the next begins. */
export class Covered {
  readonly #sources = new Map<string, Part[]>();

  add({ id, from, to, hash }: SourceRange): void {
    const part: Part = { from, to, ...(hash === undefined ? {} : { hash }) };
    const known = this.#sources.get(id);
    if (known === undefined) this.#sources.set(id, [part]);
    else if ((known.at(-1)?.to ?? 0) <= from) joinOrPush(known, part);
    else this.#sources.set(id, joined([...known, part]));
  }

  addAll(ranges: Iterable<SourceRange>): void {
    for (const range of ranges) this.add(range);
  }

  get size(): number {
    return this.#sources.size;
  }

  *ranges(): Generator<SourceRange> {
    for (const [id, parts] of this.#sources) for (const part of parts) yield { id, ...part };
  }

  /** How far each source is covered without a gap. */
  marks(): Map<string, SourceMark> {
    const marks = new Map<string, SourceMark>();
    for (const [id, parts] of this.#sources) {
      const reached = countsMessages(id) ? parts.at(-1) : parts[0]?.from === 0 ? parts[0] : undefined;
      const { to: position = 0, hash } = reached ?? {};
      marks.set(id, { id, position, ...(hash === undefined ? {} : { hash }) });
    }
    return marks;
  }
}

function joined(parts: Part[]): Part[] {
  const result: Part[] = [];
  for (const part of parts.sort((a, b) => a.from - b.from || a.to - b.to)) joinOrPush(result, part);
  return result;
}

/** `part` begins nowhere before the last of `parts` does. */
function joinOrPush(parts: Part[], part: Part): void {
  const last = parts.at(-1);
  if (last === undefined || last.to < part.from) parts.push(part);
  else if (part.to > last.to) parts[parts.length - 1] = { ...part, from: last.from };
  else if (part.to === last.to && last.hash === undefined) parts[parts.length - 1] = { ...part, from: last.from };
}
