import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  visit,
} from './yaml-api.ts';
import { type ErrorLocation, LogsError } from '../errors.ts';
import { starSecrets } from './remote-url.ts';
import { type Misfit, type Path, shortened } from './setting.ts';

/** A file written by hand has less. One of nothing but brackets takes a second at this size, and four times that at twice it. */
const MAX_LENGTH = 128 * 1024;
/** Aliases that are followed, those inside others counted as often as they are met: ten lines of them can mean a billion values. */
const MAX_ALIASES = 100;

/** A YAML document read, and where in its text everything stands. */
export interface YamlText {
  readonly value: unknown;
  /** What is wrong with a value of it, as an error with its place. */
  problem(misfit: Misfit & { readonly path: Path }): LogsError;
}

/**
 * The one document of a YAML text. `file` is its name in errors.
 * @throws LogsError CONFIG with its place, and with all else that is wrong with the syntax
 */
export function readYaml(text: string, file: string): YamlText {
  const lines = new LineCounter();
  const place = (offset: number, length: number) => placeIn(text, lines, file, offset, length);
  const fail = (what: string, hint: string, offset: number, length = 1) =>
    new LogsError('CONFIG', what, { hint, at: place(offset, length) });
  const whole = (what: string, hint: string) => new LogsError('CONFIG', what, { hint, at: { file } });
  if (text.length > MAX_LENGTH) {
    throw whole(`the file has ${text.length} characters; at most ${MAX_LENGTH} are read`, 'is it the right file?');
  }
  const documents = parse(text, lines);
  if (documents === undefined) throw whole('the file is nested too deep', 'is it the right file?');
  const [document, second] = documents;
  if (document === undefined || document.contents === null) {
    throw whole('the file is empty', 'docs/pipelines.md has a complete example');
  }
  const offsets = new Set<number>();
  // What is missing at the end is told where the last word stands.
  const last = text.trimEnd().length - 1;
  const broken = [...document.errors, ...document.warnings].flatMap(({ code, message, pos: [from, to] }) => {
    // What follows from the first fault at a place says nothing new.
    if (offsets.has(from)) return [];
    offsets.add(from);
    const hint = HINTS[code] ?? 'quote texts that have : # { [ or * in them';
    return [
      fail(
        SYNTAX[code] ?? `this is no YAML: ${shortened(starSecrets(message))}`,
        hint,
        Math.min(from, last),
        to - from,
      ),
    ];
  });
  if (second !== undefined) {
    broken.push(
      fail('a second document begins here', 'a file holds one pipeline: leave out what follows ---', second.range[0]),
    );
  }
  const aliases: Node[] = [];
  visit(document, {
    Alias: (_key, alias) => {
      aliases.push(alias);
      if (alias.resolve(document) !== undefined) return;
      const from = alias.range?.[0] ?? 0;
      broken.push(fail('no anchor of this name stands before it', 'quote the text if the * is part of it', from));
    },
  });
  throwAll(broken);
  try {
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { value, problem: (misfit) => problemIn(document.contents as Node, misfit, place) };
  } catch (error) {
    const from = aliases.at(-1)?.range?.[0] ?? 0;
    const why = error instanceof Error ? error.message : String(error);
    if (!why.startsWith('Excessive alias count')) throw fail(`this is no YAML: ${why}`, 'write the values out', from);
    throw fail(`more than ${MAX_ALIASES} aliases, with those inside others`, 'write the values out', from);
  }
}

/** So many faults of one file are told. */
const TOLD = 20;

/** Throws the first of some errors in the order in which they stand, with the others beside it. Nothing where there are none. */
export function throwAll(errors: readonly LogsError[]): void {
  const place = ({ at }: LogsError): number => (at?.line ?? 0) * 1e6 + (at?.column ?? 0);
  const [first, ...others] = [...errors].sort((a, b) => place(a) - place(b));
  if (first === undefined) return;
  const also = others.slice(0, TOLD - 1);
  if (others.length > also.length) also.push(new LogsError('CONFIG', `and ${others.length - also.length} more`));
  const { code, message, hint, at } = first;
  throw new LogsError(code, message, {
    also,
    ...(hint === undefined ? {} : { hint }),
    ...(at === undefined ? {} : { at }),
    cause: first.cause,
  });
}

