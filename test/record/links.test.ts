import { beforeEach, describe, expect, it } from 'vitest';
import type { RecordType } from '../../src/db/generated/prisma/enums.ts';
import { encodeId } from '../../src/ids.ts';
import { relinkSome } from '../../src/record/relink/service.ts';
import { type Known, useWorld } from '../task/world.ts';
import { writesOf } from '../task/writes.ts';
import { granted, plantActivity, plantTask, recordsOf, TYPES, told } from './room.ts';

// What derives from the record that a task is linked to is stored with the task, and kept right when the record moves.

const world = useWorld();
const records = () => recordsOf(world(), world().admin);
const tasks = () => writesOf(world(), world().admin);
const where = () => ({ organizationId: world().organization.id });

let from: Known;
let to: Known;
let leads: [Known, Known];
beforeEach(async () => {
  [from, to] = [await world().record('ACCOUNT'), await world().record('ACCOUNT')];
  leads = [await world().record('LEAD'), await world().record('LEAD')];
});

const READ = `query ($id: ID!) { task(id: $id) { version updatedAt linkedRecord { id } account { id } contact { id } lead { id } opportunity { id } } }`;
interface Links {
  readonly version: number;
  readonly updatedAt: string;
  readonly account: { readonly id: string } | null;
  readonly lead: { readonly id: string } | null;
}
const read = async (id: string) =>
  (await world().gateway.ask<{ task: Links }, object>(world().admin, READ, { id })).task;
const linked = async (id: string) => {
  const { account, lead } = await read(id);
  return { account: account?.id ?? null, lead: lead?.id ?? null };
};
const newTask = async (linkedRecordId: string) => {
  const { task } = await tasks().create({ title: 'x', linkedRecordId });
  if (!task) throw new Error('refused');
  return (task as { readonly id: string }).id;
};
const innerId = async (type: 'CONTACT' | 'OPPORTUNITY', key: string) => {
  const query = { where: { ...where(), uid: key.split('_')[1] as string } };
  const { prisma } = world();
  const row = type === 'CONTACT' ? await prisma.contact.findFirst(query) : await prisma.opportunity.findFirst(query);
  return row?.id as bigint;
};

it.each(TYPES)('a task is tied to a new record of each kind: %s [PARSA-01]', async (type) => {
  const accountId = type === 'CONTACT' || type === 'OPPORTUNITY' ? { accountId: from.key } : {};
  const record = await records().made(type, { ...accountId, ...(type === 'OPPORTUNITY' && { leadId: leads[0].key }) });
  expect(await linked(await newTask(record))).toEqual({
    account: { ACCOUNT: record, CONTACT: from.key, LEAD: null, OPPORTUNITY: from.key }[type],
    lead: { ACCOUNT: null, CONTACT: null, LEAD: record, OPPORTUNITY: leads[0].key }[type],
  });
});

describe('the tasks of a contact', () => {
  it('follow them to another account, into it and out of it [PARSA-46]', async () => {
    const contact = await records().made('CONTACT');
    const task = await newTask(contact);
    for (const accountId of [from.key, to.key, null]) {
      const before = await read(task);
      const [own, event, ...rest] = await told(world(), async () =>
        granted(await records().update('CONTACT', contact, { accountId })),
      );
      const change = { field: 'accountId', from: before.account?.id ?? null, to: accountId };
      expect([own?.kind, own?.changes]).toEqual(['RECORD_UPDATED', [change]]);
      expect([event?.kind, event?.changes]).toEqual(['TASK_UPDATED', [change]]);
      expect(rest).toEqual([]);
      expect(event?.imageAfter).toEqual({ ...event?.imageBefore, account_id: event?.imageAfter?.['account_id'] });
      // A derived change: neither a new version nor a new updatedAt.
      expect(await read(task)).toEqual({ ...before, account: accountId && { id: accountId } });
    }
  });

  it('follow when they are deleted, and queue rows too, of which nothing is told', async () => {
    const contact = await records().made('CONTACT', { accountId: from.key });
    const contactId = await innerId('CONTACT', contact);
    const gone = await newTask(contact);
    await tasks().remove(gone);
    const queued = await plantTask(world(), 'CONTACT', { accountId: from.id, contactId }, { isQueueRow: true });
    const events = await told(world(), () => records().update('CONTACT', contact, { accountId: to.key }));
    expect(events.map(({ kind }) => kind)).toEqual(['RECORD_UPDATED', 'TASK_UPDATED']);
    const rows = await world().prisma.task.findMany({ where: { ...where(), contactId } });
    expect(rows.map(({ accountId }) => accountId)).toEqual([to.id, to.id]);
    expect(rows.map(({ id }) => id)).toContain(queued.id);
  });

  it('stay when only something else of the contact changes, or nothing', async () => {
    const contact = await records().made('CONTACT', { accountId: from.key });
    await newTask(contact);
    for (const patch of [{ lastName: 'Byron' }, { accountId: from.key }]) {
      const events = await told(world(), () => records().update('CONTACT', contact, patch));
      expect(events.map(({ kind }) => kind).filter((kind) => kind.startsWith('TASK'))).toEqual([]);
    }
  });

  it('leave their activities with the account that these happened with', async () => {
    const contact = await records().made('CONTACT', { accountId: from.key });
    const contactId = await innerId('CONTACT', contact);
    const id = await plantActivity(world(), 'CONTACT', { accountId: from.id, contactId });
    await records().update('CONTACT', contact, { accountId: to.key });
    const activity = await world().prisma.activity.findFirst({ where: { ...where(), id } });
    expect(activity).toMatchObject({ accountId: from.id, contactId, version: 1 });
  });
});

