import { isLevelName } from '../query/levels.ts';
import { nearest } from '../query/nearest.ts';
import { LEVELS, type Level, parseLevel } from '../record/level.ts';
import type { PipelineRoute, PipelineTarget, Shares } from './pipeline.ts';
import { isRemoteUrl } from './remote-url.ts';
import { count, readFilter, readText } from './scalar-settings.ts';
import { type AddressUse, type Listener, type Path, quoted, type Setting, textOf } from './setting.ts';

interface About<T> {
  readonly meaning: string;
  readonly preset: T;
  readonly flag: string;
}

/** A text or a list of them, none twice; sources where `addresses` says so. */
export function texts(about: About<readonly string[]> & { readonly addresses: boolean }): Setting<readonly string[]> {
  const { addresses, ...rest } = about;
  return {
    ...rest,
    takes: { kind: 'texts', addresses },
    read(raw, listener) {
      if (raw === undefined) return about.preset;
      if (!Array.isArray(raw)) return readAll([textOf(raw)], listener, addresses ? 'source' : undefined, () => []);
      return readAll(raw.map(textOf), listener, addresses ? 'source' : undefined, (at) => [at]);
    },
  };
}

/** Names and texts: what is added to every event. */
export function fields(
  about: About<{ readonly [name: string]: string }>,
): Setting<{ readonly [name: string]: string }> {
  return {
    ...about,
    takes: { kind: 'fields' },
    read(raw, listener) {
      if (raw === undefined) return about.preset;
      // Object.fromEntries makes own properties, whatever the names.
      return Object.fromEntries(
        Object.entries(raw as object).map(([name, value]) => {
          const written = textOf(value);
          return [name, written === '' ? '' : (readText(written, listener, { path: [name] }) ?? '')];
        }),
      );
    },
  };
}

/** Levels and the share of their events that is kept. */
export function shares(about: About<Shares>): Setting<Shares> {
  return {
    ...about,
    takes: { kind: 'shares' },
    read(raw, { wrong }) {
      if (raw === undefined) return about.preset;
      const kept: { [level in Level]?: number } = {};
      for (const [name, value] of Object.entries(raw as object)) {
        const share = shareOf(value);
        if (!isLevelName(name, 'level')) {
          const meant = nearest(name, Object.keys(LEVELS));
          const known = `levels are ${Object.keys(LEVELS).join(', ')}`;
          wrong({
            what: `${quoted(name)} is no level`,
            hint: meant === undefined ? known : `did you mean ${meant}? ${known}`,
            path: [name],
            key: true,
          });
        } else if (kept[parseLevel(name)] !== undefined) {
          wrong({ what: `${parseLevel(name)} stands twice`, path: [name], key: true });
        } else if (share === undefined) {
          const hint = 'a number from 0 (none is kept) to 1 (all are), or from 0% to 100%';
          wrong({ what: `${quoted(value)} is no share`, hint, path: [name] });
        } else kept[parseLevel(name)] = share;
      }
      return kept;
    },
  };
}

function shareOf(value: unknown): number | undefined {
  const [, number, percent] = /^(\d{1,3}(?:\.\d{1,9})?|\.\d{1,9})\s*(%)?$/.exec(textOf(value)) ?? [];
  const share = Number(number) / (percent === undefined ? 1 : 100);
  return number !== undefined && share >= 0 && share <= 1 ? share : undefined;
}

/** One address, several in the order in which they are tried, or several that all get every event. */
export function target(about: About<PipelineTarget>): Setting<PipelineTarget> {
  return {
    ...about,
    takes: { kind: 'target' },
    read: (raw, listener) => (raw === undefined ? about.preset : (readTarget(raw, listener, []) ?? about.preset)),
  };
}

/** Rules that send events elsewhere. */
export function routes(about: About<readonly PipelineRoute[]>): Setting<readonly PipelineRoute[]> {
  return {
    ...about,
    takes: { kind: 'routes' },
    read(raw, listener) {
      if (raw === undefined) return about.preset;
      const seen = new Set<string>();
      return (raw as readonly RawRoute[]).flatMap((route, at) => {
        const match = readFilter(textOf(route.match), listener, { path: [at, 'match'] });
        const to = readTarget(route.to, listener, [at, 'to']);
        if (match === undefined || to === undefined) return [];
        if (seen.has(match)) {
          listener.wrong({
            what: `${quoted(match)} stands in an earlier route, which takes all such events`,
            hint: 'add continue: true to that one, or give it several addresses: to: {replicate: [A, B]}',
            path: [at, 'match'],
          });
        }
        if (route.continue !== true) seen.add(match);
        return [{ match, to, continue: route.continue ?? false }];
      });
    },
  };
}

interface RawRoute {
  readonly match: unknown;
  readonly to: unknown;
  readonly continue?: boolean;
}

const copiesOf = (addresses: number): Setting<number> =>
  count(
    { min: 1, max: addresses, word: 'all' },
    { meaning: 'addresses that have to have an event', preset: addresses, flag: 'copies' },
  );

function readTarget(raw: unknown, listener: Listener, path: Path): PipelineTarget | undefined {
  if (typeof raw === 'object' && raw !== null && !Array.isArray(raw)) {
    const { replicate, copies } = raw as { readonly replicate: readonly unknown[]; readonly copies?: unknown };
    const urls = readAll(replicate.map(textOf), listener, 'target', (at) => [...path, 'replicate', at]);
    if (urls.length === 0) return undefined;
    const below: Listener = {
      ...listener,
      wrong: (misfit) => listener.wrong({ ...misfit, path: [...path, 'copies'] }),
    };
    return { urls, mode: 'replicate', copies: copiesOf(replicate.length).read(copies, below) };
  }
  const listed = Array.isArray(raw);
  const written = listed ? raw.map(textOf) : splitAddresses(textOf(raw));
  const urls = readAll(written, listener, 'target', (at) => (listed ? [...path, at] : path));
  return urls.length === 0 ? undefined : { urls, mode: 'failover', copies: 1 };
}

/** `store:a, es://one,two/x,-` at the commas before an address: those between hosts are part of one. */
export function splitAddresses(written: string): string[] {
  return written.split(/,\s*(?=[a-z0-9+]+:\/\/|(?:store|file|null):|(?:store|-)(?:,|$))/i);
}

/** Texts as they are to be used; without those that something is wrong with. */
function readAll(
  written: readonly string[],
  listener: Listener,
  use: AddressUse | undefined,
  pathOf: (at: number) => Path,
): string[] {
  const read: string[] = [];
  for (const [at, one] of written.entries()) {
    const path = pathOf(at);
    // The secrets of an address are left in their places.
    const value = isRemoteUrl(one) ? one : readText(one, listener, { path });
    if (value === undefined) continue;
    if (read.includes(value)) {
      listener.wrong({ what: 'it stands twice in the list', path });
      continue;
    }
    if (use !== undefined) listener.address(value, use, path);
    read.push(value);
  }
  return read;
}
