import { print } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeCursor } from '../../src/event/cursor.ts';
import { graphql } from '../generated/index.ts';
import { useGateway } from '../support/gateway.ts';
import type { TestSocket } from '../support/socket-client.ts';
import {
  logCursor,
  NotificationReceived,
  type Office,
  openOffice,
  signIn,
  subscribeToAll,
  subscribe as subscribeToAssignments,
  TaskAssigned,
} from './office.ts';

const gateway = useGateway();
let office: Office;
beforeAll(async () => {
  office = await openOffice(gateway());
});

const assign = (title: string) => office.create({ title, assigneeId: office.member.userId });
const size = () => gateway().app.runtime.follower.size;

/** The subscriptions that a cursor leads on; what they tell of an assignment is the same to the tests. */
const subscriptions = {
  taskAssigned: { document: TaskAssigned, begin: subscribeToAssignments },
  notificationReceived: { document: NotificationReceived, begin: subscribeToAll },
};

let replays = 0;

describe.each(Object.entries(subscriptions))('%s', (field, { document, begin }) => {
  const subscribe = (socket: TestSocket, after: string | null = null) => {
    const { next, message } = begin(socket, after);
    const told = async () => {
      const { cursor, notification } = await next();
      return { cursor, notification, task: notification.task };
    };
    return { message, next: told };
  };

  /** Everything that follows a cursor, up to now. */
  async function replay(after: string): Promise<(string | undefined)[]> {
    replays += 1;
    const end = `end ${replays}`;
    const socket = await signIn(gateway().url, office.member);
    const subscription = subscribe(socket, after);
    await assign(end);
    const titles: (string | undefined)[] = [];
    while (titles.at(-1) !== end) titles.push((await subscription.next()).task?.title);
    await socket.close();
    return titles.filter((title) => !title?.startsWith('end '));
  }

  describe('a cursor', () => {
    it('of the last event brings exactly what was missed, in order, then what comes', async () => {
      const socket = await signIn(gateway().url, office.member);
      const before = subscribe(socket);
      await expect.poll(size).toBe(1);
      await assign('seen');
      const { cursor } = await before.next();
      await socket.close();
      await expect.poll(size).toBe(0);
      for (const title of ['missed 1', 'missed 2', 'missed 3']) await assign(title);
      await office.create({ title: 'not mine', assigneeId: office.admin.userId }, office.member);

      const again = await signIn(gateway().url, office.member);
      const after = subscribe(again, cursor);
      const titles = [await after.next(), await after.next(), await after.next()].map(({ task }) => task?.title);
      expect(titles).toEqual(['missed 1', 'missed 2', 'missed 3']);
      await assign('live');
      expect((await after.next()).task?.title).toBe('live');
      await again.close();
    });

    it('of each event is the place right behind it', async () => {
      const start = await logCursor(gateway(), office.member);
      for (const title of ['a', 'b', 'c']) await assign(title);
      const socket = await signIn(gateway().url, office.member);
      const subscription = subscribe(socket, start);
      const events = [await subscription.next(), await subscription.next(), await subscription.next()];
      await socket.close();
      expect(await replay(events[0]?.cursor as string)).toEqual(['b', 'c']);
      expect(await replay(events[1]?.notification.cursor as string)).toEqual(['c']);
    });

    const List = graphql(`
    query ResumeList {
      tasks(filter: { assignee: { isMe: true } }, orderBy: [{ field: CREATED_AT }], last: 1) { logCursor nodes { title } }
      notifications(first: 1) { logCursor nodes { cursor task { title } } }
      viewer { logCursor }
    }
  `);

    it('of a list, of the viewer and of a notification leads on from where that was read', async () => {
      await assign('in the list');
      const { tasks, notifications, viewer } = await gateway().ask(office.member, List);
      expect(tasks.nodes.map(({ title }) => title)).toEqual(['in the list']);
      expect(notifications.nodes.map(({ task }) => task?.title)).toEqual(['in the list']);
      await assign('after the list');
      expect(await replay(tasks.logCursor)).toEqual(['after the list']);
      expect(await replay(notifications.logCursor)).toEqual(['after the list']);
      expect(await replay(viewer.logCursor)).toEqual(['after the list']);
      expect(await replay(notifications.nodes[0]?.cursor as string)).toEqual(['after the list']);
    });

    it('is what the list gave, though something happened between its rows and the subscription', async () => {
      const { tasks } = await gateway().ask(office.member, List);
      const id = await assign('while the page loads');
      await office.update(id, { title: 'and renamed' });
      expect(await replay(tasks.logCursor)).toEqual(['and renamed']);
    });
  });

  describe('a cursor that cannot be followed', () => {
    const cursor = async (change: { organizationUid?: string; seq?: bigint }) => {
      const { db } = gateway().app.runtime;
      const { uid } = await db.prisma.organization.findUniqueOrThrow({ where: { id: office.organization.id } });
      return encodeCursor({ organizationUid: uid, seq: 1n, at: Date.now(), ...change });
    };
    const prune = (to: bigint) =>
      gateway().app.runtime.db.prisma.organizationLog.update({
        where: { organizationId: office.organization.id },
        data: { prunedTo: to },
      });

    const cases: [string, string, () => Promise<string>][] = [
      ['that is unreadable', 'BAD_USER_INPUT', async () => 'nonsense'],
      ['that is empty', 'BAD_USER_INPUT', async () => ''],
      [
        'that is of a list',
        'BAD_USER_INPUT',
        async () => Buffer.from('["notifications.seq","1"]').toString('base64url'),
      ],
      [
        'of another organization',
        'RESYNC_REQUIRED',
        async () => cursor({ organizationUid: '01J00000000000000000000000', seq: 3n }),
      ],
      ['beyond the end of the log', 'RESYNC_REQUIRED', async () => cursor({ seq: 1_000_000n })],
      ['from before what is kept', 'RESYNC_REQUIRED', async () => cursor({ seq: 1n })],
    ];

    it.each(cases)('%s is %s before any event', async (what, code, make) => {
      const after = await make();
      await prune(2n);
      const socket = await signIn(gateway().url, office.member);
      const { payload } = await subscribe(socket, after).message();
      expect(payload.errors ?? payload).toMatchObject([{ path: [field], extensions: { code } }]);
      if (code === 'RESYNC_REQUIRED') {
        const why = what === 'from before what is kept' ? 'no longer kept' : 'This cursor is not of this log.';
        expect((payload.errors ?? payload)[0].message).toContain(why);
      }
      expect(payload.data ?? null).toBeNull();
      // The socket and its other subscriptions go on.
      const good = subscribe(socket);
      await expect.poll(size).toBe(1);
      await assign('still here');
      expect((await good.next()).task?.title).toBe('still here');
      await socket.close();

      const answer = await gateway().send(office.member, print(document), { after }, { accept: 'text/event-stream' });
      expect(answer).toMatchObject({
        status: code === 'BAD_USER_INPUT' ? 400 : 410,
        errors: [{ extensions: { code } }],
      });
      await prune(0n);
    });

    it('is none that is right at the edge of what is kept', async () => {
      const start = await logCursor(gateway(), office.member);
      await assign('kept');
      const { lastSeq } = await gateway().app.runtime.db.prisma.organizationLog.findUniqueOrThrow({
        where: { organizationId: office.organization.id },
      });
      // An assignment at creation is two events: deleted is all up to the one before them.
      await prune(lastSeq - 2n);
      expect(await replay(start)).toEqual(['kept']);
      await prune(0n);
    });
  });
});
