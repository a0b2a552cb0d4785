import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OPPORTUNITY_DUE } from '../../src/opportunity/due/rules.ts';
import { rezoneTasks } from '../../src/task/rezone/kind.ts';
import type { Place } from '../../src/task/rezone/rules.ts';
import { rezoneSome } from '../../src/task/rezone/service.ts';
import { Settled } from '../../src/work/outcome.ts';
import type { UpdateOrganizationInput } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { bulkOf, refusals as bulkRefusals, changed } from '../task/bulk/asked.ts';
import { retained } from '../task/retention/room.ts';
import { useWorld } from '../task/world.ts';
import { granted, refusals, writesOf } from '../task/writes.ts';

const UPDATE = graphql(`
  mutation OrganizationUpdate($input: UpdateOrganizationInput!) {
    updateOrganization(input: $input) {
      organization { name timeZone weekStartsOn requireAssignee taskRetentionDays emailOnUnknownOutcome }
      errors { code path }
    }
  }
`);
const LOG = graphql(`query OrganizationSettingsLog { viewer { logCursor } }`);
const EVENT = graphql(`
  query OrganizationSettingsEvent($id: ID!) {
    node(id: $id) { ... on Event { kind at actorKind actor { id } subjectId changes { field from to } } }
  }
`);
const VIEWER = graphql(`query OrganizationSettingsViewer { viewer { timeZone organization { name } } }`);
const REMIND = graphql(`
  mutation OrganizationSettingsRemind($input: SetRemindersInput!) { setReminders(input: $input) { errors { code } } }
`);
const EXPIRES = graphql(`query OrganizationSettingsExpires($id: ID!) { task(id: $id) { expiresAt } }`);
const TIMELINE = graphql(`
  query OrganizationSettingsTimeline($id: ID!) {
    account(id: $id) { timeline(first: 10) { nodes { item { __typename ... on Task { title } } } } }
  }
`);

const clock = { now: new Date() };
const world = useWorld({ now: () => clock.now });
const PLAIN = {
  name: 'Ours',
  timeZone: 'UTC',
  weekStartsOn: 'MONDAY',
  requireAssignee: false,
  taskRetentionDays: 30,
  emailOnUnknownOutcome: 'RETRY',
} as const;
let account: string;
beforeAll(async () => {
  account = (await world().record('ACCOUNT')).key;
});
afterEach(async () => {
  clock.now = new Date('2026-03-10T11:00:00Z');
  const { prisma, organization } = world();
  await prisma.organization.update({ where: { id: organization.id }, data: PLAIN });
  await prisma.task.deleteMany({ where: { organizationId: organization.id } }).catch(() => {});
  await prisma.job.deleteMany({ where: { organizationId: organization.id } });
});
clock.now = new Date('2026-03-10T11:00:00Z');

const update = async (input: UpdateOrganizationInput, caller = world().admin) =>
  (await world().gateway.ask(caller, UPDATE, { input })).updateOrganization;
const refused = async (input: UpdateOrganizationInput) => {
  const { organization, errors } = await update(input);
  expect(organization).toBeNull();
  return errors.map(({ code, path }) => `${code} ${path.join('.')}`);
};
const cursor = async () => (await world().gateway.ask(world().admin, LOG)).viewer.logCursor;
/** The event of the latest write. */
const lastEvent = async (caller = world().admin) => {
  const [uid, seq] = Buffer.from(await cursor(), 'base64url')
    .toString()
    .split('.');
  return (await world().gateway.ask(caller, EVENT, { id: `evt_${uid}-${seq}` })).node;
};
const task = async (more: object = {}) =>
  granted(await writesOf(world(), world().admin).create({ title: 'Call', accountId: account, ...more })).id;
const rowOf = (id: string) =>
  world().prisma.task.findFirstOrThrow({ where: { organizationId: world().organization.id, uid: id.slice(5) } });
const jobs = async () => {
  const where = { organizationId: world().organization.id };
  const rows = await world().prisma.job.findMany({ where, orderBy: { kind: 'asc' } });
  return new Map(rows.map((row) => [row.kind, row]));
};

