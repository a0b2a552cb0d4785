import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import { type Known, useWorld } from '../task/world.ts';
import { writesOf } from '../task/writes.ts';
import { granted, plantActivity, plantTask, recordsOf, refusals, TYPES, told } from './room.ts';

const world = useWorld();
const records = () => recordsOf(world(), world().admin);
const where = () => ({ organizationId: world().organization.id });

/** Every row that a deletion can take, as it is: without what grows or moves with every write. */
async function rows() {
  const { prisma } = world();
  const query = { where: where(), orderBy: { id: 'asc' } } as const;
  const tables = await Promise.all([
    prisma.account.findMany(query),
    prisma.contact.findMany(query),
    prisma.lead.findMany(query),
    prisma.opportunity.findMany(query),
    prisma.task.findMany(query),
    prisma.activity.findMany(query),
  ]);
  return tables.flat().map(({ version: _version, updatedAt: _updatedAt, ...row }) => row);
}

/** An account with a contact and an opportunity, a lead, and tasks and activities of each. */
async function plant() {
  const account = await world().record('ACCOUNT');
  const contact = await world().record('CONTACT', { accountId: account.id });
  const lead = await world().record('LEAD');
  const opportunity = await world().record('OPPORTUNITY', { accountId: account.id, leadId: lead.id });
  const [a, c, l, o] = [account, contact, lead, opportunity].map(({ id }) => id) as [bigint, bigint, bigint, bigint];
  const links = {
    ACCOUNT: { accountId: a },
    CONTACT: { accountId: a, contactId: c },
    LEAD: { leadId: l },
    OPPORTUNITY: { accountId: a, leadId: l, opportunityId: o },
  };
  const linked = { tasks: {} as Record<string, Known[]>, activities: {} as Record<string, bigint[]> };
  for (const type of TYPES) {
    linked.tasks[type] = [
      await plantTask(world(), type, links[type]),
      await plantTask(world(), type, links[type], { dueOn: new Date('2026-02-01') }),
      await plantTask(world(), type, links[type], { dueAt: new Date('2026-02-01T10:00:00Z'), kind: 'VOICEMAIL' }),
    ];
    linked.activities[type] = [await plantActivity(world(), type, links[type])];
  }
  const unlinked = await plantActivity(world(), null, { accountId: a });
  return { account, contact, lead, opportunity, links, ...linked, unlinked };
}
let at: Awaited<ReturnType<typeof plant>>;
beforeAll(async () => {
  at = await plant();
});

const byAge = (a: bigint, b: bigint) => Number(a - b);
const ids = (...tasks: (Known[] | undefined)[]) => tasks.flatMap((each) => each?.map(({ id }) => id) ?? []);
const summary = async (work: () => Promise<unknown>) =>
  (await told(world(), work)).map(({ kind, subjectType, subjectId }) => `${kind} ${subjectType} ${subjectId}`);

