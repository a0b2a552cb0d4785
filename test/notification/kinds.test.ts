import { beforeAll, describe, expect, it } from 'vitest';
import { NotificationKind as KINDS } from '../../src/db/generated/prisma/enums.ts';
import { encodeId } from '../../src/ids.ts';
import type { NotificationKind } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { useGateway } from '../support/gateway.ts';
import { type Happened, happenings } from './happenings.ts';
import { type Office, openOffice, signIn, subscribeToAll } from './office.ts';

// Every kind of notification, made to happen through the API: what is pushed, what is in the inbox, what is counted.

const gateway = useGateway();
let office: Office;
let happen: ReturnType<typeof happenings>;
let assistantId: string;

beforeAll(async () => {
  office = await openOffice(gateway());
  happen = happenings(gateway(), office);
  const { accountId, admin, member, organization } = office;
  const input = `{ id: "${accountId}", patch: { ownerId: "${member.userId}" } }`;
  await gateway().ask(admin, `mutation { updateAccount(input: ${input}) { errors { message } } }`);
  const assistant = await gateway().app.runtime.db.prisma.user.findUniqueOrThrow({
    where: { id: organization.assistantId },
  });
  assistantId = encodeId('User', assistant.uid);
});

const Inbox = graphql(`
  query KindsInbox {
    viewer { unreadNotificationCount }
    notifications(first: 10) {
      totalCount
      nodes { id cursor kind taskId task { id title } activity { id } actor { id name isSystem } batchId createdAt readAt }
    }
  }
`);
const inbox = async () => {
  const { viewer, notifications } = await gateway().ask(office.member, Inbox);
  return { unread: viewer.unreadNotificationCount, count: notifications.totalCount, nodes: notifications.nodes };
};
const Mute = graphql(`
  mutation KindsMute($kinds: [NotificationKind!]) {
    updateViewer(input: { mutedKinds: $kinds }) { viewer { mutedKinds } errors { message } }
  }
`);
const mute = async (kinds: NotificationKind[]) => {
  const { updateViewer } = await gateway().ask(office.member, Mute, { kinds });
  expect(updateViewer).toEqual({ viewer: { mutedKinds: kinds }, errors: [] });
};

/** A subscription of Max's that is there, and its socket. */
async function following() {
  const socket = await signIn(gateway().url, office.member);
  const subscription = subscribeToAll(socket);
  await expect.poll(() => gateway().app.runtime.follower.size).toBe(1);
  return { next: async () => (await subscription.next()).notification, close: () => socket.close() };
}

describe.each(Object.values(KINDS))('%s', (kind) => {
  it('is pushed once with what it is about, stands in the inbox, and is unread', async () => {
    const before = await inbox();
    const { next, close } = await following();
    const { taskId = null, activityId = null, isBySystem }: Happened = await happen[kind]();
    const came = await next();
    expect(came).toMatchObject({
      kind,
      taskId,
      task: taskId && { id: taskId },
      activity: activityId && { id: activityId },
      actor: { id: isBySystem ? assistantId : office.admin.userId, isSystem: isBySystem ?? false },
      readAt: null,
    });
    const after = await inbox();
    expect(after).toMatchObject({ count: before.count + 1, unread: before.unread + 1 });
    expect(after.nodes[0]).toEqual(came);
    // Nothing else came of it: what follows is the next thing that happens.
    const last = await happen.TASK_ASSIGNED();
    expect((await next()).taskId).toBe(last.taskId);
    await close();
  });

  it('muted has no row and no push, and unmuted only what is new', async () => {
    const before = await inbox();
    const { next, close } = await following();
    await mute([kind]);
    await happen[kind]();
    expect(await inbox()).toEqual(before);
    await mute([]);
    const { taskId = null, activityId = null }: Happened = await happen[kind]();
    expect(await next()).toMatchObject({ kind, taskId, activity: activityId && { id: activityId } });
    expect((await inbox()).count).toBe(before.count + 1);
    await close();
  });
});

it('what one bulk update tells has one batch id, the update’s own', async () => {
  const ids = [0, 1, 2].map((n) => office.create({ title: `Bulk ${n}` }));
  const { next, close } = await following();
  const filter = `{ id: { in: ${JSON.stringify(await Promise.all(ids))} } }`;
  const update = `bulkUpdateTasks(input: { filter: ${filter}, set: { assigneeId: "${office.member.userId}" } }) { batchId updatedCount errors { message } }`;
  const { bulkUpdateTasks } = await gateway().ask<
    { bulkUpdateTasks: { batchId: string; updatedCount: number } },
    object
  >(office.admin, `mutation { ${update} }`);
  const came = [await next(), await next(), await next()];
  await close();
  expect(bulkUpdateTasks.updatedCount).toBe(3);
  expect(came.map(({ batchId }) => batchId)).toEqual(Array(3).fill(bulkUpdateTasks.batchId));
  expect(new Set(came.map(({ taskId }) => taskId)).size).toBe(3);
});

it('several muted kinds are each once, in any order given, and every other one is told', async () => {
  const { next, close } = await following();
  const { updateViewer } = await gateway().ask(office.member, Mute, {
    kinds: ['TASK_COMMENTED', 'MENTIONED', 'TASK_COMMENTED'],
  });
  expect(updateViewer.viewer?.mutedKinds.toSorted()).toEqual(['MENTIONED', 'TASK_COMMENTED']);
  await happen.TASK_COMMENTED();
  await happen.MENTIONED();
  const { activityId } = await happen.ACTIVITY_COMMENTED();
  expect((await next()).activity?.id).toBe(activityId);
  await mute([]);
  await close();
});
