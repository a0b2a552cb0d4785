import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId } from '../../src/ids.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import { useWorld, World } from './world.ts';
import { granted, refusals, writesOf, written } from './writes.ts';

const world = useWorld();
const admin = () => writesOf(world(), world().admin);
let accountId: string;
beforeAll(async () => {
  accountId = (await world().record('ACCOUNT')).key;
});
const newTask = (assigneeId: string | null = null, notify = true) => ({ title: 'Call', accountId, assigneeId, notify });

const INBOX = graphql(`
  query TaskRoomInbox { notifications(first: 100) { nodes { kind taskId actor { id } batchId readAt } } }
`);
/** What someone was told of a task, oldest first. */
async function told(caller: Caller, taskId: string) {
  const { notifications } = await world().gateway.ask(caller, INBOX);
  return notifications.nodes.filter((one) => one.taskId === taskId).reverse();
}
const kindsTold = async (caller: Caller, taskId: string) => (await told(caller, taskId)).map(({ kind }) => kind);

const KEY = graphql(`
  mutation TaskRoomKey($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { membership { user { id } } } } }
`);

describe('a task can be given to', () => {
  it('any active person who may do it: an admin, a member, one without CRM access [PARSA-09] [THENA-T04] [CLOSE-01]', async () => {
    const limited = await world().gateway.member(world().organization, {
      email: 'liam@ours.example',
      crmAccess: false,
    });
    for (const { userId } of [world().admin, world().member, limited]) {
      expect(granted(await admin().create(newTask(userId))).assignee).toEqual({ id: userId });
    }
  });

  it('nobody: then it is unassigned [PARSA-11]', async () => {
    const { id } = granted(await admin().create(newTask(world().member.userId)));
    expect(granted(await admin().update(id, { assigneeId: null })).assignee).toBeNull();
  });

  it('nobody: then every member with CRM access sees it, and nobody without [PARSA-11]', async () => {
    const { gateway, organization, member } = world();
    const person = (email: string, more: object) => gateway.member(organization, { email, ...more });
    const [viewer, lena] = [
      await person('vic@ours.example', { role: 'VIEWER' }),
      await person('lena@ours.example', { crmAccess: false }),
    ];
    const { id } = granted(await admin().create(newTask()));
    const seenBy = async (caller: Caller) => {
      const filter = `filter: { id: { eq: "${id}" }, assignee: { isNull: true } }`;
      const query = `{ task(id: "${id}") { id } tasks(${filter}) { nodes { id } } }`;
      return gateway.ask<{ task: object | null; tasks: object }, object>(caller, query);
    };
    const there = { task: { id }, tasks: { nodes: [{ id }] } };
    for (const each of [member, viewer]) expect(await seenBy(each)).toEqual(there);
    expect(await seenBy(lena)).toEqual({ task: null, tasks: { nodes: [] } });
    granted(await admin().update(id, { assigneeId: lena.userId }));
    expect((await seenBy(lena)).task).toEqual({ id });
  });

  it('nobody else, and then nothing is written', async () => {
    const { gateway, organization, other, prisma } = world();
    const viewer = await gateway.member(organization, { email: 'vera@ours.example', role: 'VIEWER' });
    const gone = await gateway.member(organization, { email: 'gone@ours.example' });
    await prisma.membership.updateMany({
      where: { organizationId: organization.id, userId: await world().idOf(gone) },
      data: { isActive: false },
    });
    const { createApiKey } = await gateway.ask(world().admin, KEY, { input: { name: 'Importer', role: 'ADMIN' } });
    const assistant = await prisma.user.findUniqueOrThrow({ where: { id: organization.assistantId } });
    const { id } = granted(await admin().create(newTask()));
    const before = await written(world());
    for (const [assigneeId, code] of [
      [viewer.userId, 'INVALID'],
      [createApiKey.apiKey?.membership.user.id as string, 'INVALID'],
      [encodeId('User', assistant.uid), 'INVALID'],
      [gone.userId, 'NOT_FOUND'],
      [other.admin.userId, 'NOT_FOUND'],
      [accountId, 'NOT_FOUND'],
      ['junk', 'NOT_FOUND'],
      ['', 'NOT_FOUND'],
    ] as const) {
      expect(refusals(await admin().create(newTask(assigneeId))), assigneeId).toEqual([`${code} assigneeId`]);
      expect(refusals(await admin().update(id, { assigneeId })), assigneeId).toEqual([`${code} patch.assigneeId`]);
      expect(refusals(await admin().complete(id, { followUp: newTask(assigneeId) }))).toEqual([
        `${code} followUp.assigneeId`,
      ]);
    }
    expect(await written(world())).toEqual(before);
  });
});