const SYNTAX: { readonly [code: string]: string } = {
  DUPLICATE_KEY: 'this key stands twice',
  TAB_AS_INDENT: 'a tab stands where blanks belong',
  TAG_RESOLVE_FAILED: 'tags have no meaning here',
  BLOCK_AS_IMPLICIT_KEY: 'a second key stands on the line of the first',
  MISSING_CHAR: 'a quote or bracket is never closed',
};

const HINTS: { readonly [code: string]: string } = {
  DUPLICATE_KEY: 'leave one of them out, or make one list of both',
  TAB_AS_INDENT: 'YAML is indented by blanks',
  TAG_RESOLVE_FAILED: 'leave out the word that begins with !, or quote the text',
};

function parse(text: string, lineCounter: LineCounter) {
  try {
    const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false, merge: true });
    if (!Array.isArray(documents)) return [];
    const tooDeep = documents.some(({ errors }) => errors.some(({ message }) => message.includes('call stack')));
    return tooDeep ? undefined : documents;
  } catch (error) {
    // The parser recurses once for each bracket, and hands on in an error what it ran into, or throws it.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

type Place = (offset: number, length: number) => ErrorLocation;

function problemIn(top: Node, misfit: Misfit & { readonly path: Path }, place: Place): LogsError {
  const { node, pair } = find(top, misfit.path);
  const name = shortened(starSecrets(nameOf(misfit.path)));
  const message = name === '' ? misfit.what : `${name}: ${misfit.what}`;
  const hint = misfit.hint === undefined ? {} : { hint: misfit.hint };
  const atFault = misfit.key === true ? ((pair?.key as Node | undefined) ?? node) : node;
  const [from = 0, to = from] = atFault.range ?? [];
  const within = misfit.at;
  const offset = within?.offset ?? 0;
  const inside =
    within === undefined || within.text === undefined ? undefined : isVerbatim(atFault, within.text, from, to);
  if (within !== undefined && inside === undefined) {
    // The text is written with escapes or on several lines: it is shown as it is read.
    const { file, line, column } = place(from, 1);
    return new LogsError('CONFIG', message, {
      ...hint,
      at: { ...within, text: starSecrets(within.text ?? ''), ...pick(file, line, column) },
    });
  }
  const length = within?.length ?? (isCollection(atFault) ? 1 : to - from);
  return new LogsError('CONFIG', message, { ...hint, at: place(from + (inside ?? 0) + offset, length) });
}

function pick(file: string | undefined, line: number | undefined, column: number | undefined): ErrorLocation {
  return {
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  };
}

/** How far behind the start of a scalar its text begins, where it stands in the file character by character. */
function isVerbatim(node: Node, text: string, from: number, to: number): number | undefined {
  if (!isScalar(node) || node.value !== text) return undefined;
  const quotes = node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE' ? 1 : 0;
  return node.source !== undefined && to - from === text.length + 2 * quotes ? quotes : undefined;
}

/** The node at a path; where it came through a merge or an alias, the nearest above it. */
function find(top: Node, path: Path): { readonly node: Node; readonly pair: Pair | undefined } {
  let node = top;
  let pair: Pair | undefined;
  for (const key of path) {
    if (isAlias(node) || !isCollection(node)) break;
    if (isMap(node)) {
      const found = node.items.find((item) => isPair(item) && keyOf(item.key) === key);
      if (found === undefined) break;
      pair = found;
      node = (found.value ?? found.key) as Node;
    } else {
      const item = node.items[Number(key)];
      if (item === undefined) break;
      node = item as Node;
    }
  }
  return { node, pair };
}

function keyOf(key: unknown): string {
  return String(isScalar(key) ? key.value : key);
}

/** `routes[0].match` */
function nameOf(path: Path): string {
  return path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at === 0 ? '' : '.'}${part}`)).join('');
}

function placeIn(text: string, lines: LineCounter, file: string, offset: number, length: number): ErrorLocation {
  const { line, col } = lines.lineStarts.length === 0 ? { line: 1, col: 1 } : lines.linePos(offset);
  const start = offset - (col - 1);
  const end = text.indexOf('\n', start);
  const whole = text.slice(start, end === -1 ? text.length : end).replace(/\r$/, '');
  return {
    file,
    line: Math.max(1, line),
    column: Math.max(1, col),
    text: starSecrets(whole),
    offset: Math.max(0, col - 1),
    length: Math.max(1, Math.min(length, whole.length - (col - 1))),
  };
}
