/**
 * Where events came from as a frame's header has it, by name: one text that they share, or all of their texts in order,
 * of which a number says how many more follow that count on by one each.
 */
export interface PackedOrigin {
  readonly [name: string]: string | readonly (string | number)[];
}

type Origin = { readonly [name: string]: string };

/** Undefined where not all events have the same names, or none has any. */
export function packOrigin(origins: readonly Origin[]): PackedOrigin | undefined {
  const names = Object.keys(origins[0] ?? {});
  const alike = origins.every(
    (origin) => Object.keys(origin).length === names.length && names.every((name) => Object.hasOwn(origin, name)),
  );
  if (names.length === 0 || !alike) return undefined;
  return Object.fromEntries(names.map((name) => [name, packed(origins.map((origin) => origin[name] as string))]));
}

/** What `packOrigin` was given for the event with a number. */
export function unpackOrigin(origin: PackedOrigin): (event: number) => Origin {
  const columns = Object.entries(origin).map(([name, texts]): [string, (event: number) => string] => {
    if (typeof texts === 'string') return [name, () => texts];
    const all = unpacked(texts);
    return [name, (event) => all[event] ?? ''];
  });
  return (event) => Object.fromEntries(columns.map(([name, at]) => [name, at(event)]));
}

function packed(texts: readonly string[]): string | readonly (string | number)[] {
  const [first = ''] = texts;
  if (texts.every((text) => text === first)) return first;
  const parts: (string | number)[] = [];
  let before: string | undefined;
  for (const text of texts) {
    if (before === undefined || text !== following(before)) parts.push(text);
    else if (typeof parts.at(-1) === 'number') (parts[parts.length - 1] as number) += 1;
    else parts.push(1);
    before = text;
  }
  return parts;
}

function unpacked(parts: readonly (string | number)[]): string[] {
  const texts: string[] = [];
  for (const part of parts) {
    if (typeof part === 'string') texts.push(part);
    else for (let more = 0; more < part; more += 1) texts.push(following(texts.at(-1) as string));
  }
  return texts;
}

function following(text: string): string {
  const number = Number(text);
  return Number.isSafeInteger(number) ? String(number + 1) : '';
}
