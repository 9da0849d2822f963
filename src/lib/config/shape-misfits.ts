import { Errors, Settings, type TSchema } from './schema-api.ts';
import { nearest } from '../query/nearest.ts';
import { valueAt } from './read-settings.ts';
import { type Misfit, type Path, quoted } from './setting.ts';

interface ShapeError {
  readonly keyword: string;
  readonly schemaPath: string;
  readonly instancePath: string;
  readonly params: object;
}

/** More than are shown; it is 8 where nothing is said. */
const MOST = 200;

/** What the reading of each value says in better words, or what another error says as well. */
const SAID_ELSEWHERE: ReadonlySet<string> = new Set(['boolean', 'enum', 'minimum', 'maximum', 'minLength', 'pattern']);

/** What in a value read from a file is of the wrong shape: unknown and missing keys, lists where a text belongs. */
export function shapeMisfits(raw: unknown, schema: TSchema): (Misfit & { readonly path: Path })[] {
  Settings.Set({ maxErrors: MOST });
  const [, errors] = Errors(schema, raw);
  const meant = withoutBranches(errors);
  const misspelt = new Set(
    meant.filter(({ keyword }) => keyword === 'additionalProperties').map(({ instancePath }) => instancePath),
  );
  // A key that is missing is most often the one that is unknown.
  const told = meant.filter(({ keyword, instancePath }) => keyword !== 'required' || !misspelt.has(instancePath));
  return told.flatMap((error) => worded(error, schema, raw));
}

/** Of the alternatives that a value may be, only the errors of those that it may have been meant to be. */
function withoutBranches(errors: readonly ShapeError[]): readonly ShapeError[] {
  let left = errors;
  for (const union of errors.filter(({ keyword }) => keyword === 'anyOf')) {
    const branch = `${union.schemaPath}/anyOf/`;
    const foreign = left.filter(
      ({ keyword, schemaPath, instancePath }) =>
        (keyword === 'type' || keyword === 'const') &&
        instancePath === union.instancePath &&
        schemaPath.startsWith(branch) &&
        !schemaPath.slice(branch.length).includes('/'),
    );
    const unlike = new Set(foreign.map(({ schemaPath }) => schemaPath));
    left = left.filter(
      ({ schemaPath }) => ![...unlike].some((path) => schemaPath === path || schemaPath.startsWith(`${path}/`)),
    );
    if (left.some(({ schemaPath }) => schemaPath.startsWith(branch))) left = left.filter((error) => error !== union);
  }
  return left;
}

function worded(error: ShapeError, schema: object, raw: unknown): (Misfit & { readonly path: Path })[] {
  const path = pathOf(error.instancePath, raw);
  const below = valueAt(schema, pointer(error.schemaPath)) as { readonly [key: string]: unknown };
  const value = valueAt(raw, path);
  switch (error.keyword) {
    case 'additionalProperties': {
      const known = Object.keys(below.properties as object);
      const { additionalProperties } = error.params as { readonly additionalProperties: readonly string[] };
      return additionalProperties.map((name) => {
        const meant = nearest(name, known);
        const list = `known are ${known.join(', ')}`;
        return {
          what: 'unknown key',
          hint: meant === undefined ? list : `did you mean ${meant}? ${list}`,
          path: [...path, name],
          key: true,
        };
      });
    }
    case 'required': {
      const { requiredProperties } = error.params as { readonly requiredProperties: readonly string[] };
      return [{ what: `it lacks ${requiredProperties.join(' and ')}`, path }];
    }
    case 'minItems':
      return [{ what: 'the list is empty', hint: 'leave the key out, or list something', path }];
    default:
      if (SAID_ELSEWHERE.has(error.keyword)) return [];
      return [{ what: `expected ${expected(below)}, found ${shown(value)}`, path }];
  }
}

const TYPES: { readonly [type: string]: string } = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a group of keys',
};

function expected({ title, type }: { readonly [key: string]: unknown }): string {
  return typeof title === 'string' ? title : (TYPES[String(type)] ?? 'something else');
}

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of keys';
  const text = quoted(value);
  return typeof value === 'string' ? text : `the ${typeof value === 'number' ? 'number' : 'value'} ${text}`;
}

function pointer(text: string): string[] {
  return text
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Places in lists are numbers. */
function pathOf(instancePath: string, raw: unknown): Path {
  const path: (string | number)[] = [];
  for (const part of pointer(instancePath)) path.push(Array.isArray(valueAt(raw, path)) ? Number(part) : part);
  return path;
}
