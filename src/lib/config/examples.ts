import { Type } from './schema-api.ts';
import { shapeMisfits } from './shape-misfits.ts';
import { readYaml, throwAll } from './yaml-text.ts';

/** What is expected of one event; what is not named may be anything. */
export interface Expectation {
  /** Addresses as in the pipeline, those of one target with commas between them; in any order. */
  readonly to?: string | readonly string[];
  readonly dropped?: 'drop' | 'sample';
  /** Share of such events that goes on. */
  readonly share?: number;
  /** Fields by name, `null` for one that is absent. */
  readonly record?: { readonly [field: string]: unknown };
}

/** Events put into a pipeline, and what is expected of each. */
export interface Example {
  readonly name: string;
  /** From 1, in the file of examples. */
  readonly line: number;
  readonly input: string;
  /** As while consumers are behind. */
  readonly lagging: boolean;
  /** One for each event of the input. */
  readonly expect: readonly Expectation[];
}

interface RawExample {
  readonly name?: string;
  readonly input: string | readonly string[];
  readonly lagging?: boolean;
  readonly expect: Expectation | readonly Expectation[];
}

const STRICT = { additionalProperties: false };

function examplesSchema() {
  const expectation = Type.Object(
    {
      to: Type.Optional(
        Type.Union([Type.String(), Type.Array(Type.String())], { title: 'an address or a list of addresses' }),
      ),
      dropped: Type.Optional(Type.Union([Type.Literal('drop'), Type.Literal('sample')], { title: 'drop or sample' })),
      share: Type.Optional(Type.Number()),
      record: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    },
    STRICT,
  );
  return Type.Array(
    Type.Object(
      {
        name: Type.Optional(Type.String()),
        input: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
          title: 'a text or a list of lines',
        }),
        lagging: Type.Optional(Type.Boolean()),
        expect: Type.Union([expectation, Type.Array(expectation)], {
          title: 'what is expected of the event, or a list of it for several',
        }),
      },
      STRICT,
    ),
    { minItems: 1 },
  );
}

/**
 * Reads a file of examples. `file` is its name in errors.
 * @throws LogsError CONFIG with its place, and with all else that is wrong
 */
export function readExamples(text: string, file: string): Example[] {
  const yaml = readYaml(text, file);
  throwAll(shapeMisfits(yaml.value, examplesSchema()).map((misfit) => yaml.problem(misfit)));
  return (yaml.value as readonly RawExample[]).map(({ name, input, lagging, expect }, at) => ({
    name: name ?? `example ${at + 1}`,
    line: yaml.problem({ what: '', path: [at] }).at?.line ?? 0,
    input: typeof input === 'string' ? input : input.join('\n'),
    lagging: lagging ?? false,
    expect: 'length' in expect ? expect : [expect],
  }));
}
