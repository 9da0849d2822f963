import { LogsError } from '../errors.ts';
import { durationOf, formatDuration, sizeOf } from '../query/duration.ts';
import { nearest } from '../query/nearest.ts';
import { parseFilter } from '../query/parse.ts';
import { compilePredicate } from '../query/predicate.ts';
import { compileRegex } from '../query/regex.ts';
import { resolveSecrets } from './secrets.ts';
import { type Listener, type Misfit, quoted, type Setting, textOf } from './setting.ts';
import { sizeText } from './size-text.ts';

interface About<T> {
  readonly meaning: string;
  readonly preset: T;
  readonly flag: string;
}

const MILLISECOND = 1_000_000n;

/** A text, in which `${env:NAME}` is what the environment has. */
export function text(about: About<string | undefined>): Setting<string | undefined> {
  return {
    ...about,
    takes: { kind: 'text' },
    read: (raw, listener) => (raw === undefined ? about.preset : readText(textOf(raw), listener)),
  };
}

/** Undefined after telling why. */
export function readText(written: string, listener: Listener, misfit: Partial<Misfit> = {}): string | undefined {
  if (written === '') {
    listener.wrong({ ...misfit, what: 'it is empty', hint: 'leave the key out, or give it a value' });
    return undefined;
  }
  const secret = /\$\{file:[^}]*\}/.exec(written);
  if (secret !== null) {
    listener.wrong({
      ...misfit,
      what: `${secret[0]} can stand only in an address`,
      hint: 'what stands here is shown; ${env:NAME} can be used',
      at: { text: written, offset: secret.index, length: secret[0].length },
    });
    return undefined;
  }
  try {
    return resolveSecrets(written);
  } catch (error) {
    listener.wrong({ ...misfit, ...misfitOf(error, written) });
    return undefined;
  }
}

/** One of some words. */
export function choice<const W extends string, P extends W | undefined>(
  of: readonly W[],
  about: About<P>,
): Setting<W | P> {
  return {
    ...about,
    takes: { kind: 'choice', of },
    read(raw, { wrong }) {
      const word = of.find((one) => one === raw);
      if (word !== undefined || raw === undefined) return word ?? about.preset;
      const meant = nearest(textOf(raw), of);
      const known = `it is one of ${of.join(', ')}`;
      wrong({
        what: `${quoted(raw)} is none of its words`,
        hint: meant === undefined ? known : `did you mean ${meant}? ${known}`,
      });
      return about.preset;
    },
  };
}

/** A whole number, or a word for no limit at all, which is undefined. */
export function count<P extends number | undefined>(
  range: { readonly min: number; readonly max: number; readonly word?: string },
  about: About<P>,
): Setting<number | P> {
  return {
    ...about,
    takes: { kind: 'count', ...range },
    read(raw, { wrong }) {
      if (raw === undefined || (range.word !== undefined && raw === range.word)) return about.preset;
      const given = typeof raw === 'string' && /^\d{1,15}$/.test(raw) ? Number(raw) : raw;
      if (typeof given === 'number' && Number.isInteger(given) && given >= range.min && given <= range.max)
        return given;
      wrong({
        what: `${quoted(raw)} is not in its range`,
        hint: `a whole number from ${range.min} to ${range.max}${range.word === undefined ? '' : `, or ${range.word}`}`,
      });
      return about.preset;
    },
  };
}

/** Bytes. */
export function size(range: { readonly min: number; readonly max: number }, about: About<number>): Setting<number> {
  return {
    ...about,
    takes: { kind: 'size', ...range },
    read(raw, { wrong }) {
      if (raw === undefined) return about.preset;
      const bytes = sizeOf(textOf(raw));
      if (bytes !== undefined && bytes >= BigInt(range.min) && bytes <= BigInt(range.max)) return Number(bytes);
      const span = `from ${sizeText(range.min)} to ${sizeText(range.max)}`;
      wrong(
        bytes === undefined
          ? {
              what: `${quoted(raw)} is not a size`,
              hint: `bytes, or a number and a unit: 512, 10MB, 64MiB; ${span}`,
            }
          : { what: `${quoted(raw)} is not in its range`, hint: `a size ${span}` },
      );
      return about.preset;
    },
  };
}

/** Milliseconds, or a word for no limit at all, which is undefined. */
export function duration<P extends number | undefined>(
  range: { readonly min: number; readonly max: number; readonly word?: string },
  about: About<P>,
): Setting<number | P> {
  return {
    ...about,
    takes: { kind: 'duration', ...range },
    read(raw, { wrong }) {
      if (raw === undefined || (range.word !== undefined && raw === range.word)) return about.preset;
      const nanoseconds = durationOf(textOf(raw));
      const milliseconds = nanoseconds === undefined ? -1 : Number(nanoseconds / MILLISECOND);
      const exact = nanoseconds !== undefined && nanoseconds % MILLISECOND === 0n;
      if (exact && milliseconds >= range.min && milliseconds <= range.max) return milliseconds;
      const span = `from ${durationText(range.min)} to ${durationText(range.max)}`;
      const or = range.word === undefined ? '' : `, or ${range.word}`;
      wrong(
        nanoseconds === undefined
          ? {
              what: `${quoted(raw)} is not a duration`,
              hint: `a number and a unit: 500ms, 15m, 2h, 3d; ${span}${or}`,
            }
          : { what: `${quoted(raw)} is not in its range`, hint: `a duration ${span}${or}` },
      );
      return about.preset;
    },
  };
}

/** Milliseconds as they are read back. */
export function durationText(milliseconds: number): string {
  return formatDuration(BigInt(milliseconds) * MILLISECOND);
}

/** The text of a filter of the query language. */
export function filter(about: About<string | undefined>): Setting<string | undefined> {
  return {
    ...about,
    takes: { kind: 'filter' },
    read: (raw, listener) => (raw === undefined ? about.preset : readFilter(textOf(raw), listener)),
  };
}

/** The text itself if it is a filter that can be run on events; else undefined, after telling why. */
export function readFilter(query: string, { wrong }: Listener, misfit: Partial<Misfit> = {}): string | undefined {
  try {
    if (query.trim() === '') throw new LogsError('QUERY_SYNTAX', 'it is empty', { hint: 'all events are *' });
    compilePredicate(parseFilter(query), { now: 0n, zone: 'UTC' });
    return query;
  } catch (error) {
    wrong({ ...misfit, ...misfitOf(error, query) });
    return undefined;
  }
}

/** `auto`, `none`, or a regular expression. */
export function multiline(about: About<string>): Setting<string> {
  return {
    ...about,
    takes: { kind: 'multiline' },
    read(raw, { wrong }) {
      const rule = raw === undefined ? about.preset : textOf(raw);
      try {
        if (rule !== 'auto' && rule !== 'none') compileRegex(rule, '');
        return rule;
      } catch (error) {
        wrong(misfitOf(error, rule));
        return about.preset;
      }
    },
  };
}

/** What was thrown at a text, as what is wrong with it; a bug stays one. */
export function misfitOf(error: unknown, written: string): Misfit {
  if (!(error instanceof LogsError)) throw error;
  const placeholder = /^\$\{(?:env|file):[^}]*\}/.exec(error.message)?.[0];
  const offset = placeholder === undefined ? -1 : written.indexOf(placeholder);
  const at = offset === -1 ? error.at : { text: written, offset, length: placeholder?.length ?? 1 };
  return { what: error.message, hint: error.hint, at };
}
