import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { granted, lastEvents, least, refusals, writesOf } from '../../activity/writes.ts';
import { graphql } from '../../generated/index.ts';
import { type Known, useWorld } from '../world.ts';
import { linkedTo, made, plantKinds, recorded } from './planted.ts';

const READ = graphql(`
  query KindsLinked($id: ID!) {
    task(id: $id) {
      linkedRecord { id } account { id } contact { id } lead { id } opportunity { id } version
      history(first: 1) { nodes { kind actor { id } changes { field from to } } }
    }
  }
`);

const world = useWorld();
const activities = () => writesOf(world(), world().member);
const link = async ({ key }: Known, linkedRecordId: string | null) =>
  granted(await activities().update(key, { linkedRecordId }));
const read = async ({ key }: Known) => {
  const { task } = await world().gateway.ask(world().admin, READ, { id: key });
  if (!task) throw new Error('There is no such task.');
  const { history, ...rest } = task;
  return { ...rest, last: history.nodes[0] };
};
const none = { linkedRecord: null, account: null, contact: null, lead: null, opportunity: null };
const written = () =>
  world().prisma.organizationLog.findUniqueOrThrow({ where: { organizationId: world().organization.id } });

let account: Known;
let contact: Known;
let lead: Known;
beforeAll(async () => {
  account = await world().record('ACCOUNT');
  contact = await world().record('CONTACT', { accountId: account.id });
  lead = await world().record('LEAD');
});

