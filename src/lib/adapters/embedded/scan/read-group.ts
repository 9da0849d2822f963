import { FIELD_ALIASES, RESERVED } from '../../../record/aliases.ts';
import { LEVELS } from '../../../record/level.ts';
import { COLUMNS, MESSAGE_TIME } from '../../../query/sql-columns.ts';
import type { HourCount, KeyStatistic } from '../layout.ts';
import {
  BITS_A_TOKEN,
  type GroupFilters,
  LEAST_TOKEN_WORDS,
  LEAST_TRIGRAM_WORDS,
  MOST_FILL,
} from '../segment/filters.ts';
import { isPromotable } from './promotable.ts';
import type { ScannedColumn, ScannedGroup } from './scanned-group.ts';
import type { ScannerMemory } from './scanner-memory.ts';
import type { ScannerExports } from './wasm.ts';

const LEVEL_NAMES = new Map<number, string>(Object.entries(LEVELS).map(([name, number]) => [number, name]));
/** Bits of a key's values (`VALUE_BITS` in src/scanner/key-counts.ts), and where they are in its count. */
const VALUE_BITS = 1024;
const VALUES_AT = 24;

/** Names that `parseEvent` gives to fields which came under others. */
const GIVEN_NAMES = [...Array.from(RESERVED, (name) => `_${name}`), ...FIELD_ALIASES.values()].join('\n');

/** What the scanner itself has made of a group; also adds words to the filter that no event has as they are. */
export function readGroup(
  wasm: ScannerExports,
  memory: ScannerMemory,
  columns: readonly string[],
): Omit<ScannedGroup, 'next' | 'others' | 'unparsed' | 'slow'> {
  const rows = wasm.rows.value;
  addWords(wasm, memory);
  const filters = makeFilters(wasm, memory);
  // Nothing is reserved behind this: views stay good.
  const times = new BigInt64Array(wasm.memory.buffer, wasm.times.value, rows);
  return {
    rows,
    events: memory.words(wasm.events.value, rows),
    times,
    minTs: rows === 0 ? 0n : wasm.minTime.value,
    maxTs: rows === 0 ? 0n : wasm.maxTime.value,
    rawBytes: wasm.rawBytes.value,
    flags: wasm.allFlags.value,
    columns: readColumns(wasm, memory, columns, rows),
    counts: readCounts(wasm, memory),
    keys: readKeys(wasm, memory),
    filters,
    open: wasm.isOpen.value !== 0,
    marked: bitsOf(wasm.markedColumns.value),
    words: bitsOf(wasm.wordColumns.value),
    objects: wasm.objects.value !== 0,
  };
}

/** The numbers of the bits that are set, of 64. */
function bitsOf(bits: bigint): number[] {
  return Array.from({ length: 64 }, (_, bit) => bit).filter((bit) => ((bits >> BigInt(bit)) & 1n) === 1n);
}

/** The names of the levels that rows have, and of fields. */
function addWords(wasm: ScannerExports, memory: ScannerMemory): void {
  const levels = bitsOf(BigInt(wasm.allLevels.value)).map((level) => LEVEL_NAMES.get(level));
  const { at, length } = memory.text([GIVEN_NAMES, ...levels].join('\n'));
  wasm.addText(at, length);
}

function makeFilters(wasm: ScannerExports, memory: ScannerMemory): GroupFilters {
  const words = Math.max(LEAST_TOKEN_WORDS, Math.ceil((wasm.tokenCount.value * BITS_A_TOKEN) / 64));
  const tokens = wasm.makeTokenFilter(words);
  const trigrams = wasm.makeTrigramFilter(LEAST_TRIGRAM_WORDS, MOST_FILL);
  return {
    tokens: memory.view(tokens, words * 8),
    trigrams: memory.view(trigrams, wasm.trigramWords.value * 8),
  };
}

