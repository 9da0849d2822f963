import { LogsError } from '../errors.ts';
import { lintQuery } from '../query/lint.ts';
import { parseQuery } from '../query/parse.ts';
import { type AddressRules, checkAddress } from './address.ts';
import type { Pipeline } from './pipeline.ts';
import { readSettings, valueAt } from './read-settings.ts';
import { starSecrets } from './remote-url.ts';
import { misfitOf } from './scalar-settings.ts';
import type { AddressUse, Misfit, Path, SettingFacts } from './setting.ts';
import { SETTINGS } from './settings.ts';
import { readYaml, throwAll, type YamlText } from './yaml-text.ts';

/** What a pipeline is made from; flags win over the file. */
export interface PipelineInput {
  /** Settings nested as in a file. */
  readonly flags: object;
  readonly file?: { readonly name: string; readonly text: string };
}

export interface ResolvedPipeline {
  readonly pipeline: Pipeline;
  /** Worth saying, but no errors. */
  readonly notes: readonly string[];
}

type Placed = Misfit & { readonly path: Path };

/**
 * Reads and checks settings; connects to nothing.
 * @throws LogsError USAGE for flags, CONFIG with its place for a file; all else that is wrong is in its `also`
 */
export async function resolvePipeline({ flags, file }: PipelineInput, rules: AddressRules): Promise<ResolvedPipeline> {
  const yaml = file === undefined ? undefined : readYaml(file.text, file.name);
  const misfits = yaml === undefined ? [] : await misfitsOfShape(yaml.value);
  const problems = misfits.map((misfit) => (yaml as YamlText).problem(misfit));
  const raw = yaml === undefined ? flags : merged(soundPart(yaml.value, misfits), flags);
  const problem = (misfit: Placed): LogsError =>
    yaml === undefined || flagOf(misfit.path, flags) !== undefined ? ofFlag(misfit) : yaml.problem(misfit);
  const addresses: { readonly text: string; readonly use: AddressUse; readonly path: Path }[] = [];
  const pipeline = readSettings(raw, {
    wrong: (misfit) => problems.push(problem(misfit)),
    address: (text, use, path) => addresses.push({ text, use, path }),
  });
  const notes = notesOn(pipeline);
  for (const { text, use, path } of addresses) {
    try {
      const note = await checkAddress(text, use, rules);
      if (note !== undefined) notes.push(note);
    } catch (error) {
      problems.push(problem({ ...misfitOf(error, text), path }));
    }
  }
  throwAll(problems);
  return { pipeline, notes };
}

/** The schema and its validator are loaded only for a file. */
async function misfitsOfShape(value: unknown): Promise<Placed[]> {
  const { settingsSchema } = await import('./settings-schema.ts');
  const { shapeMisfits } = await import('./shape-misfits.ts');
  return shapeMisfits(value, settingsSchema());
}

/** What can be read although something has a wrong shape: so that all faults are told at once. */
function soundPart(value: unknown, misfits: readonly Placed[]): object {
  if (misfits.some(({ path }) => path.length === 0)) return {};
  const wrong = new Set(misfits.map(({ path }) => path[0]));
  return Object.fromEntries(Object.entries(value as object).filter(([key]) => !wrong.has(key)));
}

/** Groups of keys are merged, anything else of `over` replaces what is there. */
function merged(under: unknown, over: unknown, path: Path = []): unknown {
  const groups = [under, over].every((one) => typeof one === 'object' && one !== null && !Array.isArray(one));
  if (!groups || path[0] === 'to') return over;
  const keys = new Set([...Object.keys(under as object), ...Object.keys(over as object)]);
  return Object.fromEntries(
    [...keys].map((key) => {
      const above = valueAt(over, [key]);
      const below = valueAt(under, [key]);
      if (above === undefined) return [key, below];
      return [key, below === undefined ? above : merged(below, above, [...path, key])];
    }),
  );
}

/** The setting that a path is of or in, where it was given as a flag. */
function flagOf(path: Path, flags: object): SettingFacts | undefined {
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const top = name.split('.');
    if (top.every((part, at) => path[at] === part) && valueAt(flags, path) !== undefined) return setting;
  }
  return undefined;
}

function ofFlag({ path, what, hint, at }: Placed): LogsError {
  const name = Object.entries(SETTINGS).find(([key]) => key.split('.').every((part, index) => path[index] === part));
  return new LogsError('USAGE', `--${name?.[1].flag ?? path.join('.')}: ${what}`, {
    ...(hint === undefined ? {} : { hint }),
    ...(at?.text === undefined ? {} : { at: { ...at, text: starSecrets(at.text) } }),
  });
}

function notesOn(pipeline: Pipeline): string[] {
  const notes = new Set<string>();
  const filters = [pipeline.drop, ...pipeline.routes.map(({ match }) => match)];
  for (const filter of filters) {
    if (filter !== undefined) for (const lint of lintQuery(parseQuery(filter), filter)) notes.add(lint);
  }
  return [...notes];
}
