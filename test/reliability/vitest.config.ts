import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

// Its own suite: it takes minutes when SIZE=long, and runs one file at a time, since it measures.
export default defineConfig({
  ...base,
  root: `${import.meta.dirname}/../..`,
  test: {
    include: ['test/reliability/*.test.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 1_800_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
