import { existsSync, readFileSync } from 'node:fs';

/** What the scanner in WebAssembly (src/scanner/index.ts) gives. Addresses and sizes are bytes of its memory. */
export interface ScannerExports {
  readonly memory: WebAssembly.Memory;
  begin(columns: number, words: number, repeated: number, trigramWords: number): void;
  addWord(space: number, text: number, length: number): number;
  describeWord(
    word: number,
    role: number,
    rank: number,
    column: number,
    inside: number,
    numbers: number,
    microseconds: number,
  ): void;
  describeField(number: number, text: number, length: number, column: number): void;
  describeFacility(number: number, text: number, length: number): void;
  ready(): void;
  reserve(bytes: number): number;
  /** 1 where `begin` has to follow. */
  hold(bytes: number): number;
  heldText(): number;
  findLines(text: number, bytes: number, base: number, most: number): number;
  readonly foundLines: WebAssembly.Global;
  readonly lineCount: WebAssembly.Global;
  startRows(most: number, dayFrom: bigint, dayTo: bigint, tokens: number): void;
  setEvents(starts: number, ends: number, numbers: number, count: number): void;
  moveOffsets(at: number, count: number, by: number): void;
  scan(from: number, to: number, context: number, received: bigint): number;
  slowArea(bytes: number): number;
  addText(at: number, length: number): void;
  firstDifferentRow(): number;
  column(number: number): number;
  keyCounts(): number;
  keyCountAt(number: number): number;
  pairCount(): number;
  pairAt(number: number): number;
  makeTokenFilter(words: number): number;
  makeTrigramFilter(least: number, most: number): number;
  readonly tooManyPairs: WebAssembly.Global;
  readonly tokenCount: WebAssembly.Global;
  readonly trigramWords: WebAssembly.Global;
  readonly rows: WebAssembly.Global;
  readonly rawBytes: WebAssembly.Global;
  /** Nanoseconds: of all rows. */
  readonly minTime: WebAssembly.Global<bigint>;
  readonly maxTime: WebAssembly.Global<bigint>;
  readonly isOpen: WebAssembly.Global;
  /** 64 bits, signed. */
  readonly markedColumns: WebAssembly.Global<bigint>;
  readonly wordColumns: WebAssembly.Global<bigint>;
  readonly objects: WebAssembly.Global;
  readonly times: WebAssembly.Global;
  readonly flags: WebAssembly.Global;
  readonly allFlags: WebAssembly.Global;
  /** Bits by the number of the level. */
  readonly allLevels: WebAssembly.Global;
  readonly levels: WebAssembly.Global;
  readonly events: WebAssembly.Global;
}

/** What the scanner asks while it scans (src/scanner/host.ts). */
export interface ScannerImports {
  /** The number of the level in a message's head: 0 where no word is one, -2 where what should be one means none. */
  findLevel(at: number, length: number): number;
  /** 1 where the event becomes a row. */
  parseSlowly(event: number): number;
  otherDay(event: number, events: number, day: number): void;
  /** MUST throw. */
  outOfMemory(): never;
}

let compiled: WebAssembly.Module | undefined;

/**
 * The scanner's code, compiled at the first call, in some milliseconds. Threads that are handed it (`useScanner`) share
 * what V8 makes of it while it runs: it is optimized once, not once a thread.
 */
export function compiledScanner(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(scannerFile()));
  return compiled;
}

/** Takes the code that another thread compiled. */
export function useScanner(code: WebAssembly.Module): void {
  compiled = code;
}

/** A scanner with memory of its own. */
export function newScanner(imports: ScannerImports): ScannerExports {
  try {
    const instance = new WebAssembly.Instance(compiledScanner(), { host: { ...imports } });
    return instance.exports as unknown as ScannerExports;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // V8 takes 10 GB of addresses for any memory, whatever is used of it.
    throw new RangeError(`${error.message} (with \`ulimit -v\`, allow 16 GB of addresses or more)`, {
      cause: error,
    });
  }
}

/** Beside the bundle; from the sources, and from what is compiled of them one by one, in the folder of the build. */
function scannerFile(): URL {
  const beside = new URL('./scanner.wasm', import.meta.url);
  return existsSync(beside) ? beside : new URL('../../../../../dist/scanner.wasm', import.meta.url);
}
