import { join } from 'node:path';
import type { LetterBox } from './app/dead-letters.ts';
import type { ShipTarget } from './app/ship.ts';
import { hideSecrets, isRemoteUrl, withoutSecrets } from './config/remote-url.ts';
import type { PipelineTarget } from './config/pipeline.ts';
import type { AddressUse } from './config/setting.ts';
import { LogsError } from './errors.ts';
import type { Filter, QueryClock } from './query/ast.ts';
import type { EventBatch } from './record/batch.ts';
import type { BatchSource } from './read/batch-source.ts';
import type { OpenedQueue } from './app/target-parts.ts';
import type { DeadLetters } from './send/dead-letters.ts';
import type { LogSink, RemoteSink } from './send/sink.ts';
import type { LogStore } from './store/store.ts';

/** What a reading command asks: the embedded store, files and standard input without one, or servers. */
export interface OpenedReader {
  readonly store: LogStore;
  readonly kind: 'store' | 'files' | 'indices' | 'topics';
  /** Standard input is among the files: it can be asked only once. */
  readonly once: boolean;
  /** What was left out of folders and patterns, and why. */
  readonly skipped: readonly string[];
  /** Of indices: what they would be asked for a filter, as they would get it. */
  explain?(filter: Filter, clock: QueryClock): Promise<string>;
  /** What to say where there is nothing in it at all, instead of what is said of a store. */
  readonly empty?: string;
  close(): Promise<void>;
}

/** Opens the embedded store in a folder. Throws NOT_FOUND where there is none. */
export async function openStoreReader(dir: string): Promise<OpenedReader> {
  const { openEmbeddedStore } = await import('./adapters/embedded/embedded-store.ts');
  const store = await openEmbeddedStore(dir);
  return { store, kind: 'store', once: false, skipped: [], close: () => store.close() };
}

/** How servers are asked. */
export interface RemoteReading {
  /** Refuse what they cannot answer exactly by themselves. */
  readonly strict: boolean;
  /** Told of what is filtered or computed on this side, of retries, and of settings that are unsafe. */
  readonly tell: (text: string) => void;
}

/** Opens what a URL names: `es://`, `opensearch://`, `kafka://` or `store:DIR`. Throws USAGE for any other. */
export async function openReaderAt(url: string, options: RemoteReading): Promise<OpenedReader> {
  const dir = /^store:(.+)$/s.exec(url)?.[1];
  if (dir !== undefined) return openStoreReader(dir);
  if (!isRemoteUrl(url)) {
    throw new LogsError('USAGE', `cannot read from ${hideSecrets(url)}`, {
      hint: 'use --from es://HOST/logs, opensearch://HOST/logs, kafka://HOST/TOPIC or store:DIR; files stand behind the query',
    });
  }
  if (isTopic(url)) {
    const store = await openKafkaStore(url);
    return { store, kind: 'topics', once: false, skipped: [], close: () => store.close() };
  }
  const store = await openElasticsearchReader(url, options);
  return {
    store,
    kind: 'indices',
    once: false,
    skipped: [],
    explain: (filter, clock) => store.explain(filter, clock),
    close: () => store.close(),
  };
}

/** Whether a URL names topics of Kafka. */
export function isTopic(url: string): boolean {
  return isRemoteUrl(url) && /^kafka/i.test(url);
}

/** Opens files, folders, globs and `-` as one store. Throws NOT_FOUND for a name that means nothing. */
export async function openFileReader(names: readonly string[], outputs: readonly string[]): Promise<OpenedReader> {
  const { openFileStore } = await import('./adapters/file/file-store.ts');
  const { paths, skipped, failures } = await findPaths(
    names.filter((name) => name !== '-'),
    outputs,
  );
  const missing = failures.find(({ code }) => code === 'NOT_FOUND');
  if (missing !== undefined) throw missing;
  const files = paths.map((name) => ({ name, open: (readSize?: number) => openFile(name, readSize) }));
  const once = names.includes('-');
  const input = { name: '-', open: openInput };
  return {
    store: openFileStore(once ? [...files, input] : files),
    kind: 'files',
    once,
    skipped: [...skipped, ...failures.map(({ message }) => message)],
    close: async () => undefined,
  };
}

