/** A Markdown table; all columns but the first are figures. */
export function table(head, rows) {
  const lines = [head, head.map((_, at) => (at === 0 ? '---' : '--:')), ...rows];
  return `${lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

/** Median, minimum and maximum as three cells. */
export function figure(values, digits) {
  if (values === undefined) return ['–', '–', '–'];
  return [values.median, values.min, values.max].map((value) => value.toFixed(digits));
}

/** One median over another, `0.84x`. */
export function ratio(a, b) {
  return a === undefined || b === undefined ? '–' : `${short(a.median / b.median)}x`;
}

/** A figure with as many digits as it is good for. */
export function short(value) {
  if (value < 0.1) return value.toPrecision(1);
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}