describe('linking a recorded activity later', () => {
  it('gives it the record’s account, and links the task that the system made of it, in one transaction [CLOSE-20] [CLOSE-47]', async () => {
    const call = await recorded(world(), 'CALL');
    const task = await made(world(), 'ANSWERED_DETACHED_CALL', { activityId: call.id });
    expect(await read(task)).toMatchObject({ ...none, version: 1 });
    expect(await link(call, contact.key)).toMatchObject({
      account: { id: account.key },
      linkedRecord: { id: contact.key },
      version: 2,
    });
    expect(await read(task)).toEqual({
      ...none,
      linkedRecord: { id: contact.key },
      contact: { id: contact.key },
      account: { id: account.key },
      version: 2,
      last: {
        kind: 'TASK_UPDATED',
        actor: { id: world().member.userId },
        changes: [{ field: 'linkedRecordId', from: null, to: contact.key }],
      },
    });
    const [activity, own] = await lastEvents(world(), 2);
    expect(activity).toMatchObject({
      kind: 'ACTIVITY_UPDATED',
      changes: [
        { field: 'accountId', from: null, to: account.key },
        { field: 'linkedRecordId', from: null, to: contact.key },
      ],
    });
    expect([own?.imageBefore, own?.imageAfter]).toMatchObject([
      { linked_type: null, contact_id: null, account_id: null, version: 1 },
      { linked_type: 'CONTACT', contact_id: Number(contact.id), account_id: Number(account.id), version: 2 },
    ]);
  });

  it('links tasks of each kind that comes of an activity, and no others', async () => {
    const { tasks, activities: of, opportunity } = await plantKinds(world());
    const kinds = {
      INCOMING_EMAIL: of.email,
      EMAIL_FOLLOWUP: of.sent,
      MISSED_CALL: of.missed,
      ANSWERED_DETACHED_CALL: of.answered,
      VOICEMAIL: of.voicemail,
      INCOMING_SMS: of.sms,
    } as const;
    for (const [kind, activity] of Object.entries(kinds)) {
      await link(activity, lead.key);
      const task = tasks[kind as keyof typeof kinds];
      expect(await read(task), kind).toMatchObject({ ...none, linkedRecord: { id: lead.key }, lead: { id: lead.key } });
    }
    expect(await read(tasks.OPPORTUNITY_DUE)).toMatchObject({ linkedRecord: { id: opportunity.key }, version: 1 });
    expect((await read(tasks.LEAD)).linkedRecord).toBeNull();
  });

  it('links a thread’s task by another e-mail than its first too, while it has no link', async () => {
    const { tasks, activities: of } = await plantKinds(world());
    const task = tasks.INCOMING_EMAIL;
    await link(of.second, contact.key);
    expect(await read(task)).toMatchObject({
      ...{ linkedRecord: { id: contact.key }, account: { id: account.key }, version: 2 },
      last: { changes: [{ field: 'linkedRecordId', from: null, to: contact.key }] },
    });
    await link(of.second, lead.key);
    await link(of.second, null);
    expect(await read(task)).toMatchObject({ linkedRecord: { id: contact.key }, version: 2 });
    await link(of.email, lead.key);
    expect(await read(task)).toMatchObject({ linkedRecord: { id: lead.key }, version: 3 });
  });

  it('leaves the tasks alone that people made of it', async () => {
    const call = await recorded(world(), 'CALL');
    const todo = await made(world(), 'LEAD', { activityId: call.id, ...linkedTo('LEAD', lead, {}) });
    await link(call, contact.key);
    expect(await read(todo)).toMatchObject({ linkedRecord: { id: lead.key }, version: 1 });
  });

  it('links what is complete, and what is in the bin', async () => {
    const call = await recorded(world(), 'CALL');
    const done = await made(world(), 'MISSED_CALL', { activityId: call.id, status: 'COMPLETED' });
    const binned = await made(world(), 'MISSED_CALL', { activityId: call.id, deletedAt: new Date() });
    await link(call, contact.key);
    for (const task of [done, binned])
      expect(await read(task)).toMatchObject({ contact: { id: contact.key }, version: 2 });
  });

  it('gives it no account where the record has none, and does so once it has', async () => {
    const call = await recorded(world(), 'CALL');
    const task = await made(world(), 'MISSED_CALL', { activityId: call.id });
    const prospect = await world().record('LEAD');
    expect(await link(call, prospect.key)).toMatchObject({ account: null, linkedRecord: { id: prospect.key } });
    const where = { organizationId_id: { organizationId: world().organization.id, id: prospect.id } };
    await world().prisma.lead.update({ where, data: { convertedAccountId: account.id } });
    expect(await link(call, prospect.key)).toMatchObject({ account: { id: account.key }, version: 3 });
    expect(await read(task)).toMatchObject({ lead: { id: prospect.key }, version: 2 });
  });

  it('to a record of another account puts right what was matched wrongly: its account too, and its tasks', async () => {
    const call = await recorded(world(), 'CALL', { accountId: account.id, ...linkedTo('CONTACT', contact) });
    const task = await made(world(), 'MISSED_CALL', { activityId: call.id, ...linkedTo('CONTACT', contact) });
    const other = await world().record('ACCOUNT');
    const elsewhere = await world().record('CONTACT', { accountId: other.id });
    expect(await link(call, elsewhere.key)).toMatchObject({
      ...{ account: { id: other.key }, linkedRecord: { id: elsewhere.key }, version: 2 },
    });
    expect(await read(task)).toMatchObject({
      ...{
        linkedRecord: { id: elsewhere.key },
        contact: { id: elsewhere.key },
        account: { id: other.key },
        version: 2,
      },
    });
    const [activity] = await lastEvents(world(), 2);
    expect(activity).toMatchObject({
      kind: 'ACTIVITY_UPDATED',
      changes: [
        { field: 'accountId', from: account.key, to: other.key },
        { field: 'linkedRecordId', from: contact.key, to: elsewhere.key },
      ],
    });
    expect(await link(call, account.key)).toMatchObject({ account: { id: account.key } });
  });

  it('to a record without an account leaves it its own', async () => {
    const call = await recorded(world(), 'CALL', { accountId: account.id });
    const task = await made(world(), 'MISSED_CALL', { activityId: call.id, ...linkedTo('ACCOUNT', account) });
    expect(await link(call, lead.key)).toMatchObject({ account: { id: account.key } });
    expect(await read(task)).toMatchObject({ linkedRecord: { id: lead.key }, account: null, lead: { id: lead.key } });
  });

  it('to the same record again changes nothing, though that has moved to another account', async () => {
    const mover = await world().record('CONTACT', { accountId: account.id });
    const call = await recorded(world(), 'CALL', { accountId: account.id, ...linkedTo('CONTACT', mover) });
    const where = { organizationId_id: { organizationId: world().organization.id, id: mover.id } };
    await world().prisma.contact.update({ where, data: { accountId: (await world().record('ACCOUNT')).id } });
    expect(await link(call, mover.key)).toMatchObject({ account: { id: account.key }, version: 1 });
  });

  it('never changes the account of what people logged: a record of another one is refused, and nothing is written [THENA-A24]', async () => {
    const { id } = granted(await activities().create(least(account.key)));
    const elsewhere = await world().record('CONTACT', { accountId: (await world().record('ACCOUNT')).id });
    const before = await written();
    expect(refusals(await activities().update(id, { linkedRecordId: elsewhere.key }))).toEqual([
      'INVALID patch.linkedRecordId',
    ]);
    expect(await written()).toEqual(before);
  });

  it('never gives an account to what was not recorded, since that has one, nor touches its tasks', async () => {
    const { id } = granted(
      await activities().create({
        accountId: account.key,
        activityTimestamp: '2026-03-01T10:00:00.000Z',
        duration: 0,
        location: 'Phone',
      }),
    );
    const sent = await world().gateway.statementsOf(() => activities().update(id, { linkedRecordId: contact.key }));
    expect(sent).not.toContain('task.linkMade');
  });

  it('of a record in the bin is refused', async () => {
    const call = await recorded(world(), 'CALL');
    const gone = await world().record('CONTACT', { accountId: account.id, deletedAt: new Date() });
    expect(refusals(await activities().update(call.key, { linkedRecordId: gone.key }))).toEqual([
      'INVALID patch.linkedRecordId',
    ]);
  });
});