async function findPaths(names: readonly string[], outputs: readonly string[]) {
  if (names.length === 0) return { paths: [], skipped: [], failures: [] };
  const { findFiles } = await import('./adapters/file/find-files.ts');
  return findFiles(names, [], outputs);
}

async function openFile(name: string, readSize?: number) {
  const { openFileSource } = await import('./adapters/file/file-source.ts');
  return openFileSource(name, readSize);
}

async function openInput() {
  const { openStdin } = await import('./adapters/stdio/stdin-source.ts');
  return openStdin();
}

/** The embedded store's upkeep: what it holds, whether it is whole, and dropping it. */
export async function openMaintenance() {
  const { dropStore, storeStats, verifyStore } = await import('./adapters/embedded/upkeep/maintenance.ts');
  return { dropStore, storeStats, verifyStore };
}

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
    const { stdoutSink } = await import('./adapters/stdio/stdout-sink.ts');
    return { sink: stdoutSink(options.encode, options.write), claims: undefined };
  }
  const [, scheme, rest] = /^([a-z]+):(.*)$/s.exec(target) ?? [];
  if (scheme === 'null' && rest === '') {
    const { nullSink } = await import('./adapters/null/null-sink.ts');
    return { sink: nullSink(), claims: undefined };
  }
  const path = filePath(target);
  if (path !== undefined) {
    const { openFileSink } = await import('./adapters/file/file-sink.ts');
    return { sink: await openFileSink(path, options.encode, options.tell), claims: undefined };
  }
  if (target === 'store' || (scheme === 'store' && rest !== '')) {
    return openStoreTarget(rest ?? options.storeDir, options.tell);
  }
  throw new LogsError('USAGE', `cannot ship to ${target}`, {
    hint: 'use --to store:DIR, file:PATH, - (standard output) or null:',
  });
}

/** `file:PATH` or `file:///PATH`. */
function filePath(target: string): string | undefined {
  return /^file:(?:\/\/(?=\/))?(.+)$/s.exec(target)?.[1];
}

async function openStoreTarget(dir: string, tell: (text: string) => void): Promise<ShipTarget> {
  const { openEmbeddedWriter } = await import('./adapters/embedded/embedded-store.ts');
  const { openSourceClaims } = await import('./buffer/source-claims.ts');
  const { storeSink } = await import('./adapters/embedded/write/store-sink.ts');
  const writer = await openEmbeddedWriter(dir, { tell: (problem) => tell(problem.message) });
  return {
    claims: openSourceClaims(dir),
    sink: storeSink(writer),
  };
}

/**
 * The sources that names mean, not opened yet: files, folders, globs; without names standard input. What the
 * targets are written to is none, nor what `except` names. `failures` are names that mean nothing, and folders that could not be read.
 */
export async function findSources(names: readonly string[], except: readonly string[], targets: readonly string[]) {
  if (names.length === 0) return { sources: [{ name: '-', open: openInput }], skipped: [], failures: [] };
  const { findFiles } = await import('./adapters/file/find-files.ts');
  const { paths, skipped, failures } = await findFiles(
    names.filter((name) => name !== '-'),
    except,
    targets.map(filePath).filter((path) => path !== undefined),
  );
  const files = paths.map((name) => ({ name, open: () => openFile(name) }));
  const sources = names.includes('-') ? [...files, { name: '-', open: openInput }] : files;
  return { sources, skipped, failures };
}

/** Dead letters kept in a folder, which is made with the first of them. */
export async function openDeadLetters(dir: string, tell: (text: string) => void): Promise<DeadLetters> {
  const { keepDeadLetters } = await import('./send/keep-dead-letters.ts');
  return keepDeadLetters(async () => {
    const { openEmbeddedWriter } = await import('./adapters/embedded/embedded-store.ts');
    const { storeSink } = await import('./adapters/embedded/write/store-sink.ts');
    return storeSink(await openEmbeddedWriter(join(dir, LETTERS), { tell: (problem) => tell(problem.message) }));
  });
}

