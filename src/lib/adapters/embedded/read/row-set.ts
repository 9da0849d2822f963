/**
 * A condition that takes just these rows of a segment, ascending. `starts`: the first row of each row group. A bit for each
 * row of a group between its first and last: a list of rows or of ranges would be compared with every row.
 */
export function rowsIn(starts: readonly number[], rows: readonly number[]): string {
  const spans: string[] = [];
  const bits: string[] = [];
  for (const own of byGroup(starts, rows)) {
    const [first = 0, last = 0] = [own[0], own.at(-1)];
    const span = `file_row_number BETWEEN ${first} AND ${last}`;
    spans.push(span);
    bits.push(`WHEN ${span} THEN get_bit('${bitsOf(own, first, last)}'::BIT, (file_row_number - ${first})::INTEGER)`);
  }
  // Row groups are left out by the spans alone.
  return `(${spans.join(' OR ')}) AND CASE ${bits.join(' ')} ELSE 0 END = 1`;
}

function* byGroup(starts: readonly number[], rows: readonly number[]): Generator<readonly number[]> {
  let group = 0;
  let end = 0;
  let own: number[] = [];
  for (const row of rows) {
    if (row >= end) {
      if (own.length > 0) yield own;
      own = [];
      while (row >= end) end = starts[++group] ?? Number.POSITIVE_INFINITY;
    }
    own.push(row);
  }
  if (own.length > 0) yield own;
}

function bitsOf(rows: readonly number[], first: number, last: number): string {
  const bits = Buffer.alloc(last - first + 1, '0');
  for (const row of rows) bits[row - first] = ONE;
  return bits.toString('latin1');
}

const ONE = '1'.charCodeAt(0);
