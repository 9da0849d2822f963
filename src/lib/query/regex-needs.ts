import { allOf, ANY, anyOf, type Needs, partsOf } from './needs.ts';
import { regexNeedles } from './regex-needles.ts';

/** What a text must hold for a pattern of RE2's syntax to be found in it: never more than the pattern wants. */
export function regexNeeds(source: string, flags: string): Needs {
  const needles = regexNeedles(source, flags);
  return needles === undefined ? ANY : anyOf(needles.map((texts) => allOf(texts.map(partsOf))));
}