describe('where the organization wants an assignee', () => {
  it('a task without one is refused, new, changed or to follow [THENA-T04]', async () => {
    const strict = await World.make(world().gateway);
    await strict.prisma.organization.update({ where: { id: strict.organization.id }, data: { requireAssignee: true } });
    const account = (await strict.record('ACCOUNT')).key;
    const writes = writesOf(strict, strict.admin);
    const task = { title: 'Call', accountId: account };
    expect(refusals(await writes.create(task))).toEqual(['INVALID assigneeId']);
    expect(refusals(await writes.create({ ...task, assigneeId: null }))).toEqual(['INVALID assigneeId']);
    const { id } = granted(await writes.create({ ...task, assigneeId: strict.member.userId }));
    expect(refusals(await writes.update(id, { assigneeId: null }))).toEqual(['INVALID patch.assigneeId']);
    expect(granted(await writes.update(id, { title: 'Write' })).title).toBe('Write');
    expect(refusals(await writes.complete(id, { followUp: task }))).toEqual(['INVALID followUp.assigneeId']);
  });
});

describe('whoever is assigned', () => {
  it('is told once, of a new task and of a changed one [PARSA-10]', async () => {
    const { member } = world();
    const created = granted(await admin().create(newTask(member.userId)));
    expect(await told(member, created.id)).toEqual([
      { kind: 'TASK_ASSIGNED', taskId: created.id, actor: { id: world().admin.userId }, batchId: null, readAt: null },
    ]);
    const later = granted(await admin().create(newTask()));
    await admin().update(later.id, { assigneeId: member.userId });
    await admin().update(later.id, { assigneeId: member.userId });
    await admin().update(later.id, { title: 'Write' });
    expect(await kindsTold(member, later.id)).toEqual(['TASK_ASSIGNED']);
  });

  it('is not told by notify: false, of either [CLOSE-39]', async () => {
    const { member } = world();
    const created = granted(await admin().create(newTask(member.userId, false)));
    const changed = granted(await admin().create(newTask()));
    await admin().update(changed.id, { assigneeId: member.userId }, { notify: false });
    expect([await told(member, created.id), await told(member, changed.id)]).toEqual([[], []]);
  });

  it('is not told of what they took themselves', async () => {
    const { member } = world();
    const own = writesOf(world(), member);
    const created = granted(await own.create(newTask(member.userId)));
    const taken = granted(await admin().create(newTask()));
    await own.update(taken.id, { assigneeId: member.userId });
    expect([await told(member, created.id), await told(member, taken.id)]).toEqual([[], []]);
  });

  it('is not told of what they muted', async () => {
    const muted = await world().gateway.member(world().organization, { email: 'mute@ours.example' });
    await world().prisma.membership.updateMany({
      where: { organizationId: world().organization.id, userId: await world().idOf(muted) },
      data: { mutedKinds: ['TASK_ASSIGNED'] },
    });
    const { id } = granted(await admin().create(newTask(muted.userId)));
    await admin().complete(id);
    expect(await kindsTold(muted, id)).toEqual(['TASK_COMPLETED']);
  });

  it('and had it before is not told that it went', async () => {
    const { member } = world();
    const { id } = granted(await admin().create(newTask(member.userId)));
    await admin().update(id, { assigneeId: world().admin.userId });
    expect(await kindsTold(member, id)).toEqual(['TASK_ASSIGNED']);
  });

  it('is told when someone else completes it, and not when they do', async () => {
    const { member } = world();
    const [byOther, byThem] = [
      granted(await admin().create(newTask(member.userId))),
      granted(await admin().create(newTask(member.userId))),
    ];
    await admin().complete(byOther.id);
    await writesOf(world(), member).complete(byThem.id);
    expect(await kindsTold(member, byOther.id)).toEqual(['TASK_ASSIGNED', 'TASK_COMPLETED']);
    expect(await kindsTold(member, byThem.id)).toEqual(['TASK_ASSIGNED']);
  });

  it('with the write that completes it learns of the assignment alone', async () => {
    const { member } = world();
    const { id } = granted(await admin().create(newTask()));
    await admin().update(id, { assigneeId: member.userId, isComplete: true });
    expect(await kindsTold(member, id)).toEqual(['TASK_ASSIGNED']);
  });

  it('of a follow-up is told of that too, each task once', async () => {
    const { member } = world();
    const { id } = granted(await admin().create(newTask(member.userId)));
    const { followUp } = await admin().complete(id, { followUp: newTask(member.userId) });
    expect(await kindsTold(member, id)).toEqual(['TASK_ASSIGNED', 'TASK_COMPLETED']);
    expect(await kindsTold(member, followUp?.id as string)).toEqual(['TASK_ASSIGNED']);
  });
});

describe('an API key', () => {
  it('creates and changes as itself, a system user [PARSA-49]', async () => {
    const { createApiKey } = await world().gateway.ask(world().admin, KEY, { input: { name: 'Robot' } });
    const user = createApiKey.apiKey?.membership.user.id as string;
    const key = { 'x-api-key': createApiKey.secret as string };
    const { data } = await world().gateway.send(null, BY_KEY, { input: newTask() }, key);
    expect(data?.createTask.task).toMatchObject({
      creator: { id: user, isSystem: true },
      history: { nodes: [{ actorKind: 'API_KEY', actor: { id: user } }] },
    });
  });
});

const BY_KEY = graphql(`
  mutation TaskRoomByKey($input: CreateTaskInput!) {
    createTask(input: $input) { task { creator { id isSystem } history { nodes { actorKind actor { id } } } } }
  }
`);
