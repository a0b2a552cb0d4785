import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { spreadProfile } from '../../src/organization/profile/kind.ts';
import { rezoneReminders } from '../../src/task/reminder/rezone.ts';
import { jobSource } from '../../src/work/job/jobs.ts';
import { Worker } from '../../src/work/worker.ts';
import type { UpdateViewerInput } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { userIdOf } from '../notification/membership.ts';
import { type Office, openOffice } from '../notification/office.ts';
import { type Caller, useGateway } from '../support/gateway.ts';

const gateway = useGateway();
let office: Office;
/** Where Max works too. */
let elsewhere: Office;
let max: Caller;
let maxElsewhere: Caller;
let userId: bigint;

beforeAll(async () => {
  [office, elsewhere] = [await openOffice(gateway()), await openOffice(gateway())];
  max = office.member;
  userId = await userIdOf(gateway(), max);
  const { email } = await gateway().app.runtime.db.prisma.user.findUniqueOrThrow({ where: { id: userId } });
  maxElsewhere = await gateway().member(elsewhere.organization, { email: email as string });
});

const Update = graphql(`
  mutation UpdateViewer($input: UpdateViewerInput!) {
    updateViewer(input: $input) {
      viewer { user { name timeZone } timeZone mutedKinds }
      errors { code path message }
    }
  }
`);
const Me = graphql(`query UpdateViewerMe { viewer { user { name timeZone } timeZone mutedKinds } }`);

const update = async (input: UpdateViewerInput, who = max, headers: Record<string, string> = {}) =>
  (await gateway().ask(who, Update, { input }, headers)).updateViewer;
const refused = async (input: UpdateViewerInput) => {
  const { viewer, errors } = await update(input);
  expect(viewer).toBeNull();
  return errors.map(({ code, path }) => `${code} ${path.join('.')}`.trim());
};
const me = async (who = max) => (await gateway().ask(who, Me)).viewer;

const eventsOf = async ({ organization }: Office) =>
  gateway().app.runtime.db.prisma.event.findMany({
    where: { organizationId: organization.id, kind: 'MEMBERSHIP_CHANGED', subjectId: userId, actorId: userId },
    orderBy: { seq: 'asc' },
  });
const changesOf = async (where: Office) => (await eventsOf(where)).map(({ changes }) => changes);
const forget = () =>
  gateway().app.runtime.db.prisma.$executeRawUnsafe(
    `/* test.forget */ DELETE FROM event WHERE kind = 'MEMBERSHIP_CHANGED'`,
  );

const workers: Worker[] = [];
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop(1_000);
});

const jobs = () =>
  gateway().app.runtime.db.prisma.$queryRawUnsafe<unknown[]>(
    `/* test.jobs */ SELECT kind FROM job WHERE kind = ANY ($1)`,
    [spreadProfile.name, rezoneReminders().name],
  );
/** Has a worker do all that follows from a change, a task a transaction. */
async function settle() {
  const worker = new Worker(
    gateway().app.runtime,
    [jobSource(gateway().app.runtime, [spreadProfile, rezoneReminders(1)])],
    {
      pollMs: 20,
    },
  );
  workers.push(worker);
  worker.start();
  await expect.poll(jobs, { timeout: 10_000 }).toEqual([]);
}

