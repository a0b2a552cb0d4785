import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId } from '../../../src/ids.ts';
import type { ReminderInput } from '../../generated/graphql.ts';
import { statementsOf } from '../asked.ts';
import { granted, refusals, writesOf, written } from '../writes.ts';
import { useReminders } from './room.ts';

// Setting and reading a task's reminders [PARSA-15].

const room = useReminders();
const SOON = '2031-05-01T08:00:00.000Z';
const writes = () => writesOf(room().world, room().world.admin);
const whens = (reminders: readonly { at: unknown; before: unknown }[]) =>
  reminders.map(({ at, before }) => at ?? before);

describe('setting reminders', () => {
  it('keeps them as they were given, and shows them by time, those that wait for a date last [PARSA-15]', async () => {
    const id = await room().task({ date: '2031-05-02' });
    const set = granted(await room().set(id, [{ before: 'PT0M' }, { at: SOON }, { before: 'P0W1DT30M' }]));
    expect(set.reminders.map(({ at, before, sentAt }) => [at, before, sentAt])).toEqual([
      // 08:30 and 09:00 in Paris, whose summer it is.
      [null, 'P0W1DT30M', null],
      [SOON, null, null],
      [null, 'PT0M', null],
    ]);
    granted(await writes().update(id, { date: null }));
    expect(whens((await room().read(id)).reminders)).toEqual([SOON, 'PT0M', 'P0W1DT30M']);
  });

  it('is a new version, and told as a change of the task', async () => {
    const id = await room().task();
    granted(await room().set(id, [{ before: 'P1D' }]));
    const { version, updatedAt } = granted(await room().set(id, [{ at: SOON }, { before: 'P1D' }]));
    expect(version).toBe(3);
    const { history } = await room().read(id);
    const changes = [{ field: 'reminders', from: ['P1D'], to: [SOON, 'P1D'] }];
    expect(history.nodes[0]).toEqual({ kind: 'TASK_UPDATED', actorKind: 'USER', changes });
    expect(Date.parse(updatedAt)).toBeGreaterThan(Date.now() - 60_000);
    granted(await room().set(id, []));
    expect(await room().plans(id)).toEqual([]);
  });

  it('leaves those that stay with their ids, and changes nothing when all stay', async () => {
    const id = await room().task();
    const before = granted(await room().set(id, [{ before: 'P1D' }, { before: 'PT1H' }]));
    const after = granted(await room().set(id, [{ before: 'PT2H' }, { before: 'PT1H' }]));
    const idOf = (task: typeof before, text: string) => task.reminders.find((each) => each.before === text)?.id;
    expect(idOf(after, 'PT1H')).toBe(idOf(before, 'PT1H'));
    expect(whens(after.reminders).toSorted()).toEqual(['PT1H', 'PT2H']);
    const was = await written(room().world);
    granted(await room().set(id, [{ before: 'PT1H' }, { before: 'PT2H' }, { before: 'PT1H' }]));
    expect(await written(room().world)).toEqual(was);
  });

  it('takes durations of the same length for one, as it was written first; a day is not 24 hours', async () => {
    const id = await room().task();
    const before = granted(await room().set(id, [{ before: 'PT60M' }, { before: 'PT1H' }, { before: 'P1D' }]));
    expect(whens(before.reminders).toSorted()).toEqual(['P1D', 'PT60M']);
    const was = await written(room().world);
    granted(await room().set(id, [{ before: 'PT1H' }, { before: 'P01D' }]));
    expect(await written(room().world)).toEqual(was);
    const after = granted(await room().set(id, [{ before: 'PT24H' }, { before: 'PT1H' }, { before: 'P1D' }]));
    expect(whens(after.reminders).toSorted()).toEqual(['P1D', 'PT24H', 'PT60M']);
    expect(after.reminders.map((each) => each.id)).toEqual(
      expect.arrayContaining(before.reminders.map((each) => each.id)),
    );
    const { history } = await room().read(id);
    expect(history.nodes[0]?.changes).toEqual([
      { field: 'reminders', from: ['PT60M', 'P1D'], to: ['PT24H', 'PT60M', 'P1D'] },
    ]);
  });

  it('leaves sent what was sent', async () => {
    const id = await room().reminding([{ at: '2020-01-01T00:00:00Z' }]);
    await room().deliver();
    const again = granted(await room().set(id, [{ at: '2020-01-01T00:00:00Z' }, { before: 'P1D' }]));
    expect(again.reminders.map(({ sentAt }) => sentAt !== null)).toEqual([true, false]);
    await room().deliver();
    expect(await room().reminded(id)).toEqual(['max']);
  });

  it.each<[string, ReminderInput[], string]>([
    ['neither', [{ before: 'P1D' }, {}], 'INVALID reminders.1'],
    ['both', [{ at: SOON, before: 'P1D' }], 'INVALID reminders.0'],
    ['no duration', [{ before: '1 day' }], 'INVALID reminders.0.before'],
    ['too long a one', [{ before: 'P367D' }], 'INVALID reminders.0.before'],
    ['one after the date', [{ before: '-P1D' }], 'INVALID reminders.0.before'],
    ['too many', Array(21).fill({ before: 'P1D' }), 'INVALID reminders'],
  ])('refuses %s', async (_, reminders, refusal) => {
    const id = await room().reminding([{ before: 'PT1H' }]);
    expect(refusals(await room().set(id, reminders))).toEqual([refusal]);
    expect(whens((await room().read(id)).reminders)).toEqual(['PT1H']);
  });

  it('refuses what is done with or deleted, and what is not there', async () => {
    const { world } = room();
    const id = await room().task();
    const refused = async (key = id) => refusals(await room().set(key, [{ before: 'P1D' }]));
    granted(await writes().update(id, { status: 'CANCELLED' }));
    expect(await refused()).toEqual(['NOT_ALLOWED id']);
    granted(await writes().update(id, { status: 'COMPLETED' }));
    expect(await refused()).toEqual(['NOT_ALLOWED id']);
    granted(await writes().remove(id));
    expect(await refused()).toEqual(['NOT_ALLOWED id']);
    expect(await refused(room().account)).toEqual(['NOT_FOUND id']);
    expect(refusals(await room().set(await room().task(), [{ before: 'P1D' }], world.other.admin))).toEqual([
      'NOT_FOUND id',
    ]);
  });

  it('is for tasks of every kind', async () => {
    const kinds = ['INCOMING_SMS', 'MISSED_CALL', 'VOICEMAIL'] as const;
    const tasks = await room().world.tasks(kinds.map((kind) => ({ kind, day: '2031-05-01' })));
    for (const { key } of tasks) {
      granted(await room().set(key, [{ before: 'P1D' }]));
      expect(await room().plans(key)).toEqual(['P1D 2031-04-30T07:00:00.000Z']);
    }
  });
});