describe('deleting', () => {
  it('an account takes its contacts and opportunities, and what is linked to any of them directly [CLOSE-59]', async () => {
    const before = await rows();
    const { account, contact, opportunity, tasks, activities, unlinked } = at;
    const taken = [...ids(tasks['ACCOUNT'], tasks['CONTACT'], tasks['OPPORTUNITY'])].sort(byAge);
    const happened = [
      ...(activities['ACCOUNT'] ?? []),
      ...(activities['CONTACT'] ?? []),
      ...(activities['OPPORTUNITY'] ?? []),
      unlinked,
    ].sort(byAge);
    expect(await summary(() => records().remove('ACCOUNT', account.key))).toEqual([
      `RECORD_DELETED ACCOUNT ${account.id}`,
      `RECORD_DELETED CONTACT ${contact.id}`,
      `RECORD_DELETED OPPORTUNITY ${opportunity.id}`,
      ...happened.map((id) => `ACTIVITY_DELETED ACTIVITY ${id}`),
      ...taken.map((id) => `TASK_DELETED TASK ${id}`),
    ]);
    const gone = (await rows()).filter(({ deletedAt }) => deletedAt !== null);
    expect(gone).toHaveLength(3 + taken.length + happened.length);
    expect(new Set(gone.map(({ deletionId }) => deletionId)).size).toBe(1);
    expect(new Set(gone.map(({ deletedAt }) => deletedAt?.getTime())).size).toBe(1);
    expect(gone.filter((row) => 'isActive' in row && row.isActive)).toEqual([]);

    expect(await summary(() => records().restore('ACCOUNT', account.key))).toEqual([
      `RECORD_RESTORED ACCOUNT ${account.id}`,
      `RECORD_RESTORED CONTACT ${contact.id}`,
      `RECORD_RESTORED OPPORTUNITY ${opportunity.id}`,
      ...happened.map((id) => `ACTIVITY_RESTORED ACTIVITY ${id}`),
      ...taken.map((id) => `TASK_RESTORED TASK ${id}`),
    ]);
    expect(await rows()).toEqual(before);
  });

  it.each(['CONTACT', 'LEAD', 'OPPORTUNITY'] as const)('a %s takes what is linked to it directly', async (type) => {
    const before = await rows();
    const record = { CONTACT: at.contact, LEAD: at.lead, OPPORTUNITY: at.opportunity }[type];
    const events = (past: string) => [
      `RECORD_${past} ${type} ${record.id}`,
      ...(at.activities[type] ?? []).map((id) => `ACTIVITY_${past} ACTIVITY ${id}`),
      ...ids(at.tasks[type]).map((id) => `TASK_${past} TASK ${id}`),
    ];
    expect(await summary(() => records().remove(type, record.key))).toEqual(events('DELETED'));
    expect(await summary(() => records().restore(type, record.key))).toEqual(events('RESTORED'));
    expect(await rows()).toEqual(before);
  });

  it('leaves what was in the bin already as it is, and restoring does too', async () => {
    const { tasks, contact } = at;
    const [first] = tasks['CONTACT'] as [Known];
    await writesOf(world(), world().admin).remove(first.key);
    const before = await rows();
    const removed = await summary(() => records().remove('CONTACT', contact.key));
    expect(removed).not.toContain(`TASK_DELETED TASK ${first.id}`);
    expect(removed).toHaveLength(4);
    // A deletion within a deletion: the account takes all but what the contact's took.
    const whole = await summary(() => records().remove('ACCOUNT', at.account.key));
    expect(whole.filter((line) => line.includes('CONTACT'))).toEqual([]);
    await records().restore('ACCOUNT', at.account.key);
    expect(granted(await records().restore('CONTACT', contact.key)).deletedAt).toBeNull();
    expect(await rows()).toEqual(before);
  });

  it('tells of each task what its row was and what it is', async () => {
    const events = await told(world(), async () => {
      await records().remove('LEAD', at.lead.key);
      await records().restore('LEAD', at.lead.key);
    });
    const [deleted, restored] = ['TASK_DELETED', 'TASK_RESTORED'].map((kind) =>
      events.filter((event) => event.kind === kind),
    );
    expect(deleted).toHaveLength(3);
    for (const [index, event] of deleted?.entries() ?? []) {
      expect(event.imageBefore).toMatchObject({ deleted_at: null, is_active: true, deletion_id: null });
      expect(event.imageAfter).toMatchObject({ deleted_at: expect.any(String), is_active: false });
      expect(event.changes).toEqual([
        { field: 'isActive', from: true, to: false },
        { field: 'deletedAt', from: null, to: expect.any(String) },
      ]);
      const back = restored?.[index];
      expect(back?.imageBefore).toEqual(event.imageAfter);
      expect(back?.changes).toEqual([
        { field: 'isActive', from: false, to: true },
        { field: 'deletedAt', from: event.changes[1]?.to, to: null },
      ]);
      expect(back?.imageAfter).toEqual({
        ...event.imageBefore,
        version: 2 + Number(event.imageBefore?.['version']),
        updated_at: back?.imageAfter?.['updated_at'],
      });
    }
  });

  it('leaves queue rows alone, and the records of other organizations', async () => {
    const account = await world().record('ACCOUNT');
    const row = await plantTask(world(), 'ACCOUNT', { accountId: account.id }, { isQueueRow: true });
    expect(await summary(() => records().remove('ACCOUNT', account.key))).toHaveLength(1);
    const task = await world().prisma.task.findFirst({ where: { ...where(), id: row.id } });
    expect(task).toMatchObject({ deletedAt: null, isActive: true });
    const theirs = await world().record('ACCOUNT', { organizationId: world().other.organization.id });
    expect(refusals(await records().remove('ACCOUNT', theirs.key))).toEqual(['NOT_FOUND id']);
  });
});

