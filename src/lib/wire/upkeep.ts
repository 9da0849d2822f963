/** The embedded store's upkeep: what it holds, whether it is whole, and dropping it. */
export async function openMaintenance() {
  const { dropStore, storeStats, verifyStore } = await import('../adapters/embedded/upkeep/maintenance.ts');
  return { dropStore, storeStats, verifyStore };
}

/** Merging what is small in the embedded store; loads what building segments needs. */
export async function openCompaction() {
  const { compactStore } = await import('../adapters/embedded/upkeep/compact-store.ts');
  return { compactStore };
}

/** The queues before remote targets in a folder: what they hold, whether they are whole, and opening one. */
export async function openQueueUpkeep() {
  const { inspectQueue, openQueue, queueNames, repairQueue } = await import('../adapters/queue/upkeep/upkeep.ts');
  return { inspectQueue, openQueue, queueNames, repairQueue };
}

/** The indices of Elasticsearch or OpenSearch and how they are made. Throws USAGE, CONFIG. */
export async function openIndexAdmin(address: string, tell: (text: string) => void) {
  const { openIndexAdmin: open } = await import('../adapters/elasticsearch/admin/index-admin.ts');
  return open(address, tell);
}

/** How far a consumer group is behind: for `logs kafka lag`, and for sampling that adapts to it. */
export async function consumerLag(address: string, group?: string) {
  const { consumerLag: ask } = await import('../adapters/kafka/topic-admin.ts');
  return ask(address, group);
}

/** The topics of an address, or all of a cluster. */
export async function describeTopics(address: string) {
  const { describeTopics: ask } = await import('../adapters/kafka/topic-admin.ts');
  return ask(address);
}

/** Makes the topics of an address, or the usual ones; `retentionMs` -1: for ever. */
export async function createTopics(
  address: string,
  shape: { readonly partitions?: number; readonly replication?: number; readonly retentionMs?: number },
) {
  const { createTopics: make } = await import('../adapters/kafka/topic-admin.ts');
  return make(address, shape);
}
