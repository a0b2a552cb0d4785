import { beforeAll, describe, expect, it } from 'vitest';
import { writesOf as activitiesOf, granted as grantedActivity, least } from '../activity/writes.ts';
import type { Caller } from '../support/gateway.ts';
import { STRANGERS } from '../task/sample.ts';
import { type Known, useWorld } from '../task/world.ts';
import { granted, writesOf, written } from '../task/writes.ts';
import { deskOf, refusals } from './room.ts';

const world = useWorld();
let account: Known;
let [limited, viewer, gone]: Caller[] = [];
const desk = (caller: Caller = world().admin) => deskOf(world(), caller);

beforeAll(async () => {
  const { gateway, organization } = world();
  account = await world().record('ACCOUNT');
  limited = await gateway.member(organization, { email: 'lim@ours.example', crmAccess: false });
  viewer = await gateway.member(organization, { email: 'vic@ours.example', role: 'VIEWER' });
  gone = await gateway.member(organization, { email: 'gus@ours.example' });
  const where = { organizationId: organization.id, userId: await world().idOf(gone) };
  await world().prisma.membership.updateMany({ where, data: { isActive: false } });
});

const newTask = async (assigneeId?: string, by: Caller = world().admin) =>
  granted(
    await writesOf(world(), by).create({ title: 'Call', accountId: account.key, ...(assigneeId && { assigneeId }) }),
  ).id;
const newActivity = async (more: object = {}, by: Caller = world().member) =>
  grantedActivity(await activitiesOf(world(), by).create({ ...least(account.key), ...more })).id;
const part = (...people: readonly (Caller | undefined)[]) => ({
  participants: people.map((person) => ({ userId: person?.userId as string })),
});

describe('a comment', () => {
  it('on a task is there, newest first, and leaves the task as it was [THENA-T31]', async () => {
    const id = await newTask();
    const before = await desk().task(id);
    const { comment } = await desk(world().member).say(id, ' Well,\nwell. ', [world().admin.userId]);
    await desk().say(id, 'Indeed');
    expect(comment).toMatchObject({
      ...{ body: ' Well,\nwell. ', version: 1, author: { id: world().member.userId } },
      mentions: [{ id: world().admin.userId }],
    });
    const after = await desk().task(id);
    expect(after?.comments.nodes.map(({ body }) => body)).toEqual(['Indeed', ' Well,\nwell. ']);
    expect(after?.comments.totalCount).toBe(2);
    expect([after?.version, after?.updatedAt]).toEqual([before?.version, before?.updatedAt]);
    expect(await desk().node(comment?.id as string)).toEqual(comment);
  });

  it('is told of in the history of its task, with the row as it is', async () => {
    const id = await newTask();
    const { comment } = await desk().say(id, 'Well', [world().member.userId]);
    const [event] = (await desk().task(id))?.history.nodes ?? [];
    expect(event).toEqual({
      kind: 'TASK_COMMENTED',
      changes: [
        { field: 'commentId', from: null, to: comment?.id },
        { field: 'body', from: null, to: 'Well' },
        { field: 'mentionIds', from: null, to: [world().member.userId] },
      ],
    });
    const row = await world().prisma.event.findFirstOrThrow({
      where: { organizationId: world().organization.id },
      orderBy: { seq: 'desc' },
    });
    expect(row.imageAfter).toMatchObject({ title: 'Call', version: 1 });
    expect(row.imageBefore).toEqual(row.imageAfter);
  });

  it('can be made on a task of any kind', async () => {
    const [task] = await world().tasks([{ kind: 'VOICEMAIL', accountId: account.id }]);
    expect(refusals(await desk().say(task?.key as string))).toEqual([]);
  });

  it('on an activity is there, and tells its creator and who takes part [THENA-A17]', async () => {
    const id = await newActivity(part(limited, viewer, gone));
    const { comment } = await desk().say(id, 'Noted', [viewer?.userId as string]);
    expect((await desk().activity(id))?.comments).toEqual({ totalCount: 1, nodes: [comment] });
    expect((await desk().activity(id))?.version).toBe(1);
    expect(await desk(world().member).told(id)).toEqual(['ACTIVITY_COMMENTED']);
    expect(await desk(viewer).told(id)).toEqual(['MENTIONED']);
    // Without CRM access the activity is not theirs to see.
    expect(await desk(limited).told(id)).toEqual([]);
    expect(await desk().told(id)).toEqual([]);
  });

  it('on a private activity is for those who see that alone', async () => {
    const id = await newActivity({ visibility: 'PRIVATE', ...part(viewer) });
    expect(refusals(await desk().say(id))).toEqual(['NOT_FOUND subjectId']);
    const { comment } = await desk(world().member).say(id, 'Between us', [viewer?.userId as string]);
    expect(await desk(viewer).told(id)).toEqual(['MENTIONED']);
    expect(await desk(viewer).node(comment?.id as string)).toEqual(comment);
    expect(await desk().node(comment?.id as string)).toBeNull();
    expect(refusals(await desk(world().member).say(id, 'x', [world().admin.userId]))).toEqual(['INVALID mentionIds.0']);
  });

  it('on a task out of sight is out of sight', async () => {
    const [theirs, others] = [await newTask(limited?.userId), await newTask()];
    const [seen, unseen] = [(await desk().say(theirs)).comment, (await desk().say(others)).comment];
    expect(await desk(limited).node(seen?.id as string)).toEqual(seen);
    expect(await desk(limited).node(unseen?.id as string)).toBeNull();
    expect(refusals(await desk(limited).say(others))).toEqual(['NOT_FOUND subjectId']);
    expect(refusals(await desk(limited).say(theirs))).toEqual([]);
  });

  it('tells watchers and the assignee, each once, the mentioned of that alone, and never its author', async () => {
    const { member, admin } = world();
    const id = await newTask(member.userId);
    await desk(viewer).watch(id);
    await desk(viewer).told(id);
    expect(refusals(await desk(admin).say(id, 'a', [member.userId, member.userId, admin.userId]))).toEqual([]);
    await desk(member).say(id, 'b');
    expect(await desk(member).told(id)).toEqual(['TASK_ASSIGNED', 'MENTIONED']);
    expect(await desk(viewer).told(id)).toEqual(['TASK_COMMENTED', 'TASK_COMMENTED']);
    expect(await desk(admin).told(id)).toEqual(['TASK_COMMENTED']);
  });

  it('mentions each once, in order', async () => {
    const { member, admin } = world();
    const ids = [viewer?.userId as string, member.userId, viewer?.userId as string, admin.userId];
    const { comment } = await desk().say(await newTask(), 'x', ids);
    expect(comment?.mentions.map(({ id }) => id)).toEqual([ids[0], ids[1], ids[3]]);
  });
});