describe('unlinking it', () => {
  it('leaves its account, to which the tasks are linked then', async () => {
    const call = await recorded(world(), 'CALL');
    const task = await made(world(), 'VOICEMAIL', { activityId: call.id });
    await link(call, contact.key);
    expect(await link(call, null)).toMatchObject({ account: { id: account.key }, linkedRecord: null });
    expect(await read(task)).toMatchObject({
      ...none,
      linkedRecord: { id: account.key },
      account: { id: account.key },
      last: { changes: [{ field: 'linkedRecordId', from: contact.key, to: account.key }] },
    });
  });

  it('links the tasks to nothing where it has none, or that is in the bin', async () => {
    const call = await recorded(world(), 'CALL');
    const task = await made(world(), 'VOICEMAIL', { activityId: call.id });
    await link(call, lead.key);
    await link(call, null);
    expect(await read(task)).toMatchObject({ ...none, version: 3 });
    const gone = await world().record('ACCOUNT', { deletedAt: new Date() });
    const sms = await recorded(world(), 'SMS', { accountId: gone.id, ...{ linkedType: 'LEAD', leadId: lead.id } });
    const of = await made(world(), 'INCOMING_SMS', { activityId: sms.id, ...linkedTo('LEAD', lead) });
    await link(sms, null);
    expect(await read(of)).toMatchObject({ ...none, version: 2 });
  });

  it('of what is not linked changes nothing', async () => {
    const call = await recorded(world(), 'CALL');
    const task = await made(world(), 'MISSED_CALL', { activityId: call.id });
    const before = await written();
    expect(await link(call, null)).toMatchObject({ version: 1 });
    expect(await written()).toEqual(before);
    expect(await read(task)).toMatchObject({ version: 1 });
  });
});

