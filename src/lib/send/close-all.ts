/** Closes all, whatever becomes of the others; throws what the first failed with. */
export async function closeAll(sinks: readonly { close(): Promise<void> }[]): Promise<void> {
  const failures: unknown[] = [];
  await Promise.all(sinks.map((sink) => sink.close().catch((error: unknown) => failures.push(error))));
  if (failures.length > 0) throw failures[0];
}