describe.each(TYPES)('a deleted %s', (type) => {
  it('is found by its id, and neither changed nor deleted again, but restored', async () => {
    const id = await records().made(type);
    expect(refusals(await records().remove(type, id, 7))).toEqual(['CONFLICT expectedVersion']);
    const gone = granted(await records().remove(type, id, 1));
    expect(gone).toMatchObject({ deletedAt: expect.any(String), version: 2 });
    for (const answer of [await records().update(type, id, { tags: ['x'] }), await records().remove(type, id)]) {
      expect(refusals(answer)).toEqual(['NOT_ALLOWED id']);
      expect(answer.errors[0]?.message).toContain('restore it first');
    }
    expect(granted(await records().restore(type, id))).toMatchObject({ deletedAt: null, version: 3 });
    const nothing = await told(world(), () => records().restore(type, id));
    expect(nothing).toEqual([]);
    expect(granted(await records().restore(type, id)).version).toBe(3);
  });

  it('is linked to nothing new', async () => {
    const id = await records().made(type);
    await records().remove(type, id);
    const task = await writesOf(world(), world().admin).create({ title: 'x', linkedRecordId: id });
    expect(task.errors.map(({ code }) => code)).toEqual(['INVALID']);
    const opportunity = { accountId: type === 'ACCOUNT', contactId: type === 'CONTACT', leadId: type === 'LEAD' };
    for (const [field] of Object.entries(opportunity).filter(([, fits]) => fits)) {
      const input = { name: 'Deal', [field]: id };
      expect(refusals(await records().create('OPPORTUNITY', input))).toEqual([`INVALID ${field}`]);
    }
    if (type === 'ACCOUNT')
      expect(refusals(await records().create('CONTACT', { firstName: 'A', accountId: id }))).toEqual([
        'INVALID accountId',
      ]);
  });

  it.each(['', 'junk', encodeId('Task', newUid())])('is not found by %j', async (id) => {
    for (const answer of [
      await records().remove(type, id),
      await records().restore(type, id),
      await records().update(type, id, {}),
    ]) {
      expect(refusals(answer)).toEqual(['NOT_FOUND id']);
    }
  });
});

describe('restoring a contact or an opportunity', () => {
  it.each(['CONTACT', 'OPPORTUNITY'] as const)('is refused while its account is deleted: %s', async (type) => {
    const accountId = await records().made('ACCOUNT', { name: 'Acme & Sons' });
    const [alone, along] = [await records().made(type, { accountId }), await records().made(type, { accountId })];
    await records().remove(type, alone);
    await records().remove('ACCOUNT', accountId);
    for (const id of [alone, along]) {
      const answer = await records().restore(type, id);
      expect(refusals(answer)).toEqual(['NOT_ALLOWED id']);
      expect(answer.errors[0]?.message).toContain(`Acme & Sons (${accountId})`);
    }
    await records().restore('ACCOUNT', accountId);
    expect(granted(await records().restore(type, along)).version).toBe(3);
    expect(granted(await records().restore(type, alone)).deletedAt).toBeNull();
  });
});
