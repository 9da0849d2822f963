// The questions, each in the language of every tool that can be asked it. `kind` says what the answer is: a `count`, the
// newest 100 `events` whole, the rows of a `table`, or the ten `top` ones. angle-grinder's percentiles are approximate.

/** Words and texts that are there, or nowhere, in each corpus. `scan` has no three letters in a row: no filter can help. */
const NEZHA_NEEDLES = { rare: 'aeropress', scan: "s=['0" };
const GENERATED_NEEDLES = { rare: 'quarantined', scan: '/8 #7' };
const ABSENT = 'zqxjneedle';
const ABSENT_PART = 'qxjneedl';
const ABSENT_ID = 'f00d'.repeat(8);

/** `sample` is some event of the corpus: its trace and its pod are asked for. */
export function questionsOf({ name, fields }, sample) {
  const { time, text, pod, trace, host, level, service, number } = fields;
  const { rare, scan } = name.startsWith('nezha') ? NEZHA_NEEDLES : GENERATED_NEEDLES;
  const newest = `jq -sc 'sort_by(.${time}|rtrimstr("Z"))[-100:][]'`;
  const minute = (from) => `strftime(date_trunc('minute', ts::TIMESTAMP), '%Y-%m-%dT%H:%M') ${from}`;
  const counted = (keys, from) => `SELECT ${keys}, count(*) AS n FROM ${from} GROUP BY ALL`;
  const onField = (name, value) => ({
    kind: 'events',
    query: `${name}:${value}`,
    where: `${name} = '${value}'`,
    jq: `jq -c 'select(.${name} == "${value}")' "$1" | ${newest}`,
  });

  const questions = [
    { name: 'absent word', kind: 'count', query: ABSENT, where: `contains(${text}, '${ABSENT}')`, rg: `rg -ciw ${ABSENT} "$1"` },
    { name: 'absent part of a word', kind: 'count', query: `*${ABSENT_PART}*`, where: `contains(${text}, '${ABSENT_PART}')`, rg: `rg -ciF ${ABSENT_PART} "$1"` },
    { name: 'text that no filter can rule out', kind: 'count', query: `*${escaped(scan)}*`, where: `contains(${text}, ${quoted(scan)})`, rg: `rg -cF "${scan}" "$1"` },
    { name: 'rare word, newest 100', kind: 'events', query: rare, where: `${text} ILIKE '%${rare}%'`, rg: `rg -iw ${rare} "$1" | ${newest}` },
    { name: 'part of a word, in any case', kind: 'count', query: '*exception*', where: `${text} ILIKE '%exception%'`, rg: 'rg -ciF exception "$1"' },
    { name: 'regular expression', kind: 'count', query: 'message:/exception|time(d )?out/i', where: `regexp_matches(${text}, '(?i)exception|time(d )?out')`, rg: 'rg -ci "exception|time(d )?out" "$1"' },
    { name: 'regular expression without a literal', kind: 'count', query: 'message:/[xz][0-9]{2}[-:][0-9]{2}/i', where: `regexp_matches(${text}, '(?i)[xz][0-9]{2}[-:][0-9]{2}')` },
    { name: 'a trace, counted', kind: 'count', query: `${trace}:${sample[trace]}`, where: `${trace} = '${sample[trace]}'`, rg: `rg -cF ${sample[trace]} "$1"` },
    { name: 'a trace', ...onField(trace, sample[trace]), rg: `rg -F ${sample[trace]} "$1" | ${newest}` },
    { name: 'a trace that is not there', ...onField(trace, ABSENT_ID), rg: `rg -F ${ABSENT_ID} "$1" | ${newest}` },
    { name: 'newest 100', kind: 'events', query: '*', where: 'true', jq: `${newest} "$1"` },
    { name: 'newest 100 of a pod', ...onField(pod, sample[pod]) },
    { name: 'ten busiest pods', kind: 'top', query: `* | top 10 ${pod}`, sql: (from) => `${counted(pod, from)} ORDER BY n DESC LIMIT 10`, jq: `jq -r .${pod} "$1" | sort | uniq -c | sort -rn | head -10`, agrind: `* | json | count by ${pod} | sort by _count desc | limit 10` },
    { name: 'events by pod', kind: 'table', query: `* | stats count() by ${pod}`, sql: (from) => counted(pod, from), jq: `jq -r .${pod} "$1" | sort | uniq -c`, agrind: `* | json | count by ${pod}` },
    { name: 'events by service and level', kind: 'table', query: '* | stats count() by service, level', ...(service === undefined ? {} : { sql: (from) => counted(`${service}, ${level}`, from), jq: `jq -r '.${service} + "|" + .${level}' "$1" | sort | uniq -c`, agrind: `* | json | count by ${service}, ${level}` }) },
    { name: 'events a minute', kind: 'table', query: '* | stats count() by every(1m)', sql: (from) => counted(minute('AS t'), from), jq: `jq -r '.${time}[:16]' "$1" | sort | uniq -c`, agrind: `* | json | parseDate(${time}) as t | timeslice(t) 1m | count by _timeslice` },
    { name: 'different hosts', kind: 'table', query: `* | stats distinct(${host})`, sql: (from) => `SELECT count(DISTINCT ${host}) FROM ${from}`, jq: `jq -r .${host} "$1" | sort -u | wc -l`, agrind: `* | json | count_distinct(${host})` },
    ...(number === undefined ? [] : [{ name: '95th percentile of a number, by service', kind: 'table', query: `* | stats p95(${number}) by service`, sql: (from) => `SELECT ${service}, quantile_disc(${number}::BIGINT, 0.95) FROM ${from} GROUP BY ALL` }]),
  ]; // biome-ignore format: a table
  return questions.map((question) => ({ ...question, time, sql: question.sql ?? sqlOf(question) }));
}

function sqlOf({ kind, where }) {
  if (where === undefined) return undefined;
  if (kind === 'count') return (from) => `SELECT count(*) FROM ${from} WHERE ${where}`;
  return (from) => `SELECT * EXCLUDE (ts) FROM ${from} WHERE ${where} ORDER BY ts DESC LIMIT 100`;
}

function escaped(text) {
  return text.replaceAll(/[^A-Za-z0-9]/g, String.raw`\$&`);
}

function quoted(text) {
  return `'${text.replaceAll("'", "''")}'`;
}