/** Opens the dead letters of a folder for reading; undefined where there are none. */
export async function openLetterBox(dir: string): Promise<LetterBox | undefined> {
  const { openEmbeddedStore } = await import('./adapters/embedded/embedded-store.ts');
  const { openHandledLetters } = await import('./adapters/file/handled-letters.ts');
  try {
    const store = await openEmbeddedStore(join(dir, LETTERS));
    return { store, handled: openHandledLetters(join(dir, 'handled')), close: () => store.close() };
  } catch (error) {
    if (error instanceof LogsError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

/** The dead letters of a folder that were not dealt with, for a reading command; undefined where there are none. */
export async function openLetterReader(dir: string): Promise<OpenedReader | undefined> {
  const { unhandledStore } = await import('./app/dead-letters.ts');
  const box = await openLetterBox(dir);
  if (box === undefined) return undefined;
  const store = await unhandledStore(box);
  const empty = 'all dead letters were sent again or dropped';
  return { store, kind: 'store', once: false, skipped: [], empty, close: () => box.close() };
}

/** Deletes the dead letters of a folder, those that were dealt with too. Throws STORE_BUSY while some are being kept. */
export async function dropDeadLetters(dir: string): Promise<void> {
  const { dropStore } = await openMaintenance();
  const { openHandledLetters } = await import('./adapters/file/handled-letters.ts');
  await dropStore(join(dir, LETTERS));
  await openHandledLetters(join(dir, 'handled')).clear();
}

const LETTERS = 'letters';

/** Small batches wait so long for others to go with, where nothing says otherwise. */
const COLLECT_MS = 100;

/** Reads the address of servers, connecting to nothing. Throws USAGE, CONFIG or NOT_READABLE. */
export async function checkRemote(url: string, use: AddressUse): Promise<void> {
  if (isTopic(url)) {
    const { kafkaSettings } = await import('./adapters/kafka/settings.ts');
    kafkaSettings(url);
    return;
  }
  const { indexBase, parseElasticsearchUrl } = await import('./adapters/elasticsearch/url.ts');
  const parsed = parseElasticsearchUrl(url);
  if (use === 'source') {
    throw new LogsError('USAGE', `cannot ship from ${parsed.shown}`, { hint: 'search, tail and agg read --from it' });
  }
  indexBase(parsed);
}

/** Opens servers to send to. Nothing is asked of them yet. Throws as `checkRemote`. */
export async function openRemoteSink(url: string, tell: (text: string) => void): Promise<RemoteSink> {
  return isTopic(url) ? openKafkaSink(url) : openElasticsearchSink(url, tell);
}

/** Opens topics to read as a member of a group. Nothing is asked of them yet. Throws as `checkRemote`. */
export async function openTopicSource(url: string): Promise<BatchSource> {
  return openKafkaSource(url);
}

/** Opens the disk queue of a target in a folder of queues. */
export async function openQueueFor(
  root: string,
  target: PipelineTarget,
  tell: (problem: LogsError) => void,
): Promise<OpenedQueue> {
  const { openTargetQueue } = await import('./adapters/queue/target-queue.ts');
  const { urls, mode, copies } = target;
  // How it is sent there may change from run to run; where to is what the queue is of.
  const places = urls.map((each) => hideSecrets(each).replace(/\?.*$/s, ''));
  const several = urls.length === 1 ? '' : `${mode === 'failover' ? mode : copies} `;
  return openTargetQueue(root, { shown: several + places.join(' '), url: urls.map(withoutSecrets).join(',') }, tell);
}

/** Opens a topic to write to, by an address like `kafka://host:9092/logs-raw`. Throws USAGE. */
export async function openKafkaSink(address: string) {
  const { openKafkaSink: open } = await import('./adapters/kafka/kafka-sink.ts');
  return open(address);
}

/** Opens topics to read as a member of a group, by an address like `kafka://host:9092/logs-raw?group=indexer`. Throws USAGE. */
export async function openKafkaSource(address: string) {
  const { openKafkaSource: open } = await import('./adapters/kafka/kafka-source.ts');
  return open(address);
}

/** The queues before remote targets in a folder: what they hold, whether they are whole, and opening one. */
export async function openQueueUpkeep() {
  const { inspectQueue, openQueue, queueNames, repairQueue } = await import('./adapters/queue/upkeep/upkeep.ts');
  return { inspectQueue, openQueue, queueNames, repairQueue };
}

/**
 * Opens what delivers to a remote target, once it has answered: `send` resolves when each event is accepted or in the
 * dead letters. Throws USAGE for an address that there is no such sink for, and what `RemoteSink.check` throws.
 */
export async function openDelivery(
  address: string,
  tools: { readonly deadLetters: string; readonly tell: (text: string) => void },
  signal: AbortSignal,
): Promise<LogSink> {
  const { deliver } = await import('./send/deliver.ts');
  const { rebatch } = await import('./send/rebatch.ts');
  const sink = await openChecked(address, tools.tell, signal);
  const deadLetters = await openDeadLetters(tools.deadLetters, tools.tell);
  const { events, bytes } = sink.limits;
  const size = { events, bytes, afterMs: COLLECT_MS };
  const delivered = rebatch(deliver(sink, { deadLetters, tell: tools.tell }), size);
  return {
    ...delivered,
    async close() {
      await delivered.close();
      await deadLetters.close();
    },
  };
}

/** Opens Elasticsearch or OpenSearch to write to, by an address like `es://host:9200/logs`. Throws USAGE, CONFIG. */
async function openElasticsearchSink(address: string, tell: (text: string) => void) {
  const { openElasticsearchSink: open } = await import('./adapters/elasticsearch/elasticsearch-sink.ts');
  return open(address, tell);
}

/**
 * Opens indices of Elasticsearch or OpenSearch to be asked, by an address like `es://host:9200/logs`. `tell` hears of what
 * is worth a word while they are. Throws USAGE, CONFIG, what the server says of the login, NOT_FOUND without an index.
 */
export async function openElasticsearchReader(
  address: string,
  options: { readonly strict?: boolean; readonly tell?: (text: string) => void },
) {
  const { openElasticsearchReader: open } = await import('./adapters/elasticsearch/read/reader.ts');
  return open(address, options);
}

/** The indices of Elasticsearch or OpenSearch and how they are made. Throws USAGE, CONFIG. */
export async function openIndexAdmin(address: string, tell: (text: string) => void) {
  const { openIndexAdmin: open } = await import('./adapters/elasticsearch/admin/index-admin.ts');
  return open(address, tell);
}

/** Opens topics to be searched, by an address like `kafka://host:9092/logs-raw`. Throws USAGE, and why they cannot be read. */
export async function openKafkaStore(address: string) {
  const { openKafkaStore: open } = await import('./adapters/kafka/kafka-store.ts');
  return open(address);
}

/** Opens where dead letters are sent again; what is refused stays where it is. Throws as `openTarget` and `openDelivery`. */
export async function openReplay(address: string, options: SinkOptions, signal: AbortSignal): Promise<LogSink> {
  if (!isRemoteUrl(address)) return (await openTarget(address, options)).sink;
  const { deliver } = await import('./send/deliver.ts');
  const deadLetters = { put: async () => undefined, close: async () => undefined };
  return deliver(await openChecked(address, options.tell, signal), { deadLetters, tell: options.tell });
}

async function openChecked(address: string, tell: (text: string) => void, signal: AbortSignal): Promise<RemoteSink> {
  const sink = await openRemoteSink(address, tell);
  try {
    await sink.check(signal);
  } catch (error) {
    await sink.close().catch(() => undefined);
    throw error;
  }
  return sink;
}

/** How far a consumer group is behind: for `logs kafka lag`, and for sampling that adapts to it. */
export async function consumerLag(address: string, group?: string) {
  const { consumerLag: ask } = await import('./adapters/kafka/topic-admin.ts');
  return ask(address, group);
}

/** The topics of an address, or all of a cluster. */
export async function describeTopics(address: string) {
  const { describeTopics: ask } = await import('./adapters/kafka/topic-admin.ts');
  return ask(address);
}

/** Makes the topics of an address, or the usual ones; `retentionMs` -1: for ever. */
export async function createTopics(
  address: string,
  shape: { readonly partitions?: number; readonly replication?: number; readonly retentionMs?: number },
) {
  const { createTopics: make } = await import('./adapters/kafka/topic-admin.ts');
  return make(address, shape);
}

/** Asks servers whether an address can be read from or sent to. Throws as `RemoteSink.check` does. */
export async function askAddress(url: string, use: AddressUse, signal: AbortSignal): Promise<void> {
  const opened = await (use === 'source' ? openTopicSource(url) : openRemoteSink(url, () => undefined));
  try {
    await opened.check(signal);
  } finally {
    await opened.close();
  }
}
