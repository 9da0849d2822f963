import type { Pipeline } from '../lib/config/pipeline.ts';
import { isRemoteUrl, withoutSecrets } from '../lib/config/remote-url.ts';
import type { AddressUse } from '../lib/config/setting.ts';
import { LogsError } from '../lib/errors.ts';
import { renderError } from '../lib/render/error.ts';
import { errorBody } from './failure.ts';
import { loadPipeline } from './load-pipeline.ts';
import { jsonLine, talk, writeDocument, writeOutput } from './streams.ts';

interface Flags {
  readonly json: boolean;
  readonly connect: boolean;
  readonly show: boolean;
}

interface Asked {
  readonly address: string;
  readonly use: AddressUse;
  readonly failure?: LogsError;
}

/** `logs pipeline check`, from the name of the file to the exit code. Throws what is wrong with the file. */
export async function checkPipeline(file: string, flags: Flags, signal: AbortSignal): Promise<0 | 2> {
  const { pipeline, notes } = await loadPipeline(file, {});
  const asked = flags.connect ? await askAll(pipeline, signal) : [];
  const failed = asked.filter(({ failure }) => failure !== undefined);
  if (flags.json) {
    const addresses = asked.map(({ address, use, failure }) => ({
      address,
      use,
      ok: failure === undefined,
      ...(failure === undefined ? {} : { error: errorBody(failure) }),
    }));
    await writeDocument(jsonLine({ file, ok: failed.length === 0, notes, ...(flags.connect ? { addresses } : {}) }));
    return failed.length === 0 ? 0 : 2;
  }
  for (const note of notes) talk(`note: ${note}`);
  for (const { address, use, failure } of asked) {
    if (failure === undefined) talk(`${address}: can be ${use === 'source' ? 'read from' : 'sent to'}`);
    else process.stderr.write(renderError(failure));
  }
  if (flags.show) {
    const { printPipeline } = await import('../lib/config/print-pipeline.ts');
    await writeOutput(printPipeline(pipeline));
  } else if (failed.length === 0) talk(summary(file, pipeline));
  return failed.length === 0 ? 0 : 2;
}

/** Asks each address on other machines once, all at once. */
async function askAll(pipeline: Pipeline, signal: AbortSignal): Promise<Asked[]> {
  const { askAddress } = await import('../lib/wire/ask-address.ts');
  const targets = [...pipeline.routes.map(({ to }) => to), pipeline.to].flatMap(({ urls }) => urls);
  const addresses = [
    ...pipeline.from.map((text) => ({ text, use: 'source' as const })),
    ...[...new Set(targets)].map((text) => ({ text, use: 'target' as const })),
  ].filter(({ text }) => isRemoteUrl(text));
  return Promise.all(
    addresses.map(async ({ text, use }) => {
      const address = withoutSecrets(text);
      try {
        await askAddress(text, use, signal);
        return { address, use };
      } catch (failure) {
        if (!(failure instanceof LogsError)) throw failure;
        return { address, use, failure };
      }
    }),
  );
}

function summary(file: string, { from, routes, to }: Pipeline): string {
  const sources = from.length === 0 ? 'standard input' : count(from.length, 'source');
  const target = to.urls.map(withoutSecrets).join(', ');
  return `${file}: ${sources}${routes.length === 0 ? '' : `, ${count(routes.length, 'route')}`} and the rest to ${target}: nothing is wrong`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
