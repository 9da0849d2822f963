/** Names given under a claim of this process, which nobody else can hold: `<writer>-<claim>`, how many. */
const given = new Map<string, number>();

/** A name for segments that was never used, and says under whose claim they were made. */
export function nextSegmentName({ writer, claim }: { readonly writer: string; readonly claim: number }): string {
  const key = `${writer}-${claim}`;
  const n = (given.get(key) ?? 0) + 1;
  given.set(key, n);
  return `${key}-${n}`;
}
