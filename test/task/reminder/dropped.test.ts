import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { NewEvent } from '../../../src/event/log.ts';
import { dropped } from '../../../src/task/reminder/follow.ts';
import type { Reminding } from '../../../src/task/reminder/store.ts';

// What the log tells of reminders that are dropped [PARSA-15].

const taskOf = (n: number) => ({
  ...{ id: BigInt(n), uid: `t${n}`, recipientId: 1n, zone: 'UTC' },
  ...{ status: 'COMPLETED' as const, date: null, isDeleted: false },
});
const reminding = (task: number, n: number): Reminding => ({
  ...{ id: BigInt(n), task: taskOf(task), at: null, before: `P${n}D`, remindAt: null, sentAt: null },
});

it('is each task’s own reminders: those that it had, and those that it keeps', () => {
  const rows = fc.array(fc.record({ task: fc.integer({ min: 1, max: 4 }), isLost: fc.boolean() }), { maxLength: 15 });
  fc.assert(
    fc.property(rows, (given) => {
      const all = given.map(({ task }, n) => reminding(task, n));
      const drops = all.filter((_, n) => given[n]?.isLost);
      const texts = (task: bigint, kept: boolean) =>
        all.filter((each) => each.task.id === task && !(kept && drops.includes(each))).map(({ before }) => before);
      const tasks = [...new Set(all.map(({ task }) => task.id))].filter((id) =>
        drops.some(({ task }) => task.id === id),
      );
      const told = tasks.map(
        (id): NewEvent => ({
          kind: 'TASK_UPDATED',
          subject: { type: 'TASK', id, uid: `t${id}` },
          changes: [{ field: 'reminders', from: texts(id, false), to: texts(id, true) }],
        }),
      );
      expect(dropped(all, drops)).toEqual(told);
    }),
  );
});

it('is found without looking at every reminder for each task', () => {
  let looks = 0;
  const all = Array.from({ length: 2_000 }, (_, n): Reminding => {
    const { task, ...rest } = reminding(n, n);
    return {
      ...rest,
      get task() {
        looks += 1;
        return task;
      },
    };
  });
  expect(dropped(all, all)).toHaveLength(2_000);
  expect(looks).toBeLessThanOrEqual(2 * 2_000);
});
