import { defineConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

// What takes many rows, random sequences, races or a process of its own: as the quick suite, with more patience.
export default defineConfig({
  ...base,
  root: `${import.meta.dirname}/../..`,
  test: {
    ...base.test,
    include: ['test/**/*.long.test.ts'],
    exclude: ['node_modules/**'],
    isolate: true,
    testTimeout: 120_000,
  },
});
