import { beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../support/gateway.ts';
import { bulkOf } from '../task/bulk/asked.ts';
import { STRANGERS } from '../task/sample.ts';
import { type Known, useWorld } from '../task/world.ts';
import { granted, writesOf, written } from '../task/writes.ts';
import { deskOf, refusals } from './room.ts';

const world = useWorld();
let account: Known;
let [limited, viewer, owner]: Caller[] = [];
const desk = (caller: Caller = world().admin) => deskOf(world(), caller);
const admin = () => writesOf(world(), world().admin);
const member = () => writesOf(world(), world().member);

beforeAll(async () => {
  const { gateway, organization } = world();
  account = await world().record('ACCOUNT');
  limited = await gateway.member(organization, { email: 'lim@ours.example', crmAccess: false });
  viewer = await gateway.member(organization, { email: 'vic@ours.example', role: 'VIEWER' });
  owner = await gateway.member(organization, { email: 'olga@ours.example' });
});

const newTask = async (more: object = {}, by = admin()) =>
  granted(await by.create({ title: 'Call', accountId: account.key, ...more })).id;
const watchersOf = async (id: string, by?: Caller) => (await desk(by).task(id))?.watchers.map(({ id }) => id);
const setMembership = async (who: Caller | undefined, data: object) => {
  const where = { organizationId: world().organization.id, userId: await world().idOf(who as Caller) };
  await world().prisma.membership.updateMany({ where, data });
};

describe('a task is watched', () => {
  it('by the person who created it, and by whoever chooses to, viewers too, by name [THENA-T31]', async () => {
    const id = await newTask();
    expect(await watchersOf(id)).toEqual([world().admin.userId]);
    for (const each of [viewer, world().member]) expect(refusals(await desk(each).watch(id))).toEqual([]);
    expect(await watchersOf(id)).toEqual([world().admin, world().member, viewer].map((each) => each?.userId));
  });

  it('once, however often one says so, and no longer once one says otherwise', async () => {
    const id = await newTask();
    const before = await written(world());
    for (const word of ['watch', 'watch', 'unwatch', 'unwatch', 'watch'] as const) {
      const { task } = await desk(viewer)[word](id);
      const has = word === 'watch' ? [world().admin.userId, viewer?.userId] : [world().admin.userId];
      expect(task).toEqual({ id, version: 1, watchers: has.map((id) => ({ id })) });
    }
    expect((await desk().unwatch(id)).task?.watchers).toEqual([{ id: viewer?.userId }]);
    expect((await desk().unwatch(id)).task?.watchers).toEqual([{ id: viewer?.userId }]);
    expect(await written(world())).toEqual(before);
  });

  it('not by the assistant, who creates what the system makes', async () => {
    const [task] = await world().tasks([{ accountId: account.id }]);
    expect(await watchersOf(task?.key as string)).toEqual([]);
  });

  it('only by people who are still here and see it', async () => {
    const id = await newTask({ assigneeId: limited?.userId });
    await desk(limited).watch(id);
    await desk(viewer).watch(id);
    expect(await watchersOf(id, limited)).toEqual([world().admin, limited, viewer].map((each) => each?.userId));
    await admin().update(id, { assigneeId: null });
    await setMembership(viewer, { isActive: false });
    expect(await watchersOf(id)).toEqual([world().admin.userId]);
    // Seeing it again is enough.
    await setMembership(viewer, { isActive: true });
    await admin().update(id, { assigneeId: limited?.userId as string });
    expect(await watchersOf(id)).toEqual([world().admin, limited, viewer].map((each) => each?.userId));
  });

  it('neither in the bin, nor out of sight, nor by a key', async () => {
    const [id, binned] = [await newTask(), await newTask()];
    granted(await admin().remove(binned));
    expect(refusals(await desk().watch(binned))).toEqual(['NOT_ALLOWED id']);
    expect(refusals(await desk(limited).watch(id))).toEqual(['NOT_FOUND id']);
    for (const stranger of [...STRANGERS, account.key])
      expect(refusals(await desk().unwatch(stranger)), stranger).toEqual(['NOT_FOUND id']);
    const { data } = await world().gateway.send<{ createApiKey: { secret: string } }, object>(
      world().admin,
      'mutation { createApiKey(input: { name: "x" }) { secret } }',
    );
    const query = `mutation { watchTask(input: { id: "${id}" }) { errors { code path } } }`;
    const key = { 'x-api-key': data?.createApiKey.secret as string };
    expect((await world().gateway.send(null, query, {}, key)).data).toEqual({
      watchTask: { errors: [{ code: 'NOT_ALLOWED', path: ['id'] }] },
    });
  });
});

describe('a completed task is told of [THENA-T29]', () => {
  const done = async (id: string, ...people: (Caller | undefined)[]) => {
    const told = await Promise.all(people.map((each) => desk(each).told(id)));
    return told.map((kinds) => kinds.filter((kind) => kind === 'TASK_COMPLETED').length);
  };

  it('once to its watchers and its assignee, not to whoever completed it', async () => {
    const id = await newTask({ assigneeId: world().member.userId });
    for (const each of [viewer, world().member, owner]) await desk(each).watch(id);
    await desk(owner).unwatch(id);
    granted(await writesOf(world(), world().member).complete(id));
    expect(await done(id, world().admin, world().member, viewer, owner)).toEqual([1, 0, 1, 0]);
    // By whichever way.
    await member().update(id, { isComplete: false });
    await admin().update(id, { status: 'COMPLETED' });
    expect(await done(id, world().admin, world().member, viewer, owner)).toEqual([1, 1, 2, 0]);
  });

  it('by a bulk update, with its batch, and not with notify: false', async () => {
    const ids = [await newTask({}, member()), await newTask({}, member())];
    const filter = { id: { in: ids } };
    const bulk = bulkOf(world(), world().admin);
    const { batchId } = await bulk.update({ filter, set: { isComplete: true } });
    const rows = await world().prisma.notification.findMany({
      where: { organizationId: world().organization.id, batchId },
    });
    expect(rows.map(({ kind, userId }) => [kind, userId])).toEqual(
      Array(2).fill(['TASK_COMPLETED', await world().idOf(world().member)]),
    );
    await bulk.update({ filter, set: { isComplete: false } });
    await bulk.update({ filter, set: { isComplete: true }, notify: false });
    expect(await done(ids[0] as string, world().member)).toEqual([1]);
  });

  it('to nobody who muted it, or cannot see it, or has left', async () => {
    const id = await newTask({ assigneeId: limited?.userId });
    for (const each of [viewer, owner, limited]) await desk(each).watch(id);
    await setMembership(viewer, { mutedKinds: ['TASK_COMPLETED'] });
    await setMembership(owner, { isActive: false });
    await admin().update(id, { assigneeId: null });
    await member().complete(id);
    await setMembership(owner, { isActive: true });
    await setMembership(viewer, { mutedKinds: [] });
    expect(await done(id, world().admin, viewer, owner, limited)).toEqual([1, 0, 0, 0]);
  });

  it('to a watcher who is assigned with it as an assignment alone, unless that is not told', async () => {
    const [one, two] = [await newTask(), await newTask()];
    for (const id of [one, two]) await desk(world().member).watch(id);
    await admin().update(one, { assigneeId: world().member.userId, isComplete: true });
    await admin().update(two, { assigneeId: world().member.userId, isComplete: true }, { notify: false });
    expect(await desk(world().member).told(one)).toEqual(['TASK_ASSIGNED']);
    expect(await desk(world().member).told(two)).toEqual(['TASK_COMPLETED']);
  });
});

describe('escalating a task', () => {
  const owned = async (type: 'ACCOUNT' | 'CONTACT' | 'LEAD' | 'OPPORTUNITY', who: Caller | undefined, more = {}) => {
    const record = await world().record(type, more);
    const where = { organizationId: world().organization.id, id: record.id };
    const data = { ownerId: who ? await world().idOf(who) : null };
    const { account, contact, lead, opportunity } = world().prisma;
    if (type === 'ACCOUNT') await account.updateMany({ where, data });
    if (type === 'CONTACT') await contact.updateMany({ where, data });
    if (type === 'LEAD') await lead.updateMany({ where, data });
    if (type === 'OPPORTUNITY') await opportunity.updateMany({ where, data });
    return record;
  };

  it('tells the record’s owner and the watchers, once each, not who did it [THENA-T28, THENA-T31]', async () => {
    const theirs = await owned('ACCOUNT', owner);
    const id = await newTask({ accountId: theirs.key, assigneeId: world().member.userId });
    for (const each of [viewer, owner]) await desk(each).watch(id);
    const before = await desk().task(id);
    expect((await desk().escalate(id, ' Stuck since May ')).task).toEqual({ id, version: 1 });
    for (const each of [viewer, owner]) expect(await desk(each).told(id)).toEqual(['TASK_ESCALATED']);
    expect(await desk().told(id)).toEqual([]);
    // Who has it and does not watch it is not who answers for the customer.
    expect(await desk(world().member).told(id)).toEqual(['TASK_ASSIGNED']);
    const after = await desk().task(id);
    expect(after?.updatedAt).toBe(before?.updatedAt);
    expect(after?.history.nodes[0]).toEqual({
      kind: 'TASK_ESCALATED',
      changes: [{ field: 'reason', from: null, to: 'Stuck since May' }],
    });
  });

  it.each(['CONTACT', 'LEAD', 'OPPORTUNITY'] as const)(
    'of a %s goes to its owner, else to its account’s',
    async (type) => {
      const theirs = await owned('ACCOUNT', owner);
      const at = type === 'LEAD' ? { convertedAccountId: theirs.id } : { accountId: theirs.id };
      const [own, nobodys] = [await owned(type, viewer, at), await owned(type, undefined, at)];
      const [one, two] = [
        await newTask({ accountId: undefined, linkedRecordId: own.key }),
        await newTask({ accountId: undefined, linkedRecordId: nobodys.key }),
      ];
      for (const id of [one, two]) expect(refusals(await desk().escalate(id))).toEqual([]);
      const told = (id: string) => Promise.all([desk(viewer).told(id), desk(owner).told(id)]);
      expect(await told(one)).toEqual([['TASK_ESCALATED'], []]);
      expect(await told(two)).toEqual([[], ['TASK_ESCALATED']]);
    },
  );

  it('tells no owner who cannot see it', async () => {
    const theirs = await owned('ACCOUNT', limited);
    const [unseen, seen] = [
      await newTask({ accountId: theirs.key }),
      await newTask({ accountId: theirs.key, assigneeId: limited?.userId, notify: false }),
    ];
    for (const id of [unseen, seen]) await desk().escalate(id);
    expect([await desk(limited).told(unseen), await desk(limited).told(seen)]).toEqual([[], ['TASK_ESCALATED']]);
  });

  it.each<[string, () => Promise<unknown>, () => Promise<unknown>]>([
    ['has left', () => setMembership(viewer, { isActive: false }), () => setMembership(viewer, { isActive: true })],
    [
      'cannot see it',
      () => setMembership(viewer, { crmAccess: false }),
      () => setMembership(viewer, { crmAccess: true }),
    ],
  ])('of a record whose owner %s goes to its account’s', async (_what, before, after) => {
    const theirs = await owned('ACCOUNT', owner);
    const lead = await owned('LEAD', viewer, { convertedAccountId: theirs.id });
    const id = await newTask({ accountId: undefined, linkedRecordId: lead.key });
    await before();
    try {
      expect(refusals(await desk().escalate(id))).toEqual([]);
    } finally {
      await after();
    }
    expect([await desk(viewer).told(id), await desk(owner).told(id)]).toEqual([[], ['TASK_ESCALATED']]);
  });

  it('by the record’s owner goes to its account’s', async () => {
    const theirs = await owned('ACCOUNT', owner);
    const deal = await owned('OPPORTUNITY', world().member, { accountId: theirs.id });
    const id = await newTask({ accountId: undefined, linkedRecordId: deal.key });
    expect(refusals(await desk(world().member).escalate(id))).toEqual([]);
    expect([await desk(world().member).told(id), await desk(owner).told(id)]).toEqual([[], ['TASK_ESCALATED']]);
  });

  it('that nobody owns or watches tells nobody, and stands in its history', async () => {
    const theirs = await owned('ACCOUNT', undefined);
    const id = await newTask({ accountId: theirs.key });
    await desk().unwatch(id);
    const notifications = () =>
      world().prisma.notification.count({ where: { organizationId: world().organization.id } });
    const before = await notifications();
    expect(refusals(await desk(world().member).escalate(id))).toEqual([]);
    expect(await notifications()).toBe(before);
    expect((await desk().task(id))?.history.nodes[0]?.kind).toBe('TASK_ESCALATED');
  });

  it('is refused of what is closed, in the bin or out of sight, and without a reason; nothing is written then', async () => {
    const [open, closed, binned] = [await newTask(), await newTask(), await newTask()];
    await admin().complete(closed);
    await admin().remove(binned);
    const before = await written(world());
    const answers = [
      await desk().escalate(closed),
      await desk().escalate(binned),
      await desk(limited).escalate(open),
      await desk().escalate(open, ' '),
      await desk().escalate(open, 'x'.repeat(2_001)),
      await desk().escalate(account.key),
    ];
    expect(answers.flatMap(refusals)).toEqual([
      ...['NOT_ALLOWED id', 'NOT_ALLOWED id', 'NOT_FOUND id', 'INVALID reason', 'INVALID reason', 'NOT_FOUND id'],
    ]);
    expect(await written(world())).toEqual(before);
  });
});