describe('a reminder', () => {
  it('is found by its id by whoever sees its task, and by nobody else', async () => {
    const { world } = room();
    const limited = await world.gateway.member(world.organization, { email: 'lim@ours.example', crmAccess: false });
    const id = await room().task();
    const [reminder] = granted(await room().set(id, [{ before: 'P1D' }])).reminders;
    const ask = async (by = world.admin) => {
      const query = `{ node(id: "${reminder?.id}") { __typename ... on Reminder { before } } }`;
      return (await world.gateway.ask<{ node: unknown }, object>(by, query)).node;
    };
    expect(await ask()).toEqual({ __typename: 'Reminder', before: 'P1D' });
    expect(await ask(limited)).toBeNull();
    expect(await ask(world.other.admin)).toBeNull();
    granted(await writes().update(id, { assigneeId: limited.userId }));
    expect(await ask(limited)).not.toBeNull();
  });
});

describe('what it asks of the database', () => {
  const SET = 'mutation ($i: SetRemindersInput!) { setReminders(input: $i) { task { reminders { before } } } }';
  const set = (id: string, reminders: object[]) => statementsOf(room().world, SET, { i: { id, reminders } });
  const OPEN = ['BEGIN', 'task.lock', 'task.names'];
  const FOLLOWS = ['reminder.standing', 'reminder.write', 'work.schedule', 'event.append', 'COMMIT'];
  const SHOWN = ['task.byUids', 'reminder.ofTasks'];
  let id: string;
  beforeAll(async () => {
    id = await room().task({ date: '2031-05-01' });
  });

  it('is a statement for each step, however many reminders', async () => {
    const several = Array.from({ length: 20 }, (_, n) => ({ before: `PT${n}H` }));
    const ADDED = [...OPEN, 'reminder.ofTasks', 'INSERT reminder', 'UPDATE task', ...FOLLOWS, ...SHOWN];
    expect(await set(id, [{ before: 'P1D' }])).toEqual(ADDED);
    const REPLACED = ADDED.toSpliced(4, 0, 'reminder.delete');
    expect(await set(id, several)).toEqual(REPLACED);
    expect(await set(id, several)).toEqual([...OPEN, 'reminder.ofTasks', 'COMMIT', ...SHOWN]);
  });

  it('is nothing of what is refused before, and little of what is not there', async () => {
    expect(await set(id, [{}])).toEqual([]);
    expect(await set(encodeId('Task', '0'.repeat(26)), [])).toEqual(['BEGIN', 'task.lock', 'ROLLBACK']);
  });

  it('is one statement for the reminders of all tasks of a list', async () => {
    for (let n = 0; n < 3; n += 1) await room().reminding([{ before: `PT${n}M` }, { before: 'P1D' }]);
    const names = await statementsOf(
      room().world,
      '{ tasks(first: 50) { nodes { reminders { at before sentAt } } } }',
      {},
    );
    expect(names.filter((name) => name.startsWith('reminder.'))).toEqual(['reminder.ofTasks']);
  });
});
