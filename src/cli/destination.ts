import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { LogsError, systemReason } from '../lib/errors.ts';
import type { QueryClock } from '../lib/query/ast.ts';
import type { RecordFormat, Style } from '../lib/render/output.ts';
import { openPaint, wantsColour } from '../lib/render/paint.ts';
import { writeDocument, writeOutput } from './streams.ts';

/** Where an answer goes: standard output or a file. */
export interface Destination {
  readonly style: Style;
  readonly format: RecordFormat;
  write(data: string | Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface DestinationFlags {
  readonly output?: string | undefined;
  readonly out?: string | undefined;
  readonly color: string;
  readonly json: boolean;
}

/** Columns where the terminal says none (some count 0) and in a pipe, where nothing may depend on a window. */
const DEFAULT_WIDTH = 80;

/** Opens what `--out`, `-o`, `--json` and `--color` ask for. Throws NOT_WRITABLE naming the file. */
export async function openDestination(flags: DestinationFlags, clock: QueryClock): Promise<Destination> {
  const terminal = flags.out === undefined && process.stdout.isTTY === true;
  const style: Style = {
    terminal,
    width: (terminal && process.stdout.columns) || DEFAULT_WIDTH,
    get zone() {
      return clock.zone;
    },
    paint: await openPaint(wantsColour(flags.color, terminal, process.env)),
  };
  const format = formatOf(flags, terminal);
  if (flags.out === undefined) {
    const write = format === 'json' ? writeDocument : writeOutput;
    return { style, format, write, close: async () => undefined };
  }
  const name = flags.out;
  const failed = (error: unknown): never => {
    const { code } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? `there is no folder ${dirname(name)}` : systemReason(error);
    throw new LogsError(code === 'ENOSPC' ? 'NO_SPACE' : 'NOT_WRITABLE', `cannot write to ${name}: ${reason}`, {
      hint:
        code === 'ENOSPC'
          ? 'what is in the file is not whole: free some space, or choose another place'
          : 'check the folder and its permissions',
      cause: error,
    });
  };
  const file = await open(name, 'w').catch(failed);
  return {
    style,
    format,
    write: async (data) => {
      await file.writeFile(data).catch(failed);
    },
    close: () => file.close(),
  };
}

const JSONS: ReadonlySet<string> = new Set(['json', 'ndjson']);

/** The name of a file says its format where nothing else does. */
const EXTENSIONS: { readonly [extension: string]: RecordFormat } = { json: 'json', csv: 'csv', tsv: 'tsv' };

function formatOf(flags: DestinationFlags, terminal: boolean): RecordFormat {
  if (flags.json && flags.output !== undefined && !JSONS.has(flags.output)) {
    throw new LogsError('USAGE', `--json and -o ${flags.output} ask for two formats`, {
      hint: 'leave one of them out',
    });
  }
  if (flags.output !== undefined) return flags.output as RecordFormat;
  if (flags.json) return 'json';
  const extension = /\.([a-z]+)$/i.exec(flags.out ?? '')?.[1]?.toLowerCase();
  return EXTENSIONS[extension ?? ''] ?? (terminal ? 'pretty' : 'ndjson');
}
