// Answers of different tools in one form, so that they can be compared: a number, events without an order, rows as texts.

export function countOf(text) {
  return Number(text.trim());
}

/** Events from lines of JSON: {time, text}, fields by name and as text. */
export function eventsOf(text, timeField) {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => eventOf(JSON.parse(line), timeField));
}

export function eventOf(object, timeField) {
  const fields = Object.entries(object).filter(([, value]) => value !== null);
  const texts = fields.map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return { time: String(object[timeField]), text: texts.sort().join('\n') };
}

/** Rows from cells: `frontend|ERROR|17`; a time is told by its minute, whatever follows that. */
export function rowsOf(rows) {
  return rows.map((row) => row.map(cellOf).join('|')).sort();
}

function cellOf(cell) {
  if (cell === null || cell === undefined) return '';
  const [, day, minute] = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})/.exec(cell) ?? [];
  return day === undefined ? String(cell) : `${day}T${minute}`;
}

/**
 * Whether two answers are one. Of the newest events those of the oldest moment are compared by their number alone, and so
 * are the last of the ten most: which of several that are equal are taken, no tool promises.
 */
export function alike(kind, a, b) {
  if (kind === 'count') return a === b;
  if (kind === 'table') return same(a, b);
  return (
    a.length === b.length && (kind === 'top' ? same(surelyMost(a), surelyMost(b)) : same(surelyNew(a), surelyNew(b)))
  );
}

function surelyNew(events) {
  const oldest = events.reduce((least, { time }) => (time < least ? time : least), '~');
  // Fewer are all there are: none had to be chosen.
  const sure = events.length < 100 ? events : events.filter(({ time }) => time !== oldest);
  return sure.map(({ text }) => text).sort();
}

function surelyMost(rows) {
  const countOf = (row) => Number(row.slice(row.lastIndexOf('|') + 1));
  const least = Math.min(...rows.map(countOf));
  return rows.filter((row) => countOf(row) > least);
}

function same(a, b) {
  return a.length === b.length && a.every((text, at) => text === b[at]);
}

/** How much an answer is, for a table of results. */
export function sizeOfAnswer(kind, answer) {
  if (kind === 'count') return String(answer);
  return `${answer.length} ${kind === 'events' ? 'event' : 'row'}${answer.length === 1 ? '' : 's'}`;
}
