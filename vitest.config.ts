import { defineConfig } from 'vitest/config';

const SERVICES = 'test/services/**';

export default defineConfig({
  test: {
    disableConsoleIntercept: true,
    projects: [
      {
        test: {
          name: 'own',
          setupFiles: ['test/setup.ts'],
          include: ['test/**/*.test.ts'],
          exclude: [SERVICES],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // One file at a time, after all others: a server takes two cores to start, and up to a gigabyte.
        test: {
          name: 'services',
          setupFiles: ['test/setup.ts'],
          globalSetup: ['test/services/run.ts'],
          include: [`${SERVICES}/*.services.test.ts`],
          testTimeout: 240_000,
          hookTimeout: 360_000,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
