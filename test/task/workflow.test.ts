import { describe, expect, it } from 'vitest';
import type { TaskRoomTaskFragment } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { useWorld, World } from './world.ts';
import { granted, writesOf } from './writes.ts';

// What Thena and Parsa say of how a task is begun, watched and stored, from one end to the other.

let clock = '2026-03-11T12:00:00.000Z';
const world = useWorld({ now: () => new Date(clock) });

const PROGRESS = graphql(`
  query TaskProgress {
    upcomingTasks(assignee: {}) { nodes { title isOverdue } }
    byStatus: taskCounts(groupBy: STATUS) { key count }
    byDue: taskCounts(groupBy: DUE_GROUP) { key count }
    byPerson: taskCounts(groupBy: ASSIGNEE, filter: { isOpen: true }) { key count }
  }
`);

/** Groups that have tasks. */
const counted = (counts: readonly { readonly key: string | null; readonly count: number }[]) =>
  Object.fromEntries(counts.flatMap(({ key, count }) => (count === 0 ? [] : [[String(key), count]])));

async function progress({ gateway, admin }: World) {
  const { upcomingTasks, byStatus, byDue, byPerson } = await gateway.ask(admin, PROGRESS);
  return {
    upcoming: upcomingTasks.nodes.map(({ title, isOverdue }) => (isOverdue ? `${title}!` : title)),
    ...{ byStatus: counted(byStatus), byDue: counted(byDue), byPerson: counted(byPerson) },
  };
}

it('creating a task says its objective, priority, owner and deadline at once, and its owner has it among what is due [THENA-T27]', async () => {
  const { gateway, admin, member } = world();
  const account = await world().record('ACCOUNT');
  const task = granted(
    await writesOf(world(), admin).create({
      ...{ title: 'Renew the contract', description: 'For two years, at the same price.' },
      ...{ priority: 'HIGH', assigneeId: member.userId, date: '2026-03-13', accountId: account.key },
    }),
  );
  expect(task).toMatchObject({
    ...{ title: 'Renew the contract', description: 'For two years, at the same price.', priority: 'HIGH' },
    ...{ assignee: { id: member.userId }, date: '2026-03-13', account: { id: account.key }, status: 'PENDING' },
  });
  const { upcomingTasks } = await gateway.ask<{ upcomingTasks: object }, object>(
    member,
    '{ upcomingTasks { nodes { id } } }',
  );
  expect(upcomingTasks).toEqual({ nodes: [{ id: task.id }] });
});

it('deadlines are set and progress is seen: each step of a task’s work moves it in the counts [THENA-T30] [PARSA-12]', async () => {
  clock = '2026-03-11T12:00:00.000Z';
  const own = await World.make(world().gateway);
  const { admin, member } = own;
  const account = await own.record('ACCOUNT');
  const writes = writesOf(own, admin);
  const create = async (title: string, date: string | null, assigneeId: string) =>
    granted(await writes.create({ title, date, assigneeId, accountId: account.key })) as TaskRoomTaskFragment;
  const offer = await create('Offer', '2026-03-12', member.userId);
  const call = await create('Call', '2026-03-11T15:00:00.000Z', member.userId);
  await create('Tidy up', null, admin.userId);
  expect(await progress(own)).toEqual({
    upcoming: ['Call', 'Offer'],
    byStatus: { PENDING: 3 },
    byDue: { TODAY: 1, THIS_WEEK: 1, UNDATED: 1 },
    byPerson: { [member.userId]: 2, [admin.userId]: 1 },
  });
  granted(await writes.update(offer.id, { status: 'IN_PROGRESS' }));
  granted(await writes.complete(call.id));
  clock = '2026-03-13T00:00:00.000Z';
  expect(await progress(own)).toEqual({
    upcoming: ['Offer!'],
    byStatus: { PENDING: 1, IN_PROGRESS: 1, COMPLETED: 1 },
    byDue: { OVERDUE: 1, UNDATED: 1 },
    byPerson: { [member.userId]: 1, [admin.userId]: 1 },
  });
  granted(await writes.update(offer.id, { date: '2026-03-20' }));
  expect(await progress(own)).toMatchObject({ upcoming: ['Offer'], byDue: { LATER: 1, UNDATED: 1 } });
});