function readColumns(
  wasm: ScannerExports,
  memory: ScannerMemory,
  promoted: readonly string[],
  rows: number,
): ScannedColumn[] {
  const all = allPresent(rows);
  const fixed = (name: string, type: ScannedColumn['type'], at: number, width: number): ScannedColumn => ({
    name,
    type,
    present: all,
    count: rows,
    bytes: rows * width,
    values: [memory.view(at, rows * width)],
    integers: false,
  });
  const names = [
    COLUMNS.service,
    COLUMNS.host,
    COLUMNS.traceId,
    COLUMNS.spanId,
    ...promoted.map((_, number) => `k${number}`),
    COLUMNS.message,
    COLUMNS.rest,
    COLUMNS.lineBytes,
    COLUMNS.context,
    MESSAGE_TIME,
  ];
  return [
    fixed(COLUMNS.ts, 'int64', wasm.times.value, 8),
    fixed(COLUMNS.flags, 'int32', wasm.flags.value, 4),
    fixed(COLUMNS.level, 'int8', wasm.levels.value, 4),
    ...names.map((name, number) => readTexts(memory, wasm.column(number), name, rows)),
  ];
}

/** The members of `Column` in src/scanner/columns.ts. */
function readTexts(memory: ScannerMemory, column: number, name: string, rows: number): ScannedColumn {
  const [present = 0, integers = 0, count = 0, bytes = 0, numbered = 0, numbers = 0, numberCount = 0] = memory.words(
    column,
    7,
  );
  const [different = 0, entries = 0, values = 0] = memory.words(column + 28, 3);
  return {
    name,
    type: name === COLUMNS.lineBytes ? 'bytes' : 'text',
    present: memory.view(present, Math.ceil(rows / 8)),
    count,
    bytes,
    ...(numberCount > 0 && {
      repeated: {
        rows: Math.min(numbered, rows),
        different,
        values: readPieces(memory, entries),
        numbers: memory.view(numbers, numberCount * 2),
      },
    }),
    values: readPieces(memory, values),
    integers: integers !== 0,
  };
}

function allPresent(rows: number): Uint8Array {
  const present = new Uint8Array(Math.ceil(rows / 8)).fill(0xff);
  if (rows % 8 !== 0) present[present.length - 1] = (1 << (rows % 8)) - 1;
  return present;
}

/** `Texts` and `Piece` of src/scanner/texts.ts. */
function readPieces(memory: ScannerMemory, texts: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let [piece = 0] = memory.words(texts, 1);
  while (piece !== 0) {
    const [next = 0, start = 0, end = 0] = memory.words(piece, 3);
    if (end > start) pieces.push(memory.view(start, end - start));
    piece = next;
  }
  return pieces;
}

function readCounts(wasm: ScannerExports, memory: ScannerMemory): HourCount[] | undefined {
  if (wasm.tooManyPairs.value !== 0) return undefined;
  return Array.from({ length: wasm.pairCount() }, (_, number): HourCount => {
    const [service = 0, length = 0, level = 0, hour = 0, rows = 0] = memory.words(wasm.pairAt(number), 5);
    const name = service === 0 ? null : memory.bytes.toString('utf8', service, service + length);
    return [name, LEVEL_NAMES.get(level) ?? 'UNKNOWN', hour, rows];
  });
}

function readKeys(wasm: ScannerExports, memory: ScannerMemory): KeyStatistic[] {
  const keys: KeyStatistic[] = [];
  for (let number = 0; number < wasm.keyCounts(); number++) {
    const at = wasm.keyCountAt(number);
    // The first two are the hash.
    const [, , name = 0, length = 0, rows = 0] = memory.words(at, 5);
    const key = memory.bytes.toString('utf8', name, name + length);
    if (isPromotable(key))
      keys.push({ key, rows, distinct: distinctOf(memory.words(at + VALUES_AT, VALUE_BITS / 32)) });
  }
  return keys;
}

/** How many values have set so many of the bits (Whang and others, "A linear-time probabilistic counting algorithm"). */
function distinctOf(words: Uint32Array): number {
  let empty = VALUE_BITS;
  for (const word of words) for (let rest = word; rest !== 0; rest = (rest & (rest - 1)) >>> 0) empty--;
  return Math.round(-VALUE_BITS * Math.log(Math.max(empty, 1) / VALUE_BITS));
}
