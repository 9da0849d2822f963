import { cpus, release, totalmem, type } from 'node:os';

/** On what, and when, in one sentence. */
export function measuredOn() {
  const cpu = cpus();
  const day = new Date().toISOString().slice(0, 10);
  return `Measured on ${day} by Node ${process.version} on ${cpu.length} cores (${cpu[0].model.trim()}), ${(totalmem() / 1e9).toFixed(0)} GB, ${type()} ${release()}.`;
}
