import type { ErrorLocation } from '../errors.ts';
import { starSecrets } from './remote-url.ts';

/** Where a value stands below the top of the settings: names of keys, and places in lists from 0. */
export type Path = readonly (string | number)[];

/** What is wrong with a value, without its name and place: whoever reads it knows whether it came from a file or a flag. */
export interface Misfit {
  readonly what: string;
  readonly hint?: string | undefined;
  /** Below the value that was read; absent: the value itself. */
  readonly path?: Path;
  /** The key is at fault, not what stands under it. */
  readonly key?: boolean;
  /** The text at fault with the place in it, where the value is a text that is read further. */
  readonly at?: ErrorLocation | undefined;
}

export type AddressUse = 'source' | 'target';

/** Hears what the reading of a value comes upon. */
export interface Listener {
  readonly wrong: (misfit: Misfit) => void;
  /** An address, to be looked at apart: which settings it may have, only its adapter knows. */
  readonly address: (text: string, use: AddressUse, path: Path) => void;
}

/** What stands in a file for a setting. Its JSON Schema and its line of documentation follow from it. */
export type Takes =
  | { readonly kind: 'text' | 'multiline' | 'filter' }
  | { readonly kind: 'texts'; readonly addresses: boolean }
  | { readonly kind: 'choice'; readonly of: readonly string[] }
  | { readonly kind: 'count'; readonly min: number; readonly max: number; readonly word?: string }
  | { readonly kind: 'size'; readonly min: number; readonly max: number }
  | { readonly kind: 'duration'; readonly min: number; readonly max: number; readonly word?: string }
  | { readonly kind: 'shares' | 'fields' | 'target' | 'routes' };

/** One setting: everything that is known of it. Validation, documentation and flags are made from it. */
export interface Setting<T> {
  /** One line. */
  readonly meaning: string;
  readonly takes: Takes;
  /** Where nothing is said. */
  readonly preset: T;
  /** Without the dashes. */
  readonly flag: string;
  /** Reads what stands for it, of the shape that `takes` says. Tells of what is wrong and then gives the preset. */
  read(raw: unknown, listener: Listener): T;
}

/** A setting without its reading, as tables and flags see it. */
export type SettingFacts = Omit<Setting<unknown>, 'read'>;

/** A scalar as the text it is read from. */
export function textOf(raw: unknown): string {
  return typeof raw === 'string' ? raw : JSON.stringify(raw);
}

/** So much of a value is enough to know it by. */
const SHOWN = 60;

/** A value as a message shows it: in quotes where it is a text, cut, without secrets. */
export function quoted(value: unknown): string {
  return shortened(starSecrets(JSON.stringify(value)));
}

/** What is said of a text may hold much of it. */
export function shortened(message: string): string {
  return message.length > 2 * SHOWN ? `${message.slice(0, SHOWN)}…` : message;
}
