import { type TSchema, Type } from './schema-api.ts';
import type { SettingFacts, Takes } from './setting.ts';
import { SETTINGS } from './settings.ts';

const STRICT = { additionalProperties: false };
const text = () => Type.String({ minLength: 1 });
/** Narrower than what is read, for editors to suggest. */
const SIZE = '^\\d+(\\.\\d+)?\\s*([kKmMgG]i?)?[bB]?$';
const DURATION = '^(\\d+(\\.\\d+)?(ms|s|m|h|d|w))+$';
const texts = () => Type.Array(Type.String(), { minItems: 1 });

const target = () =>
  Type.Union(
    [
      text(),
      texts(),
      Type.Object(
        {
          replicate: texts(),
          copies: Type.Optional(Type.Union([Type.Integer({ minimum: 1 }), Type.Literal('all')])),
        },
        STRICT,
      ),
    ],
    {
      title: 'an address, a list of addresses in the order they are tried, or replicate: with a list of addresses',
    },
  );

const route = () => Type.Object({ match: text(), to: target(), continue: Type.Optional(Type.Boolean()) }, STRICT);

/** What may stand for each kind of setting, before its text is read. */
const SHAPES: { readonly [K in Takes['kind']]: (takes: Extract<Takes, { kind: K }>) => TSchema } = {
  text,
  multiline: text,
  filter: text,
  texts: () => Type.Union([text(), texts()], { title: 'a text or a list of texts' }),
  choice: ({ of }) => Type.Enum([...of], { type: 'string' }),
  count: ({ min, max, word }) => {
    const number = Type.Integer({ minimum: min, maximum: max });
    return word === undefined ? number : Type.Union([number, Type.Literal(word)], { title: `a number or ${word}` });
  },
  size: () => numberOr(Type.String({ pattern: SIZE }), 'a number of bytes, or a size such as 64MiB'),
  duration: ({ word }) =>
    Type.String({
      pattern: word === undefined ? DURATION : `${DURATION}|^${word}$`,
      title: `a duration such as 500ms${word === undefined ? '' : `, or ${word}`}`,
    }),
  shares: () => Type.Record(Type.String(), numberOr(text(), 'a share from 0 to 1')),
  fields: () => Type.Record(Type.String(), Type.Union([text(), Type.Number(), Type.Boolean()], { title: 'a text' })),
  target,
  routes: () => Type.Array(route()),
};

function numberOr(other: TSchema, title: string): TSchema {
  return Type.Union([Type.Number(), other], { title });
}

/** The shape of a pipeline file as a JSON Schema; editors read it, too. */
export function settingsSchema(): TSchema {
  const schema = groupOf(Object.entries(SETTINGS));
  const { queue } = schema.properties;
  const orNone = Type.Union([Type.Literal('none'), queue as TSchema], { title: 'none, or a group of keys' });
  return Type.Object({ ...schema.properties, queue: Type.Optional(orNone) }, STRICT);
}

type Named = readonly [name: string, setting: SettingFacts];

function groupOf(settings: readonly Named[]) {
  const properties: { [name: string]: TSchema } = {};
  for (const [name, setting] of settings) {
    const [first = '', ...rest] = name.split('.');
    if (rest.length === 0) properties[first] = Type.Optional(shapeOf(setting));
    else if (!Object.hasOwn(properties, first)) properties[first] = Type.Optional(groupOf(below(settings, first)));
  }
  return Type.Object(properties, STRICT);
}

function below(settings: readonly Named[], group: string): Named[] {
  return settings
    .filter(([name]) => name.startsWith(`${group}.`))
    .map(([name, setting]) => [name.slice(group.length + 1), setting]);
}

function shapeOf({ takes, meaning }: SettingFacts): TSchema {
  const shape = (SHAPES[takes.kind] as (takes: Takes) => TSchema)(takes);
  return Object.assign(shape, { description: meaning });
}
