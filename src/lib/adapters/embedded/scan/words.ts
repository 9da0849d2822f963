import { CAPITAL_LEVELS } from '../../../parse/plain.ts';
import { FACILITIES } from '../../../parse/syslog.ts';
import { type Alias, allAliases, allNestedAliases, FIELD_ALIASES, ROLES } from '../../../record/aliases.ts';
import { allLevelWords, type Level, LEVELS, parseLevel } from '../../../record/level.ts';
import type { ScannerMemory } from './scanner-memory.ts';
import type { ScannerExports } from './wasm.ts';

/** Spaces of the scanner's dictionary: names at the top of an object; those inside one name from 1 on; levels. */
const TOP = 0;
const LEVEL_WORDS = 1000;
const CAPITAL_WORDS = 1001;

/** Fields of text formats, in the order of their numbers in src/scanner/text-event.ts. */
const TEXT_FIELDS = [
  'client_ip',
  'ident',
  'user',
  'request',
  'method',
  'path',
  'protocol',
  'status',
  'bytes',
  'referrer',
  'user_agent',
  'extra',
  'pid',
  'thread',
  'caller',
  'stream',
  'time',
  'timestamp',
  'facility',
  'severity',
  'procid',
  'msgid',
] as const;

/** Numbers of a level that the scanner looks up; larger ones it asks about. */
const NUMBERS = 256;
const NO_LEVEL = 255;
/** What counts microseconds whatever the size of the number: journald's clock. */
const MICROSECONDS = '__REALTIME_TIMESTAMP';

/** Teaches a scanner every name and word that `parseEvent` knows, and the promoted keys. */
export function teach(wasm: ScannerExports, memory: ScannerMemory, columns: readonly string[]): void {
  const nested = [...allNestedAliases()];
  const levels = new NumberTables(memory, wasm);
  const inside = (name: string): number => nested.findIndex(([parent]) => parent === name) + 1;
  const add = (space: number, name: string): number => {
    const text = memory.text(name);
    return wasm.addWord(space, text.at, text.length);
  };
  const addAlias = (space: number, name: string, { role, rank }: Alias, path: string): void => {
    wasm.describeWord(
      add(space, name),
      ROLES.indexOf(role),
      rank,
      -1,
      space === TOP ? inside(name) : 0,
      role === 'level' ? levels.of(path) : 0,
      path === MICROSECONDS ? 1 : 0,
    );
  };
  for (const [name, alias] of allAliases()) addAlias(TOP, name, alias, name);
  nested.forEach(([parent, children], at) => {
    if (!allAliases().has(parent)) wasm.describeWord(add(TOP, parent), -1, 0, -1, at + 1, 0, 0);
    for (const [child, alias] of children) addAlias(at + 1, child, alias, `${parent}.${child}`);
  });
  columns.forEach((key, number) => {
    const names = [key, ...[...FIELD_ALIASES].filter(([, kept]) => kept === key).map(([name]) => name)];
    for (const name of names) wasm.describeWord(add(TOP, name), -1, 0, number, 0, 0, 0);
  });
  for (const [word, level] of allLevelWords()) addLevel(wasm, add(LEVEL_WORDS, word), level);
  for (const word of CAPITAL_LEVELS) addLevel(wasm, add(CAPITAL_WORDS, word), parseLevel(word));
  TEXT_FIELDS.forEach((name, number) => {
    const { at, length } = memory.text(name);
    wasm.describeField(number, at, length, columns.indexOf(name));
  });
  FACILITIES.forEach((name, number) => {
    const { at, length } = memory.text(name);
    wasm.describeFacility(number, at, length);
  });
}

/** More words than `teach` can add. */
export function wordCount(columns: readonly string[]): number {
  const names = allAliases().size + [...allNestedAliases()].reduce((sum, [, children]) => sum + children.size + 1, 0);
  return names + columns.length + FIELD_ALIASES.size + allLevelWords().size + CAPITAL_LEVELS.length;
}

function addLevel(wasm: ScannerExports, word: number, level: Level): void {
  wasm.describeWord(word, LEVELS[level], 0, -1, 0, 0, 0);
}

/** What each number means as a level under a name: 256 bytes, the same ones for names that agree. */
class NumberTables {
  readonly #memory: ScannerMemory;
  readonly #wasm: ScannerExports;
  readonly #known = new Map<string, number>();

  constructor(memory: ScannerMemory, wasm: ScannerExports) {
    this.#memory = memory;
    this.#wasm = wasm;
  }

  of(name: string): number {
    const table = Uint8Array.from({ length: NUMBERS }, (_, number) => {
      const level = parseLevel(number, name);
      return level === 'UNKNOWN' ? NO_LEVEL : LEVELS[level];
    });
    const key = table.join();
    let at = this.#known.get(key);
    if (at === undefined) {
      at = this.#wasm.reserve(NUMBERS);
      this.#memory.bytes.set(table, at);
      this.#known.set(key, at);
    }
    return at;
  }
}
