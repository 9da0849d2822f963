import type { OpenedQueue } from '../app/target-parts.ts';
import type { ShipTarget } from '../app/ship.ts';
import type { PipelineTarget } from '../config/pipeline.ts';
import { hideSecrets, withoutSecrets } from '../config/remote-url.ts';
import { LogsError } from '../errors.ts';
import type { EventBatch } from '../record/batch.ts';
import type { RemoteSink } from '../send/sink.ts';
import { isTopic } from './addresses.ts';

/** What `ship` sends to: `store:DIR` (or a folder given apart), `file:PATH`, `-`, `null:`. */
export interface SinkOptions {
  /** Folder of the store when the target is `store` alone. */
  readonly storeDir: string;
  /** Events as NDJSON, for sinks that are not a store. */
  readonly encode: (batch: EventBatch) => string;
  /** Writes to standard output at its reader's pace. */
  readonly write: (data: string) => Promise<void>;
  /** Told of what a target mends or cannot mend beside its work. */
  readonly tell: (text: string) => void;
}

/** Opens a sink by its URL. Throws USAGE for one that there is none for, and what the sink says of its place. */
export async function openTarget(target: string, options: SinkOptions): Promise<ShipTarget> {
  if (target === '-') {
    const { stdoutSink } = await import('../adapters/stdio/stdout-sink.ts');
    return { sink: stdoutSink(options.encode, options.write), claims: undefined };
  }
  const [, scheme, rest] = /^([a-z]+):(.*)$/s.exec(target) ?? [];
  if (scheme === 'null' && rest === '') {
    const { nullSink } = await import('../adapters/null/null-sink.ts');
    return { sink: nullSink(), claims: undefined };
  }
  const path = filePath(target);
  if (path !== undefined) {
    const { openFileSink } = await import('../adapters/file/file-sink.ts');
    return { sink: await openFileSink(path, options.encode, options.tell), claims: undefined };
  }
  if (target === 'store' || (scheme === 'store' && rest !== '')) {
    return openStoreTarget(rest ?? options.storeDir, options.tell);
  }
  throw new LogsError('USAGE', `cannot ship to ${hideSecrets(target)}`, {
    hint: 'use --to store:DIR, file:PATH, - (standard output) or null:',
  });
}

/** `file:PATH` or `file:///PATH`. */
export function filePath(target: string): string | undefined {
  return /^file:(?:\/\/(?=\/))?(.+)$/s.exec(target)?.[1];
}

async function openStoreTarget(dir: string, tell: (text: string) => void): Promise<ShipTarget> {
  const { openEmbeddedWriter } = await import('../adapters/embedded/embedded-store.ts');
  const { openSourceClaims } = await import('../buffer/source-claims.ts');
  const { storeSink } = await import('../adapters/embedded/write/store-sink.ts');
  const writer = await openEmbeddedWriter(dir, { tell: (problem) => tell(problem.message) });
  return {
    claims: openSourceClaims(dir),
    sink: storeSink(writer),
  };
}

/** Opens servers to send to. Nothing is asked of them yet. Throws as `checkRemote`. */
export async function openRemoteSink(url: string, tell: (text: string) => void): Promise<RemoteSink> {
  if (isTopic(url)) {
    const { openKafkaSink } = await import('../adapters/kafka/kafka-sink.ts');
    return openKafkaSink(url);
  }
  const { openElasticsearchSink } = await import('../adapters/elasticsearch/elasticsearch-sink.ts');
  return openElasticsearchSink(url, tell);
}

/** Opens the disk queue of a target in a folder of queues. */
export async function openQueueFor(
  root: string,
  target: PipelineTarget,
  tell: (problem: LogsError) => void,
): Promise<OpenedQueue> {
  const { openTargetQueue } = await import('../adapters/queue/target-queue.ts');
  const { urls, mode, copies } = target;
  // How it is sent there may change from run to run; where to is what the queue is of.
  const places = urls.map((each) => hideSecrets(each).replace(/\?.*$/s, ''));
  const several = urls.length === 1 ? '' : `${mode === 'failover' ? mode : copies} `;
  return openTargetQueue(root, { shown: several + places.join(' '), url: urls.map(withoutSecrets).join(',') }, tell);
}
