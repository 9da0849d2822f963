import { stringify } from './yaml-api.ts';
import { withoutSecrets } from './remote-url.ts';
import type { Pipeline, PipelineTarget } from './pipeline.ts';
import { durationText } from './scalar-settings.ts';
import { sizeText } from './size-text.ts';

/**
 * A pipeline as a file that is read back as the same, every setting in it written out. Passwords that stood in the open
 * are not in it.
 */
export function printPipeline(pipeline: Pipeline): string {
  const { read, sample, batch, retry, breaker, queue } = pipeline;
  const lag = sample.whenLagAbove;
  return stringify(
    {
      from: listOf(pipeline.from.map(withoutSecrets)),
      exclude: listOf(pipeline.exclude),
      read: { ...read, fields: Object.keys(read.fields).length === 0 ? undefined : read.fields },
      drop: pipeline.drop,
      sample:
        Object.keys(sample.keep).length === 0 && lag === undefined
          ? undefined
          : { keep: sample.keep, 'when-lag-above': lag },
      routes:
        pipeline.routes.length === 0
          ? undefined
          : pipeline.routes.map(({ match, to, ...rest }) => ({
              match,
              to: targetOf(to),
              ...(rest.continue ? { continue: true } : {}),
            })),
      to: targetOf(pipeline.to),
      batch: { events: batch.events, bytes: sizeOf(batch.bytes), after: durationText(batch.after) },
      retry: {
        attempts: retry.attempts ?? 'unlimited',
        first: durationText(retry.first),
        most: durationText(retry.most),
      },
      breaker: { failures: breaker.failures, pause: durationText(breaker.pause) },
      concurrency: pipeline.concurrency,
      queue:
        queue === undefined
          ? 'none'
          : {
              dir: queue.dir,
              bytes: sizeOf(queue.bytes),
              age: queue.age === undefined ? 'unlimited' : durationText(queue.age),
              'when-full': queue.whenFull,
            },
      'dead-letters': pipeline.deadLetters === undefined ? undefined : { dir: pipeline.deadLetters },
    },
    { lineWidth: 0 },
  );
}

/** A number of bytes alone needs no quotes. */
function sizeOf(bytes: number): string | number {
  const text = sizeText(bytes);
  return /^\d+$/.test(text) ? bytes : text;
}

function listOf(texts: readonly string[]): readonly string[] | undefined {
  return texts.length === 0 ? undefined : texts;
}

function targetOf({ urls, mode, copies }: PipelineTarget): unknown {
  const shown = urls.map(withoutSecrets);
  if (mode === 'replicate') return { replicate: shown, copies: copies === urls.length ? 'all' : copies };
  return shown.length === 1 ? shown[0] : shown;
}
