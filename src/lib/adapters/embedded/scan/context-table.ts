import { ROW_FLAGS } from '../../../query/sql-columns.ts';
import { aliasOf } from '../../../record/aliases.ts';
import type { EventContext } from '../../../record/record.ts';
import { fixedOffset } from '../../../record/zone.ts';
import type { ScannerMemory } from './scanner-memory.ts';
import type { ScannerExports } from './wasm.ts';

/** Members of `Context` in src/scanner/group.ts, 32 bits each. */
const CONTEXT_MEMBERS = 13;
const VALUE_MEMBERS = 4;
const BY_DEFAULT = 1;
const ALWAYS = 2;

/** The contexts of a row group's events, as the scanner reads them. */
export class ContextTable {
  readonly #wasm: ScannerExports;
  readonly #memory: ScannerMemory;
  readonly #columns: readonly string[];
  readonly #known = new Map<EventContext, number>();

  constructor(wasm: ScannerExports, memory: ScannerMemory, columns: readonly string[]) {
    this.#wasm = wasm;
    this.#memory = memory;
    this.#columns = columns;
  }

  /** The address of a context. */
  of(context: EventContext): number {
    let at = this.#known.get(context);
    if (at === undefined) {
      at = this.#write(context);
      this.#known.set(context, at);
    }
    return at;
  }

  #write(context: EventContext): number {
    const { service, host, zone, fields = {} } = context;
    const members = [
      Object.keys(fields).length > 0 ? ROW_FLAGS.CONTEXT_FIELDS : 0,
      formatOf(context),
      zone === undefined || fixedOffset(zone) === 0 ? 1 : 0,
      ...this.#text(service),
      ...this.#text(host),
      ...this.#text(JSON.stringify(context)),
      ...this.#text(contextWords(context)),
      this.#values(context),
      0,
    ];
    const at = this.#wasm.reserve(CONTEXT_MEMBERS * 4);
    this.#memory.words(at, CONTEXT_MEMBERS).set(members);
    return at;
  }

  #text(text: string | undefined): [number, number] {
    if (text === undefined) return [0, 0];
    const { at, length } = this.#memory.text(text);
    return [at, length];
  }

  /** What the context says of promoted keys; 0 where it says nothing. */
  #values({ fields = {}, file }: EventContext): number {
    const values = this.#columns.map((key): [number, string | undefined] => {
      if (Object.hasOwn(fields, key)) return [ALWAYS, fields[key]];
      return key === 'file' && file !== undefined ? [BY_DEFAULT, file] : [0, undefined];
    });
    if (values.every(([when]) => when === 0)) return 0;
    const members = values.flatMap(([when, text]) => [when, ...this.#text(text), 0]);
    const at = this.#wasm.reserve(members.length * 4);
    this.#memory.words(at, values.length * VALUE_MEMBERS).set(members);
    return at;
  }
}

/** Formats that the scanner reads itself, and their numbers in src/scanner/group.ts. */
const FORMATS: Readonly<Record<string, number>> = {
  json: 1,
  access: 2,
  syslog: 9,
  'syslog-3164': 3,
  plain: 4,
  logfmt: 5,
  klog: 6,
  cri: 7,
  'syslog-5424': 8,
};
const DETECT = 0;
const OTHER = 10;

/** The format of events with this context; `OTHER` where only `parseEvent` knows what the context makes of them. */
function formatOf({ format, fields = {}, truncated }: EventContext): number {
  if (truncated !== undefined || Object.keys(fields).some((key) => aliasOf(key) !== undefined)) return OTHER;
  return format === undefined ? DETECT : (FORMATS[format] ?? OTHER);
}

/** All texts that a context adds to its records. */
function contextWords({ service, host, file, fields }: EventContext): string {
  const added = file === undefined ? [] : ['file', file];
  for (const [key, value] of Object.entries(fields ?? {})) added.push(key, value);
  return [service ?? '', host ?? '', ...added].join('\n');
}