/** All that the job does which follows a new zone; answers the steps after which it waits. */
async function rezoned(id = world().organization.id): Promise<number[]> {
  const { runtime } = world().gateway.app;
  const waits: number[] = [];
  let payload: unknown = (await jobs()).get('task.rezone')?.payload;
  for (let over = false; !over; ) {
    await rezoneTasks.run(runtime, {
      ...{ organizationId: id, key: '', payload, attempt: 1, signal: new AbortController().signal },
      done: async () => {
        over = true;
        return new Settled(null);
      },
      again: async (_tx, due, next) => {
        if ('inMs' in due && due.inMs > 0) waits.push(due.inMs);
        payload = next;
        return new Settled(null);
      },
    });
  }
  return waits;
}

describe('an admin changes the organization', () => {
  it('all of it at once, and it is told as one event', async () => {
    const input = {
      ...{ name: ' Ours & Co ', timeZone: 'Europe/Paris', weekStartsOn: 'SUNDAY' as const, requireAssignee: true },
      ...({ taskRetentionDays: null, emailOnUnknownOutcome: 'HOLD' } as const),
    } satisfies UpdateOrganizationInput;
    const { organization, errors } = await update(input);
    expect(errors).toEqual([]);
    expect(organization).toEqual({ ...input, name: 'Ours & Co' });
    expect(await lastEvent()).toEqual({
      ...{ kind: 'ORGANIZATION_CHANGED', at: clock.now.toISOString(), actorKind: 'USER' },
      ...{ actor: { id: world().admin.userId }, subjectId: world().admin.organizationId },
      changes: [
        { field: 'name', from: 'Ours', to: 'Ours & Co' },
        { field: 'timeZone', from: 'UTC', to: 'Europe/Paris' },
        { field: 'weekStartsOn', from: 'MONDAY', to: 'SUNDAY' },
        { field: 'requireAssignee', from: false, to: true },
        { field: 'taskRetentionDays', from: 30, to: null },
        { field: 'emailOnUnknownOutcome', from: 'RETRY', to: 'HOLD' },
      ],
    });
  });

  it('and what is absent, or so already, is left alone: nothing is told then', async () => {
    expect((await update({ taskRetentionDays: 1 })).organization).toEqual({ ...PLAIN, taskRetentionDays: 1 });
    const before = await cursor();
    expect((await update({})).organization).toEqual({ ...PLAIN, taskRetentionDays: 1 });
    expect((await update({ taskRetentionDays: 1, name: ' Ours ', timeZone: 'UTC' })).errors).toEqual([]);
    expect(await cursor()).toBe(before);
    expect([...(await jobs()).keys()]).toEqual([]);
  });

  it('and null is refused but for the days, with all else that is wrong, and nothing is changed', async () => {
    const before = await cursor();
    expect(
      await refused({
        timeZone: null,
        weekStartsOn: null,
        requireAssignee: null,
        emailOnUnknownOutcome: null,
        name: '',
      }),
    ).toEqual([
      ...['INVALID timeZone', 'INVALID weekStartsOn', 'INVALID requireAssignee', 'INVALID emailOnUnknownOutcome'],
      'INVALID name',
    ]);
    expect(await refused({ name: null })).toEqual(['INVALID name']);
    expect(await refused({ name: 'x'.repeat(256), requireAssignee: true })).toEqual(['INVALID name']);
    for (const taskRetentionDays of [0, -1, 36_501]) {
      expect(await refused({ taskRetentionDays })).toEqual(['INVALID taskRetentionDays']);
    }
    expect((await update({ taskRetentionDays: 36_500 })).errors).toEqual([]);
    expect((await update({ taskRetentionDays: 30 })).organization).toEqual(PLAIN);
    expect(await cursor()).not.toBe(before);
  });

  it('and nobody else does; nobody but admins reads of it', async () => {
    const { gateway, member } = world();
    const { errors } = await gateway.send(member, UPDATE, { input: { name: 'Mine' } });
    expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
    await update({ name: 'Hers' });
    expect(await lastEvent(member)).toBeNull();
    expect(await lastEvent()).not.toBeNull();
  });

  it('and of another organization nothing changes', async () => {
    const { prisma, other } = world();
    const theirs = () => prisma.organization.findUniqueOrThrow({ where: { id: other.organization.id } });
    const assistant = () => prisma.user.findUniqueOrThrow({ where: { id: other.organization.assistantId } });
    const before = [await theirs(), await assistant()];
    await prisma.user.update({ where: { id: other.organization.assistantId }, data: { name: 'Ours Assistant' } });
    await update({ name: 'Ours & Co', timeZone: 'Asia/Tokyo' });
    expect((await assistant()).name).toBe('Ours Assistant');
    await prisma.user.update({ where: { id: other.organization.assistantId }, data: { name: 'Theirs Assistant' } });
    expect([await theirs(), await assistant()]).toEqual(before);
    await update({ name: 'Ours' });
  });

  it('by as many statements as it takes, whatever follows', async () => {
    const { gateway, admin } = world();
    const sent = await gateway.statementsOf(() =>
      gateway.ask(admin, UPDATE, { input: { name: 'Ours & Co', timeZone: 'Asia/Tokyo' } }),
    );
    expect(sent).toEqual([
      ...['auth.standingsByUser', 'BEGIN', 'organization.lockSettings', 'organization.writeSettings'],
      ...['organization.renameAssistant', 'work.schedule', 'event.append', 'COMMIT'],
      'organization.byIds',
    ]);
    await update({ name: 'Ours' });
  });
});