describe('the tasks of an opportunity', () => {
  const moves: [string, () => object, () => { account: string | null; lead: string | null }][] = [
    ['account', () => ({ accountId: to.key }), () => ({ account: to.key, lead: leads[0].key })],
    ['lead', () => ({ leadId: leads[1].key }), () => ({ account: from.key, lead: leads[1].key })],
    ['both', () => ({ accountId: to.key, leadId: null }), () => ({ account: to.key, lead: null })],
    ['neither', () => ({ accountId: null, leadId: null }), () => ({ account: null, lead: null })],
  ];
  it.each(moves)('follow its move to another %s', async (_name, patch, expected) => {
    const deal = await records().made('OPPORTUNITY', { accountId: from.key, leadId: leads[0].key });
    const task = await newTask(deal);
    const before = await read(task);
    const [own, event, ...rest] = await told(world(), async () =>
      granted(await records().update('OPPORTUNITY', deal, patch())),
    );
    expect(await linked(task)).toEqual(expected());
    expect(event).toMatchObject({ kind: 'TASK_UPDATED', changes: own?.changes });
    expect(rest).toEqual([]);
    expect(await read(task)).toMatchObject({ version: before.version, updatedAt: before.updatedAt });
  });

  it('follow with its activities’ lead, in whose timeline these stand; their account stays', async () => {
    const deal = await records().made('OPPORTUNITY', { accountId: from.key, leadId: leads[0].key });
    const opportunityId = await innerId('OPPORTUNITY', deal);
    const id = await plantActivity(world(), 'OPPORTUNITY', { accountId: from.id, opportunityId, leadId: leads[0].id });
    await records().update('OPPORTUNITY', deal, { accountId: to.key, leadId: leads[1].key });
    const activity = await world().prisma.activity.findFirst({ where: { ...where(), id } });
    expect(activity).toMatchObject({ accountId: from.id, leadId: leads[1].id, version: 1 });
  });
});

describe('the tasks of a lead', () => {
  it('gain the account that it is converted to, once something converts it', async () => {
    const { db } = world().gateway.app.runtime;
    const [lead] = leads;
    const task = await newTask(lead.key);
    await world().prisma.lead.updateMany({ where: { ...where(), id: lead.id }, data: { convertedAccountId: to.id } });
    const moved = { ...lead, type: 'LEAD' as RecordType, accountId: to.id, leadId: lead.id };
    const batch = await db.transaction(where().organizationId, (tx) => relinkSome(tx, moved, new Date()));
    expect(batch.events).toMatchObject([
      { kind: 'TASK_UPDATED', changes: [{ field: 'accountId', from: null, to: to.key }] },
    ]);
    expect(await linked(task)).toEqual({ account: to.key, lead: lead.key });
  });

  it('make no event on the lead when they change [CLOSE-60]', async () => {
    const [lead] = leads;
    const events = await told(world(), async () => {
      const task = await newTask(lead.key);
      await tasks().update(task, { title: 'y' });
      await tasks().complete(task);
      await tasks().remove(task);
    });
    expect(events.length).toBeGreaterThan(3);
    expect(events.filter(({ subjectType }) => subjectType !== 'TASK')).toEqual([]);
    const row = await world().prisma.lead.findFirst({ where: { ...where(), id: lead.id } });
    expect(row?.version).toBe(1);
  });
});

