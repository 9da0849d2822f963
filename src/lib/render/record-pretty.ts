import type { FieldValue, LogRecord } from '../record/record.ts';
import { formatTime } from '../record/time.ts';
import { escapeForTerminal, escapeToLine } from './escape.ts';
import type { RecordOutput, Selection, Style } from './output.ts';
import { type Entry, selectEntries, valueText } from './record-entries.ts';
import { logfmtKey, logfmtValue } from './record-logfmt.ts';

/** Names that have a place of their own in the line, or that only machines ask for. */
const PLACED: ReadonlySet<string> = new Set(['@timestamp', 'level', 'service', 'message', 'log_id', 'received_at']);

/** For people: `time LEVEL service message key=value…`; lines of a message after the first are indented. */
export function prettyOutput(selection: Selection, style: Style): RecordOutput {
  return {
    begin: () => '',
    records: (batch) => batch.map((record) => prettyRecord(record, selection, style)).join(''),
    end: () => '',
  };
}

function prettyRecord(record: LogRecord, selection: Selection, style: Style): string {
  const { paint } = style;
  const entries = selectEntries(record, selection);
  if (selection.pick !== undefined)
    return line(
      entries.map((entry) => pair(entry, style)),
      [],
      style,
    );
  const names = new Set(entries.map(([name]) => name));
  const parts: string[] = [];
  if (names.has('@timestamp')) parts.push(paint.faint(prettyTime(record.ts, style.zone)));
  if (names.has('level')) parts.push(paint.level(record.level)(record.level.padEnd(5)));
  if (record.service !== undefined && names.has('service')) parts.push(paint.name(oneLine(record.service, style)));
  if (record.message !== undefined && names.has('message')) parts.push(indented(record.message, style));
  const rest = entries.filter(([name], index) => !PLACED.has(name) || index >= names.size);
  const blocks = rest.filter(([, value]) => typeof value === 'string' && value.includes('\n'));
  parts.push(...rest.filter((entry) => !blocks.includes(entry)).map((entry) => pair(entry, style)));
  return line(parts, blocks, style);
}

function line(parts: readonly string[], blocks: readonly Entry[], style: Style): string {
  const tail = blocks.map(
    ([name, value]) =>
      `\n    ${style.paint.faint(`${oneLine(logfmtKey(name), style)}:`)} ${indented(valueText(value), style)}`,
  );
  return `${parts.join(' ')}${tail.join('')}\n`;
}

function pair([name, value]: Entry, style: Style): string {
  return `${style.paint.faint(`${oneLine(logfmtKey(name), style)}=`)}${shownValue(value, style)}`;
}

function shownValue(value: FieldValue, style: Style): string {
  return oneLine(logfmtValue(value), style);
}

function oneLine(text: string, style: Style): string {
  return style.terminal ? escapeToLine(text) : text;
}

/** Text of several lines, the later ones indented so that none of them can pass for an event. */
function indented(text: string, style: Style): string {
  const safe = style.terminal ? escapeForTerminal(text) : text;
  return safe.replaceAll('\n', '\n    ');
}

/** `2026-11-21 14:05:09.123` in the zone asked for, with `Z` where that is UTC. */
export function prettyTime(ns: bigint, zone: string): string {
  const text = formatTime(ns, zone);
  const [, date, time, fraction = ''] = /^(\S+)T(\d\d:\d\d:\d\d)(\.\d+)?/.exec(text) ?? [];
  if (date === undefined || time === undefined) return text;
  return `${date} ${time}${fraction.padEnd(4, fraction === '' ? '.000' : '0').slice(0, 4)}${zone === 'UTC' ? 'Z' : ''}`;
}
