import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The process of this test run: the servers that it started are known by it. */
    testRun: number;
  }
}

/** Before and after all tests that need servers: those that this run started, and no one else uses, are stopped. */
export function setup(project: TestProject): () => void {
  project.provide('testRun', process.pid);
  const script = join(import.meta.dirname, '../../scripts/servers.mjs');
  return () => {
    spawnSync(process.execPath, [script, 'down', '--for', String(process.pid)], { stdio: ['ignore', 2, 2] });
  };
}
