import { LEVELS, type Level, parseLevel } from '../record/level.ts';
import type { CompareOp, Scalar, Value } from './ast.ts';
import { holds } from './compare.ts';
import { compileRegex } from './regex.ts';
import { matchesPattern } from './text-match.ts';

const ALL = Object.keys(LEVELS) as Level[];

/**
 * The levels that a value on a level field takes. Names are read as in records (`err`, pino's 50, under `severity`
 * syslog's 3); bounds compare by severity. UNKNOWN is taken by its own name only: it stands for a level not given.
 */
export function levelsOfValue(value: Value, field: string): ReadonlySet<Level> {
  switch (value.kind) {
    case 'any':
      return new Set(ALL.filter((level) => level !== 'UNKNOWN'));
    case 'term':
    case 'phrase':
      return named(value.text, field);
    case 'wildcard': {
      const matches = matchesPattern(value.pattern.toUpperCase());
      return new Set(ALL.filter(matches));
    }
    case 'regex': {
      const matches = compileRegex(value.source, value.flags);
      return new Set(ALL.filter(matches));
    }
    case 'in':
      return new Set(value.values.flatMap((scalar) => [...levelsOfCompare('=', scalar, field)]));
    case 'range': {
      const { from, to } = value;
      const above = from === '*' ? undefined : levelsOfCompare(value.includeFrom ? '>=' : '>', from, field);
      const below = to === '*' ? undefined : levelsOfCompare(value.includeTo ? '<=' : '<', to, field);
      return new Set(
        ALL.filter((level) => level !== 'UNKNOWN' && above?.has(level) !== false && below?.has(level) !== false),
      );
    }
    case 'cidr':
    case 'in-file':
      return new Set();
  }
}

/** The levels for which `level op scalar` holds; not for `!=`, which is the negation of `=`. */
export function levelsOfCompare(op: Exclude<CompareOp, '!='>, scalar: Scalar, field: string): ReadonlySet<Level> {
  if (scalar.kind === 'relative') return new Set();
  const wanted = named(scalar.text, field);
  if (op === '=') return wanted;
  const [bound] = wanted;
  if (bound === undefined || bound === 'UNKNOWN') return new Set();
  return new Set(ALL.filter((level) => level !== 'UNKNOWN' && holds(op, LEVELS[level] - LEVELS[bound])));
}

/** Whether a text names a level at all; what does not is a mistake worth a word. */
export function isLevelName(text: string, field: string): boolean {
  return named(text, field).size > 0;
}

function named(text: string, field: string): ReadonlySet<Level> {
  const level = parseLevel(text, field);
  return level === 'UNKNOWN' && text.trim().toLowerCase() !== 'unknown' ? new Set() : new Set([level]);
}