describe('what happens at the same time', () => {
  /** Begins the work, waits until it waits for a lock, lets go, and waits for it. */
  async function behind(hold: string, key: string, work: () => Promise<unknown>): Promise<void> {
    const { prisma } = world();
    const uid = key.split('_')[1] as string;
    const waiting = () =>
      prisma.$queryRawUnsafe<unknown[]>(
        `/* test.waiting */ SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
    let done: Promise<unknown> | undefined;
    await prisma.$transaction(async (tx) => {
      await tx.$executeRawUnsafe(hold, where().organizationId, uid);
      done = work();
      await expect.poll(waiting, { timeout: 5_000 }).not.toEqual([]);
    });
    await done;
  }

  it('leaves no task with a stale account: one is created while its contact moves', async () => {
    const contact = await records().made('CONTACT', { accountId: from.key });
    let task = '';
    // As updateContact does it: the row is held, and then written.
    await behind(
      `WITH held AS (SELECT id FROM contact WHERE organization_id = $1 AND uid = $2 FOR NO KEY UPDATE)
       UPDATE contact c SET account_id = ${to.id} FROM held WHERE c.organization_id = $1 AND c.id = held.id`,
      contact,
      async () => {
        task = await newTask(contact);
      },
    );
    expect(await linked(task)).toEqual({ account: to.key, lead: null });
  });

  it('leaves no task with a stale account: a contact moves while a task is created on them', async () => {
    const contact = await records().made('CONTACT', { accountId: from.key });
    const contactId = await innerId('CONTACT', contact);
    let planted: Known | undefined;
    // As createTask does it: the contact is held, the task written, and all of it seen at once.
    const { prisma } = world();
    const waiting = () =>
      prisma.$queryRawUnsafe<unknown[]>(
        `/* test.waiting */ SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
    let moved: Promise<unknown> | undefined;
    planted = await plantTask(world(), 'CONTACT', { accountId: to.id, contactId });
    await prisma.$transaction(async (tx) => {
      await tx.$executeRawUnsafe(
        'SELECT 1 FROM contact WHERE organization_id = $1 AND id = $2 FOR SHARE',
        where().organizationId,
        contactId,
      );
      moved = records().update('CONTACT', contact, { accountId: to.key });
      await expect.poll(waiting, { timeout: 5_000 }).not.toEqual([]);
      await tx.task.update({
        where: { organizationId_id: { ...where(), id: planted?.id as bigint } },
        data: { accountId: from.id },
      });
    });
    await moved;
    expect(await linked(encodeId('Task', planted.uid))).toEqual({ account: to.key, lead: null });
  });

  it('leaves a task alone that is linked elsewhere while its record is deleted', async () => {
    const task = await newTask(from.key);
    await behind(`UPDATE task SET account_id = ${to.id} WHERE organization_id = $1 AND uid = $2`, task, () =>
      records().remove('ACCOUNT', from.key),
    );
    expect(await linked(task)).toEqual({ account: to.key, lead: null });
    const row = await world().prisma.task.findFirst({ where: { ...where(), uid: task.split('_')[1] as string } });
    expect(row).toMatchObject({ isActive: true, deletionId: null });
  });

  it('does not lock a deletion of a contact and a change to one of their tasks into each other', async () => {
    const contact = await records().made('CONTACT', { accountId: from.key });
    const contactId = await innerId('CONTACT', contact);
    const id = await plantActivity(world(), 'CONTACT', { accountId: from.id, contactId });
    const { uid } = await world().prisma.activity.findFirstOrThrow({ where: { ...where(), id } });
    const task = await newTask(contact);
    const waiting = async () => {
      const [row] = await world().prisma.$queryRawUnsafe<{ count: number }[]>(
        `/* test.waiting */ SELECT count(*)::int AS count FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return row?.count;
    };
    const works: Promise<{ readonly errors: readonly { readonly code: string }[] }>[] = [];
    const sent = await world().gateway.statementsOf(async () => {
      await world().prisma.$transaction(async (tx) => {
        await tx.$executeRawUnsafe(
          'SELECT 1 FROM task WHERE organization_id = $1 AND uid = $2 FOR UPDATE',
          where().organizationId,
          task.split('_')[1],
        );
        works.push(records().remove('CONTACT', contact));
        await expect.poll(waiting, { timeout: 5_000 }).toBe(1);
        works.push(tasks().update(task, { activityId: encodeId('Activity', uid) }));
        await expect.poll(waiting, { timeout: 5_000 }).toBe(2);
      });
      const [removed, updated] = await Promise.all(works);
      expect(removed?.errors).toEqual([]);
      expect(updated?.errors).toMatchObject([{ code: 'NOT_ALLOWED', path: ['id'] }]);
    });
    // Each once: nothing had to begin anew.
    expect(sent.filter((name) => ['contact.hold', 'activity.lock'].includes(name)).toSorted()).toEqual([
      'activity.lock',
      'contact.hold',
    ]);
  });

  it('takes a task along that is created while its record is deleted, or refuses it', async () => {
    for (let round = 0; round < 6; round += 1) {
      const contact = await records().made('CONTACT', { accountId: from.key });
      const [created] = await Promise.all([
        tasks().create({ title: 'x', linkedRecordId: contact }),
        records().remove('CONTACT', contact),
      ]);
      const contactId = await innerId('CONTACT', contact);
      const rows = await world().prisma.task.findMany({ where: { ...where(), contactId } });
      expect(rows.filter(({ isActive }) => isActive)).toEqual([]);
      expect(rows.length).toBe(created.errors.length === 0 ? 1 : 0);
    }
  });

  it('deletes an account while its contacts come and go, and nothing is left behind', async () => {
    const contacts = await Promise.all(
      Array.from({ length: 4 }, () => records().made('CONTACT', { accountId: from.key })),
    );
    await Promise.all([
      records().remove('ACCOUNT', from.key),
      ...contacts.map((id) => records().update('CONTACT', id, { accountId: to.key })),
      records().create('CONTACT', { firstName: 'New', accountId: from.key }),
      ...contacts.map((id) => records().remove('CONTACT', id)),
    ]);
    const left = { ...where(), accountId: from.id, deletedAt: null };
    expect(await world().prisma.contact.count({ where: left })).toBe(0);
  });
});