describe('the types of work', () => {
  it.each([
    ['MESSAGE', 'An SMS or chat message to send.'],
    ['CHAT', 'A live chat to follow up.'],
    ['NOTE', 'An internal note or memo.'],
    ['TASK', 'A generic to-do.'],
  ] as const)(
    '%s means what Parsa says, and is created, listed and counted as that [PARSA-03]',
    async (type, meaning) => {
      const { gateway, admin } = world();
      const { __type } = await gateway.ask<{ __type: { enumValues: object[] } }, object>(
        admin,
        '{ __type(name: "TaskType") { enumValues { name description } } }',
      );
      expect(__type.enumValues).toContainEqual({ name: type, description: meaning });
      const account = await world().record('ACCOUNT');
      const task = granted(await writesOf(world(), admin).create({ title: type, type, accountId: account.key }));
      const found = await gateway.ask<{ tasks: object; taskCounts: object }, object>(
        admin,
        `{ tasks(filter: { type: { eq: ${type} } }) { nodes { id type } } taskCounts(groupBy: TYPE) { key count } }`,
      );
      expect(found.tasks).toEqual({ nodes: [{ id: task.id, type }] });
      expect(found.taskCounts).toContainEqual({ key: type, count: 1 });
    },
  );
});

describe('a task is stored', () => {
  const rows = <Row>(sql: string) => world().prisma.$queryRawUnsafe<Row[]>(`/* test.storage */ ${sql}`);

  it('under a number that the database gives, of 64 bits, which is part of its primary key and stays inside [THENA-T11] [THENA-T12]', async () => {
    const columns = await rows<{ type: string; given: string }>(
      `SELECT data_type AS type, column_default AS given FROM information_schema.columns
       WHERE table_name = 'task' AND column_name = 'id'`,
    );
    expect(columns).toEqual([{ type: 'bigint', given: expect.stringContaining('nextval(') }]);
    const key = await rows<{ name: string }>(
      `SELECT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
       WHERE i.indrelid = 'task'::regclass AND i.indisprimary ORDER BY a.attname`,
    );
    expect(key.map(({ name }) => name)).toEqual(['id', 'organization_id']);
    const [first, second] = await world().tasks([{}, {}]);
    expect(Number(second?.id) - Number(first?.id)).toBe(1);
    expect(first?.key).toMatch(/^task_[0-9A-HJKMNP-TV-Z]{26}$/);
  });

  it('with 64-bit references to account, activity and assignee, and with title and description as text [THENA-T18]', async () => {
    const types = await rows<{ name: string; type: string }>(
      `SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_name = 'task'`,
    );
    const typeOf = Object.fromEntries(types.map(({ name, type }) => [name, type]));
    expect(typeOf).toMatchObject({
      ...{ account_id: 'bigint', activity_id: 'bigint', assignee_id: 'bigint', creator_id: 'bigint' },
      ...{ title: 'text', description: 'text' },
    });
    const references = await rows<{ name: string; refers: string }>(
      `SELECT a.attname AS name, c.confrelid::regclass::text AS refers FROM pg_constraint c
       JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
       WHERE c.contype = 'f' AND c.conrelid = 'task'::regclass AND a.attname <> 'organization_id'`,
    );
    expect(references).toEqual(
      expect.arrayContaining([
        { name: 'account_id', refers: 'account' },
        { name: 'activity_id', refers: 'activity' },
        { name: 'assignee_id', refers: 'membership' },
      ]),
    );
  });

  // Thena keeps them as numbers of rows, since customers may edit the lists; its document fixes the values, and so do we.
  it('with type, status and priority as one of the values that the documents name, and no other [THENA-T18]', async () => {
    const [task] = await world().tasks([{}]);
    for (const column of ['type', 'status', 'priority']) {
      const set = world().prisma.$executeRawUnsafe(
        `/* test.storage */ UPDATE task SET ${column} = 'ELSE' WHERE organization_id = $1 AND id = $2`,
        world().organization.id,
        task?.id,
      );
      await expect(set, column).rejects.toThrow(/invalid input value for enum/);
    }
  });
});