describe('no comment', () => {
  it('is made of nothing, or of too much, or in the bin, and nothing is written', async () => {
    const [id, binned, activity] = [await newTask(), await newTask(), await newActivity()];
    granted(await writesOf(world(), world().admin).remove(binned));
    grantedActivity(await activitiesOf(world(), world().admin).remove(activity));
    const before = await written(world());
    const say = desk().say;
    const answers = await Promise.all([
      ...[say(id, ' '), say(id, '\u200b\ufeff'), say(id, 'x'.repeat(32_769)), say(id, 'x', Array(51).fill('user_x'))],
      ...[say(binned), say(activity)],
    ]);
    expect(answers.flatMap(refusals)).toEqual([
      ...['INVALID body', 'INVALID body', 'INVALID body', 'INVALID mentionIds'],
      ...['NOT_ALLOWED subjectId', 'NOT_ALLOWED subjectId'],
    ]);
    expect(await written(world())).toEqual(before);
    expect(await world().prisma.comment.count({ where: { organizationId: world().organization.id, body: ' ' } })).toBe(
      0,
    );
  });

  it('mentions who is nobody, has left, is no person or may not see it', async () => {
    const id = await newTask();
    const { assistantId } = world().organization;
    const { uid } = await world().prisma.user.findUniqueOrThrow({ where: { id: assistantId } });
    const ids = [limited, gone].map((person) => person?.userId as string);
    const answer = await desk().say(id, 'x', [
      ...ids,
      `user_${uid}`,
      world().other.admin.userId,
      'junk',
      world().member.userId,
    ]);
    expect(refusals(answer)).toEqual([
      ...['INVALID mentionIds.0', 'INVALID mentionIds.1', 'INVALID mentionIds.2'],
      ...['NOT_FOUND mentionIds.3', 'NOT_FOUND mentionIds.4'],
    ]);
    const theirs = await newTask(limited?.userId);
    expect(refusals(await desk().say(theirs, 'x', [limited?.userId as string]))).toEqual([]);
  });

  it('is made on what is none', async () => {
    for (const id of [...STRANGERS, account.key, world().admin.userId])
      expect(refusals(await desk().say(id)), id).toEqual(['NOT_FOUND subjectId']);
  });
});

describe('comments are paged', () => {
  it('forward and backward without a gap, also of one millisecond, and counted', async () => {
    const id = await newTask();
    const [task] = await world().prisma.task.findMany({
      where: { organizationId: world().organization.id, uid: id.slice(5) },
    });
    const author = { organizationId: world().organization.id, authorId: await world().idOf(world().admin) };
    const at = (n: number) => new Date(Date.UTC(2026, 0, 1) + Math.floor(n / 3));
    await world().prisma.comment.createMany({
      data: Array.from({ length: 10 }, (_, n) => ({
        ...{ ...author, taskId: task?.id as bigint, uid: `01ABCDEFGHJKMNPQRSTVWXYZ${String(n).padStart(2, '0')}` },
        ...{ body: String(n), createdAt: at(n) },
      })),
    });
    const walk = async (backward: boolean) => {
      const read: string[] = [];
      for (let cursor: string | null | undefined = null, more = true; more; ) {
        const page:
          | {
              comments: {
                totalCount: number;
                nodes: { body: string }[];
                pageInfo: {
                  hasNextPage: boolean;
                  hasPreviousPage: boolean;
                  startCursor?: string | null;
                  endCursor?: string | null;
                };
              };
            }
          | null
          | undefined = await desk().task(
          id,
          backward ? { last: 4, before: cursor ?? null } : { first: 4, after: cursor ?? null },
        );
        const { nodes, pageInfo, totalCount } = (page as NonNullable<typeof page>).comments;
        expect(totalCount).toBe(10);
        const bodies = nodes.map(({ body }) => body);
        read.splice(backward ? 0 : read.length, 0, ...bodies);
        [cursor, more] = backward
          ? [pageInfo.startCursor, pageInfo.hasPreviousPage]
          : [pageInfo.endCursor, pageInfo.hasNextPage];
      }
      return read;
    };
    const all = Array.from({ length: 10 }, (_, n) => String(9 - n));
    expect(await walk(false)).toEqual(all);
    expect(await walk(true)).toEqual(all);
  });

  it('by cursors of their own list', async () => {
    const id = await newTask();
    const cursor = Buffer.from(JSON.stringify(['history.seq 1', '1'])).toString('base64url');
    await expect(desk().task(id, { first: 1, after: cursor })).rejects.toThrow('BAD_USER_INPUT');
  });
});
