import { hideSecrets, isRemoteUrl } from '../config/remote-url.ts';
import { LogsError } from '../errors.ts';
import type { Filter, QueryClock } from '../query/ast.ts';
import type { LogStore } from '../store/store.ts';
import { isTopic } from './addresses.ts';
import { openFile, openInput } from './sources.ts';

/** What a reading command asks: the embedded store, files and standard input without one, or servers. */
export interface OpenedReader {
  readonly store: LogStore;
  readonly kind: 'store' | 'files' | 'indices' | 'topics';
  /** Of a store. */
  readonly folder?: string;
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

/** Opens the embedded store in a folder; `tell` hears what is worth a word. Throws NOT_FOUND where there is none. */
export async function openStoreReader(dir: string, tell: (text: string) => void): Promise<OpenedReader> {
  const { openEmbeddedStore } = await import('../adapters/embedded/embedded-store.ts');
  const store = await openEmbeddedStore(dir, { tell });
  return { store, kind: 'store', folder: dir, once: false, skipped: [], close: () => store.close() };
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
  if (dir !== undefined) return openStoreReader(dir, options.tell);
  if (!isRemoteUrl(url)) {
    throw new LogsError('USAGE', `cannot read from ${hideSecrets(url)}`, {
      hint: 'use --from es://HOST/logs, opensearch://HOST/logs, kafka://HOST/TOPIC or store:DIR; files stand behind the query',
    });
  }
  if (isTopic(url)) {
    const store = await openKafkaStore(url, options.tell);
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

/** Opens files, folders, globs and `-` as one store. Throws NOT_FOUND for a name that means nothing. */
export async function openFileReader(names: readonly string[], outputs: readonly string[]): Promise<OpenedReader> {
  const { openFileStore } = await import('../adapters/file/file-store.ts');
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
  const { findFiles } = await import('../adapters/file/find-files.ts');
  return findFiles(names, [], outputs);
}

/**
 * Opens indices of Elasticsearch or OpenSearch to be asked, by an address like `es://host:9200/logs`. `tell` hears of what
 * is worth a word while they are. Throws USAGE, CONFIG, what the server says of the login, NOT_FOUND without an index.
 */
async function openElasticsearchReader(
  address: string,
  options: { readonly strict?: boolean; readonly tell?: (text: string) => void },
) {
  const { openElasticsearchReader: open } = await import('../adapters/elasticsearch/read/reader.ts');
  return open(address, options);
}

/** Opens topics to be searched, by an address like `kafka://host:9092/logs-raw`. Throws USAGE, and why they cannot be read. */
async function openKafkaStore(address: string, tell: (text: string) => void) {
  const { openKafkaStore: open } = await import('../adapters/kafka/kafka-store.ts');
  return open(address, tell);
}
