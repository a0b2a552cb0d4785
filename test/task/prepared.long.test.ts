import { expect, it } from 'vitest';
import type { Reader } from '../../src/db/database.ts';
import { readTasks, readTasksOf } from '../../src/task/list/store.ts';

it('a page whose filter is a tree is never prepared: callers make up any number of them', async () => {
  const prepared: boolean[] = [];
  const db: Reader = {
    rows: async (statement) => {
      prepared.push(statement.prepared);
      return [];
    },
  };
  for (const isTree of [true, false]) {
    for (const read of [readTasks, readTasksOf]) {
      for (const _time of [1, 2, 3]) await read(db, 1n, { text: 'task t', values: [], isTree });
    }
  }
  expect(prepared).toEqual([...Array(6).fill(false), false, true, true, false, true, true]);
});