describe('what happens at the same time', () => {
  let session: pg.Client;
  beforeAll(async () => {
    session = new pg.Client({ connectionString: world().gateway.database.url });
    await session.connect();
  });
  afterAll(() => session.end());

  it('as its account is deleted links the tasks to nothing, rather than to what is gone', async () => {
    const doomed = await world().record('ACCOUNT');
    const person = await world().record('CONTACT', { accountId: doomed.id });
    const call = await recorded(world(), 'CALL');
    const task = await made(world(), 'MISSED_CALL', { activityId: call.id });
    await link(call, person.key);
    await session.query('BEGIN');
    await session.query('UPDATE account SET deleted_at = now() WHERE id = $1', [doomed.id]);
    const asked = link(call, null);
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(async () => (await session.query(waiting)).rowCount).toBe(1);
    await session.query('COMMIT');
    await asked;
    expect(await read(task)).toMatchObject({ ...none, version: 3 });
  });

  it('as it comes to an account while it is unlinked, the tasks come to that account', async () => {
    const call = await recorded(world(), 'CALL', { linkedType: 'LEAD', leadId: lead.id });
    const task = await made(world(), 'MISSED_CALL', { activityId: call.id, ...linkedTo('LEAD', lead) });
    await session.query('BEGIN');
    await session.query('UPDATE activity SET account_id = $2 WHERE id = $1', [call.id, account.id]);
    const asked = link(call, null);
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(async () => (await session.query(waiting)).rowCount).toBe(1);
    await session.query('COMMIT');
    expect(await asked).toMatchObject({ account: { id: account.key }, linkedRecord: null });
    expect(await read(task)).toMatchObject({
      ...none,
      linkedRecord: { id: account.key },
      account: { id: account.key },
    });
  });

  it('gives it one account, of many that link it to records of several', async () => {
    const call = await recorded(world(), 'CALL');
    const task = await made(world(), 'MISSED_CALL', { activityId: call.id });
    const people = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const { id, key: of } = await world().record('ACCOUNT');
        return { of, key: (await world().record('CONTACT', { accountId: id })).key };
      }),
    );
    const answers = await Promise.all(people.map(({ key }) => activities().update(call.key, { linkedRecordId: key })));
    expect(answers.flatMap((answer) => refusals(answer))).toEqual([]);
    const { account: its, linkedRecord, version } = await link(call, (await read(task)).linkedRecord?.id as string);
    expect(version).toBe(5);
    expect(people).toContainEqual({ of: its?.id, key: linkedRecord?.id });
    expect(await read(task)).toMatchObject({
      linkedRecord: { id: linkedRecord?.id },
      account: { id: its?.id },
      version: 5,
    });
  });
});

it('what is linked so is listed under the record, and goes into the bin with it and comes back', async () => {
  const person = await world().record('CONTACT', { accountId: account.id });
  const call = await recorded(world(), 'CALL');
  const task = await made(world(), 'MISSED_CALL', { activityId: call.id });
  await link(call, person.key);
  const { gateway, member } = world();
  const query = 'query ($id: ID!) { contact(id: $id) { tasks(filter: { _type: { any: true } }) { nodes { id } } } }';
  const listed = await gateway.ask<{ contact: { tasks: { nodes: object[] } } }, object>(member, query, {
    id: person.key,
  });
  expect(listed.contact.tasks.nodes).toEqual([{ id: task.key }]);
  const kinds = async (mutation: string) => {
    await gateway.ask(member, `mutation ($id: ID!) { ${mutation}(input: { id: $id }) { errors { message } } }`, {
      id: person.key,
    });
    return (await lastEvents(world(), 3)).map(({ kind }) => kind);
  };
  expect(await kinds('deleteContact')).toEqual(['RECORD_DELETED', 'ACTIVITY_DELETED', 'TASK_DELETED']);
  expect(await kinds('restoreContact')).toEqual(['RECORD_RESTORED', 'ACTIVITY_RESTORED', 'TASK_RESTORED']);
});
