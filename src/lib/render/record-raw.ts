import type { LogRecord } from '../record/record.ts';
import { escapeForTerminal } from './escape.ts';
import type { RecordOutput, Style } from './output.ts';

/** The bytes received, each event ended by LF. On a terminal as text with its controls shown. */
export function rawOutput(style: Style): RecordOutput {
  const bytes = (batch: readonly LogRecord[]): Uint8Array => {
    const size = batch.reduce((sum, record) => sum + record.raw.length + 1, 0);
    const out = Buffer.allocUnsafe(size);
    let at = 0;
    for (const record of batch) {
      out.set(record.raw, at);
      at += record.raw.length;
      out[at++] = 0x0a;
    }
    return out;
  };
  const text = (batch: readonly LogRecord[]): string =>
    batch.map((record) => `${escapeForTerminal(Buffer.from(record.raw).toString('utf8'))}\n`).join('');
  return { begin: () => '', records: style.terminal ? text : bytes, end: () => '' };
}