describe('a person', () => {
  it('changes their name and zone in all of their organizations, and what they mute in this one', async () => {
    await forget();
    const { viewer, errors } = await update({
      name: ' Maximilian ',
      timeZone: 'Asia/Tokyo',
      mutedKinds: ['MENTIONED'],
    });
    expect(errors).toEqual([]);
    const person = { user: { name: 'Maximilian', timeZone: 'Asia/Tokyo' }, timeZone: 'Asia/Tokyo' };
    expect(viewer).toEqual({ ...person, mutedKinds: ['MENTIONED'] });
    expect(await me()).toEqual(viewer);
    expect(await me(maxElsewhere)).toEqual({ ...person, mutedKinds: [] });
  });

  it('is told of by the log of each of their organizations, once; of what they mute nothing is', async () => {
    await settle();
    const changes = [
      { field: 'name', from: 'Max', to: 'Maximilian' },
      { field: 'timeZone', from: null, to: 'Asia/Tokyo' },
    ];
    expect(await changesOf(office)).toEqual([changes]);
    expect(await changesOf(elsewhere)).toEqual([changes]);
    expect((await eventsOf(elsewhere))[0]).toMatchObject({ actorKind: 'USER', subjectType: 'MEMBERSHIP' });
    await update({ mutedKinds: [] });
    expect(await jobs()).toEqual([]);
    expect((await eventsOf(office)).length).toBe(1);
  });

  it('who changes twice before anyone was told is told of twice, in order', async () => {
    await forget();
    await update({ name: 'One' });
    await update({ name: 'Two' });
    await settle();
    const names = (changes: unknown) => (changes as { to: string }[]).map(({ to }) => to);
    expect((await changesOf(office)).map(names)).toEqual([['One'], ['Two']]);
    expect((await changesOf(elsewhere)).map(names)).toEqual([['One'], ['Two']]);
  });

  it('is left alone where nothing is said, or nothing new', async () => {
    await forget();
    const before = await me();
    expect((await update({})).viewer).toEqual(before);
    const { user, mutedKinds } = before;
    expect((await update({ ...user, mutedKinds })).viewer).toEqual(before);
    expect([await changesOf(office), await jobs()]).toEqual([[], []]);
  });

  it('without a zone follows the organization’s, and the header of a request goes before both', async () => {
    const headers = { 'x-time-zone': 'America/Lima' };
    expect((await update({ timeZone: 'Asia/Tokyo' }, max, headers)).viewer).toMatchObject({
      user: { timeZone: 'Asia/Tokyo' },
      timeZone: 'America/Lima',
    });
    expect((await update({ timeZone: null })).viewer).toMatchObject({ user: { timeZone: null }, timeZone: 'UTC' });
    expect(await me()).toMatchObject({ user: { timeZone: null }, timeZone: 'UTC' });
    await settle();
  });

  it('is answered as they are then by what follows in the same document', async () => {
    const { read } = await gateway().ask<{ read: { viewer: unknown } }, object>(
      max,
      `mutation {
        updateViewer(input: { timeZone: "Asia/Tokyo", mutedKinds: [TASK_COMMENTED] }) { errors { code } }
        read: markNotificationsRead(input: { all: true }) { viewer { timeZone mutedKinds user { timeZone } } }
      }`,
    );
    const zone = { timeZone: 'Asia/Tokyo', user: { timeZone: 'Asia/Tokyo' } };
    expect(read.viewer).toEqual({ ...zone, mutedKinds: ['TASK_COMMENTED'] });
    await update({ timeZone: null, mutedKinds: [] });
    await settle();
  });

  it('may be a viewer', async () => {
    const vera = await gateway().member(office.organization, { email: 'vera@profile.example', role: 'VIEWER' });
    expect((await update({ name: 'Vera', mutedKinds: ['MENTIONED'] }, vera)).viewer).toMatchObject({
      user: { name: 'Vera' },
      mutedKinds: ['MENTIONED'],
    });
  });

  it('has a name that can be one, and mutes nothing by an empty list', async () => {
    const before = await me();
    for (const name of ['', '  ', 'x'.repeat(256), 'a\u0000b', '\ud800', null])
      expect(await refused({ name, timeZone: 'Asia/Tokyo' })).toEqual(['INVALID name']);
    expect(await refused({ mutedKinds: null, name: '' })).toEqual(['INVALID name', 'INVALID mutedKinds']);
    expect((await update({ name: '🙂'.repeat(255) })).errors).toEqual([]);
    await update({ name: before.user.name });
    expect(await me()).toEqual(before);
    await settle();
  });

  it('is not what an API key is: it has no profile', async () => {
    const { createApiKey } = await gateway().ask<{ createApiKey: { secret: string } }, object>(
      office.admin,
      'mutation { createApiKey(input: { name: "Robot", role: ADMIN }) { secret } }',
    );
    const key = { 'x-api-key': createApiKey.secret };
    const { data } = await gateway().send(null, Update, { input: { name: 'Other' } }, key);
    expect(data?.updateViewer).toMatchObject({ viewer: null, errors: [{ code: 'NOT_ALLOWED', path: [] }] });
    expect((await gateway().send(null, Me, {}, key)).data?.viewer.user.name).toBe('Robot');
  });
});