it('the assistant is called after the organization, unless it is called otherwise', async () => {
  const { prisma, organization } = world();
  const where = { id: organization.assistantId };
  const called = async () => (await prisma.user.findUniqueOrThrow({ where })).name;
  await update({ name: 'Parsa' });
  expect(await called()).toBe('Parsa Assistant');
  await prisma.user.update({ where, data: { name: 'Robin' } });
  await update({ name: 'Ours' });
  expect(await called()).toBe('Robin');
  await prisma.user.update({ where, data: { name: 'Ours Assistant' } });
});

describe('from a wish for assignees follows', () => {
  it('that tasks without one are refused: new, changed, to follow, and in bulk [THENA-T04]', async () => {
    const writes = writesOf(world(), world().admin);
    const free = { title: 'Call', accountId: account };
    const there = await task();
    const taken = await task({ assigneeId: world().member.userId });
    expect((await update({ requireAssignee: true })).organization?.requireAssignee).toBe(true);
    expect(refusals(await writes.create(free))).toEqual(['INVALID assigneeId']);
    expect(refusals(await writes.update(taken, { assigneeId: null }))).toEqual(['INVALID patch.assigneeId']);
    expect(refusals(await writes.complete(taken, { followUp: free }))).toEqual(['INVALID followUp.assigneeId']);
    const bulk = bulkOf(world(), world().admin);
    const filter = { accountId: { eq: account } };
    expect(bulkRefusals(await bulk.update({ filter, set: { assigneeId: null } }))).toEqual([`INVALID filter.${taken}`]);
    // What has none stays as it is, and can be worked on.
    expect(granted(await writes.update(there, { title: 'Write' }))).toMatchObject({ title: 'Write', assignee: null });
    expect(changed(await bulk.update({ filter, set: { date: '2026-03-12' } })).updated).toBe(2);
    await update({ requireAssignee: false });
    expect(granted(await writes.create(free)).assignee).toBeNull();
    expect(granted(await writes.update(taken, { assigneeId: null })).assignee).toBeNull();
  });

  it('nothing for what the system makes [THENA-T04]', async () => {
    await update({ requireAssignee: true });
    const { gateway, admin } = world();
    const answer = await gateway.ask<{ recordCall: unknown }, object>(
      admin,
      `mutation { recordCall(input: { externalId: "1", direction: INBOUND, outcome: MISSED, at: "2026-03-10T10:00:00Z" }) {
        task { _type assignee { id } } errors { code path }
      } }`,
    );
    expect(answer.recordCall).toEqual({ task: { _type: 'MISSED_CALL', assignee: null }, errors: [] });
  });
});

