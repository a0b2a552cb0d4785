import { createRequire } from 'node:module';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    // Vite would take graphql's ES modules, while every library takes the CommonJS ones, as Node does: two copies, and
    // "Cannot use GraphQLSchema from another module or realm".
    alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve('graphql') }],
  },
  test: {
    include: ['test/**/*.test.ts'],
    // The long ones (many rows, random lives, races, what needs a process of its own) run by `npm run test:long`.
    exclude: ['test/**/*.long.test.ts', 'test/reliability/**', 'test/bench/**', 'node_modules/**'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // One process takes file after file: to read the whole gateway anew for each costs more than most tests do.
    isolate: false,
    // Most of a test's time is waiting: for PostgreSQL, for processes, for leases to end. One worker fewer than cores, as by
    // default, leaves them idle.
    maxWorkers: 3,
    testTimeout: 20_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 5_000 } },
  },
});