describe('the reminders of a person who moves', () => {
  const plans = async ({ organization }: Office) => {
    const rows = await gateway().app.runtime.db.prisma.reminder.findMany({
      where: { organizationId: organization.id },
      orderBy: { id: 'asc' },
    });
    return rows.map(({ remindAt }) => remindAt?.toISOString());
  };
  const remind = async (where: Office, who: Caller | null, reminder: string, date = '2031-05-01') => {
    const id = await where.create({ title: 'Call', date, assigneeId: who?.userId ?? null, notify: false });
    const set = `setReminders(input: { id: "${id}", reminders: [${reminder}] }) { errors { message } }`;
    expect(await gateway().ask(where.admin, `mutation { ${set} }`)).toEqual({ setReminders: { errors: [] } });
    return id;
  };
  const DAY_BEFORE = '{ before: "P1D" }';

  it('follow their days to the new zone, in each of their organizations, and no one else’s do', async () => {
    await remind(office, max, DAY_BEFORE);
    await remind(office, max, DAY_BEFORE, '2031-06-01');
    await remind(office, max, '{ at: "2031-01-01T00:00:00Z" }');
    await remind(office, office.admin, DAY_BEFORE);
    await remind(office, null, DAY_BEFORE);
    await remind(elsewhere, max, DAY_BEFORE);
    const hers = ['2031-01-01T00:00:00.000Z', '2031-04-30T09:00:00.000Z', '2031-04-30T09:00:00.000Z'];
    expect(await plans(office)).toEqual(['2031-04-30T09:00:00.000Z', '2031-05-31T09:00:00.000Z', ...hers]);
    await update({ timeZone: 'Asia/Tokyo' });
    await settle();
    expect(await plans(office)).toEqual(['2031-04-30T00:00:00.000Z', '2031-05-31T00:00:00.000Z', ...hers]);
    expect(await plans(elsewhere)).toEqual(['2031-04-30T00:00:00.000Z']);
  });

  it('are sent when they are due there: the job that sends them is due no later', async () => {
    const due = async () => {
      const text = `/* test.due */ SELECT due_at AS "dueAt" FROM job WHERE organization_id = $1 AND kind = 'task.reminders'`;
      const { prisma } = gateway().app.runtime.db;
      return (await prisma.$queryRawUnsafe<{ dueAt: Date }[]>(text, elsewhere.organization.id))[0]?.dueAt;
    };
    expect(await due()).toEqual(new Date('2031-04-30T00:00:00Z'));
  });

  it('that were sent stay sent, and the log tells of no task', async () => {
    const where = { organizationId: elsewhere.organization.id };
    const { reminder, event } = gateway().app.runtime.db.prisma;
    const sentAt = new Date('2031-04-30T00:00:00Z');
    await reminder.updateMany({ where, data: { sentAt } });
    const told = await event.count({ where: { ...where, subjectType: 'TASK' } });
    await update({ timeZone: 'America/Los_Angeles' });
    await settle();
    expect(await plans(elsewhere)).toEqual(['2031-04-30T00:00:00.000Z']);
    expect(await plans(office)).toContain('2031-04-30T16:00:00.000Z');
    expect((await reminder.findFirstOrThrow({ where })).sentAt).toEqual(sentAt);
    expect(await event.count({ where: { ...where, subjectType: 'TASK' } })).toBe(told);
  });
});

it('takes as many statements to change whatever one is reminded of, and wherever one works', async () => {
  const statements = async (input: UpdateViewerInput) =>
    (await gateway().statementsOf(() => update(input))).filter((name) => !name.startsWith('auth.'));
  const wrote = (...names: string[]) => ['BEGIN', 'profile.lock', ...names, 'COMMIT', 'organization.users'];
  expect(await statements({ name: 'Max', timeZone: 'Asia/Tokyo' })).toEqual(
    wrote('UPDATE user', 'work.schedule', 'event.append'),
  );
  expect(await statements({ mutedKinds: ['MENTIONED'] })).toEqual(wrote('UPDATE membership'));
  expect(await statements({ mutedKinds: ['MENTIONED'] })).toEqual(wrote());
});