describe('from a new zone follows', () => {
  it('where members who chose none are, at once', async () => {
    const { gateway, member, organization } = world();
    const own = await gateway.member(organization, { email: 'own@ours.example', timeZone: 'Asia/Tokyo' });
    await update({ timeZone: 'America/New_York' });
    expect((await gateway.ask(member, VIEWER)).viewer.timeZone).toBe('America/New_York');
    expect((await gateway.ask(own, VIEWER)).viewer.timeZone).toBe('Asia/Tokyo');
  });

  it('where undone tasks of a day stand in timelines: at its beginning there [PARSA-14]', async () => {
    const day = { date: '2026-01-12' };
    const [open, cancelled, done, instant, undated, binned] = [
      await task({ title: 'day', ...day }),
      await task({ ...day, status: 'CANCELLED' }),
      await task({ ...day, status: 'COMPLETED' }),
      await task({ title: 'instant', date: '2026-01-12T04:00:00Z' }),
      await task(),
      await task(day),
    ] as const;
    const writes = writesOf(world(), world().admin);
    await writes.remove(binned);
    for (const id of [cancelled, done, undated]) {
      expect((await rowOf(id)).version, 'as they are').toBe(1);
    }
    const titles = async () => {
      const { account: shown } = await world().gateway.ask(world().admin, TIMELINE, { id: account });
      return shown?.timeline.nodes.flatMap(({ item }) =>
        item.__typename === 'Task' && ['day', 'instant'].includes(item.title) ? [item.title] : [],
      );
    };
    expect(await titles()).toEqual(['instant', 'day']);
    const [before, same] = [await cursor(), await Promise.all([done, instant, undated].map(rowOf))];
    await update({ timeZone: 'America/New_York' });
    const told = await cursor();
    expect(told).not.toBe(before);
    expect(await rezoned()).toEqual([60_000]);
    for (const id of [open, cancelled, binned]) {
      expect((await rowOf(id)).timelineAt).toEqual(new Date('2026-01-12T05:00:00Z'));
    }
    expect(await Promise.all([done, instant, undated].map(rowOf))).toEqual(same);
    expect(await titles()).toEqual(['day', 'instant']);
    // It is no change of theirs.
    expect([(await rowOf(open)).version, await cursor()]).toEqual([1, told]);
  });

  it('the same for what was being written by the old one meanwhile, by a second look a minute later', async () => {
    const id = await task({ date: '2026-01-12' });
    const { prisma, organization, gateway } = world();
    await update({ timeZone: 'Asia/Tokyo' });
    const first = (await jobs()).get('task.rezone')?.payload as unknown as Place;
    const { runtime } = gateway.app;
    const step = (place: typeof first) =>
      runtime.db.transaction(organization.id, (tx) => rezoneSome(runtime, tx, place));
    expect((await step(first))?.place).toEqual({ sweep: 1, stage: 'REMINDER', after: '0' });
    const where = { organizationId_id: { organizationId: organization.id, id: (await rowOf(id)).id } };
    await prisma.task.update({ where, data: { timelineAt: new Date('2026-01-12T00:00:00Z') } });
    await rezoned();
    expect((await rowOf(id)).timelineAt).toEqual(new Date('2026-01-11T15:00:00Z'));
  });

  it('the same for however many, a batch a transaction, the same statements for each', async () => {
    const days = Array.from({ length: 25 }, (_, n) => ({ day: `2026-01-${String(n + 1).padStart(2, '0')}` }));
    await world().tasks(days);
    const { prisma, organization, gateway } = world();
    await update({ timeZone: 'Asia/Tokyo' });
    const { runtime } = gateway.app;
    let place = (await jobs()).get('task.rezone')?.payload as unknown as Place;
    const sent: string[][] = [];
    while (place.stage === 'TASK') {
      const from = place;
      await gateway
        .statementsOf(() =>
          runtime.db.transaction(organization.id, async (tx) => {
            place = (await rezoneSome(runtime, tx, from, 10))?.place ?? place;
          }),
        )
        .then((names) => sent.push(names));
    }
    const names = ['BEGIN', 'organization.timeZone', 'rezone.tasks', 'rezone.lock', 'rezone.write', 'COMMIT'];
    expect(sent).toEqual([names, names, names]);
    const rows = await prisma.task.findMany({ where: { organizationId: organization.id } });
    expect(rows.map(({ dueOn, timelineAt }) => (dueOn?.getTime() ?? 0) - timelineAt.getTime())).toEqual(
      Array(25).fill(9 * 3_600_000),
    );
    // Once more it finds nothing astray, and locks nothing.
    const again = await gateway.statementsOf(() =>
      runtime.db.transaction(organization.id, (tx) =>
        rezoneSome(runtime, tx, { sweep: 1, stage: 'TASK', after: '0' }, 100),
      ),
    );
    expect(again).toEqual(['BEGIN', 'organization.timeZone', 'rezone.tasks', 'COMMIT']);
  });

  it('when whoever chose none is reminded before a date; those who chose one, and what is sent, stay [PARSA-15]', async () => {
    const { gateway, prisma, organization, admin, member } = world();
    const tokyo = await gateway.member(organization, { email: 'tok@ours.example', timeZone: 'Asia/Tokyo' });
    const remind = async (id: string, reminders: UpdateReminders) =>
      expect((await gateway.ask(admin, REMIND, { input: { id, reminders } })).setReminders.errors).toEqual([]);
    type UpdateReminders = { before?: string; at?: string }[];
    const [theirs, own] = [
      await task({ date: '2026-05-12', assigneeId: member.userId }),
      await task({ date: '2026-05-12', assigneeId: tokyo.userId }),
    ];
    for (const id of [theirs, own])
      await remind(id, [{ before: 'PT1H' }, { before: 'P1D' }, { at: '2026-05-01T00:00:00Z' }]);
    const times = async (id: string) => {
      const where = { organizationId: organization.id, taskId: (await rowOf(id)).id };
      const rows = await prisma.reminder.findMany({ where, orderBy: { remindAt: 'asc' } });
      return rows.map(({ remindAt }) => remindAt?.toISOString().slice(5, 16));
    };
    expect(await times(theirs)).toEqual(['05-01T00:00', '05-11T09:00', '05-12T08:00']);
    const sentId = (await rowOf(theirs)).id;
    await prisma.reminder.updateMany({
      where: { organizationId: organization.id, taskId: sentId, before: 'P1D' },
      data: { sentAt: new Date('2026-05-11T09:00:00Z') },
    });
    const before = await times(own);
    await update({ timeZone: 'America/New_York' });
    await prisma.job.deleteMany({ where: { organizationId: organization.id, kind: 'task.reminders' } });
    await rezoned();
    expect(await times(theirs)).toEqual(['05-01T00:00', '05-11T09:00', '05-12T12:00']);
    expect(await times(own)).toEqual(before);
    expect((await jobs()).get('task.reminders')?.dueAt).toEqual(new Date('2026-05-12T12:00:00Z'));
    await prisma.reminder.deleteMany({ where: { organizationId: organization.id } });
  });

  it('when what is due is made: at 06:00 there, at once where that has passed today [CLOSE-22]', async () => {
    const inHours = async () => {
      const { dueAt } = (await jobs()).get(OPPORTUNITY_DUE) ?? {};
      return Math.round(((dueAt?.getTime() ?? Number.NaN) - Date.now()) / 360_000) / 10 + 0;
    };
    // It is 11:00 in UTC: 04:00 in Los Angeles, 20:00 in Tokyo, past midnight in Kiritimati, 01:00 in Honolulu.
    for (const [timeZone, hours] of [
      ['America/Los_Angeles', 2],
      ['Asia/Tokyo', 0],
      ['Pacific/Kiritimati', 5],
      ['Pacific/Honolulu', 5],
    ] as const) {
      await update({ timeZone });
      expect([timeZone, await inHours()]).toEqual([timeZone, hours]);
    }
  });

  it('nothing of that from any other change', async () => {
    await update({ weekStartsOn: 'SUNDAY', taskRetentionDays: 7, requireAssignee: true, name: 'Ours & Co' });
    expect([...(await jobs()).keys()]).toEqual([]);
    await update({ name: 'Ours' });
  });
});

it('from other days of retention follows when each task expires, and what its job deletes [CLOSE-04]', async () => {
  const { gateway, admin, organization, prisma } = world();
  const completedAt = new Date(Date.now() - 20 * 86_400_000);
  const [call] = await world().tasks([{ kind: 'MISSED_CALL', status: 'COMPLETED' }]);
  const where = { organizationId_id: { organizationId: organization.id, id: call?.id as bigint } };
  await prisma.task.update({ where, data: { completedAt } });
  const expires = async () => (await gateway.ask(admin, EXPIRES, { id: call?.key as string })).task?.expiresAt ?? null;
  const after = (days: number) => new Date(completedAt.getTime() + days * 86_400_000).toISOString();
  expect(await expires()).toBe(after(30));
  await update({ taskRetentionDays: null });
  expect(await expires()).toBeNull();
  await update({ taskRetentionDays: 21 });
  expect(await expires()).toBe(after(21));
  await retained(world());
  expect(await expires()).toBe(after(21));
  await update({ taskRetentionDays: 19 });
  expect(await expires()).toBe(after(19));
  await retained(world());
  expect(await prisma.task.count({ where: { organizationId: organization.id } })).toBe(0);
});
