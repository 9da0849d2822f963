import type { BatchSource } from '../read/batch-source.ts';
import { filePath } from './targets.ts';

/**
 * The sources that names mean, not opened yet: files, folders, globs; without names standard input. What the
 * targets are written to is none, nor what `except` names. `failures` are names that mean nothing, and folders that could not be read.
 */
export async function findSources(names: readonly string[], except: readonly string[], targets: readonly string[]) {
  if (names.length === 0) return { sources: [{ name: '-', open: openInput }], skipped: [], failures: [] };
  const { findFiles } = await import('../adapters/file/find-files.ts');
  const { paths, skipped, failures } = await findFiles(
    names.filter((name) => name !== '-'),
    except,
    targets.map(filePath).filter((path) => path !== undefined),
  );
  const files = paths.map((name) => ({ name, open: () => openFile(name) }));
  const sources = names.includes('-') ? [...files, { name: '-', open: openInput }] : files;
  return { sources, skipped, failures };
}

/** Opens a file; `readSize`: bytes of it read at once. */
export async function openFile(name: string, readSize?: number) {
  const { openFileSource } = await import('../adapters/file/file-source.ts');
  return openFileSource(name, readSize);
}

/** Opens standard input. */
export async function openInput() {
  const { openStdin } = await import('../adapters/stdio/stdin-source.ts');
  return openStdin();
}

/** Opens topics to read as a member of a group. Nothing is asked of them yet. Throws as `checkRemote`. */
export async function openTopicSource(url: string): Promise<BatchSource> {
  const { openKafkaSource } = await import('../adapters/kafka/kafka-source.ts');
  return openKafkaSource(url);
}
