import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import { useGateway } from '../support/gateway.ts';
import type { TestSocket } from '../support/socket-client.ts';
import { type Assigned, type Office, openOffice, signIn, subscribe, TaskAssigned } from './office.ts';
import { openStream } from './stream.ts';

const gateway = useGateway({ limits: { connectionsPerCaller: 3 } });
let office: Office;
beforeAll(async () => {
  office = await openOffice(gateway());
});

const size = () => gateway().app.runtime.follower.size;

/** Both ways to subscribe, the same to the tests. */
const transports = {
  async WebSocket() {
    const socket = await signIn(gateway().url, office.member);
    const { next } = subscribe(socket);
    return { next, close: () => void socket.close() };
  },
  async 'server-sent events'() {
    const stream = await openStream(gateway().url, office.member, TaskAssigned, { after: null });
    const next = async (): Promise<Assigned> => (await stream.next())?.data.data.taskAssigned;
    return { next, close: stream.close };
  },
};

describe.each(Object.entries(transports))('over %s', (_name, open) => {
  let next: () => Promise<Assigned>;
  let close: () => void;

  const subscribed = async (work: () => Promise<void>) => {
    ({ next, close } = await open());
    await expect.poll(size).toBe(1);
    try {
      await work();
    } finally {
      close();
    }
  };
  /** What came is `title`, and nothing came before it. */
  const expectNext = async (title: string) => expect((await next()).task?.title).toBe(title);

  it('a task that is created with an assignee reaches them, whole [PARSA-10]', () =>
    subscribed(async () => {
      const { member, admin, accountId } = office;
      const id = await office.create({ title: 'Call them', assigneeId: member.userId });
      const event = await next();
      const actor = { id: admin.userId, name: 'Ada', isSystem: false };
      expect(event).toEqual({
        cursor: event.notification.cursor,
        taskId: id,
        task: { id, title: 'Call them', assignee: { id: member.userId }, account: { id: accountId, name: 'Acme' } },
        actor,
        notification: {
          id: expect.stringMatching(/^ntf_[0-9A-Z]{26}-\d+$/),
          cursor: expect.any(String),
          kind: 'TASK_ASSIGNED',
          taskId: id,
          task: { title: 'Call them' },
          actor: { id: admin.userId },
          batchId: null,
          createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          readAt: null,
        },
      });
    }));

  it('a task that is given to someone else reaches them, also back again', () =>
    subscribed(async () => {
      const id = await office.create({ title: 'Handed on', assigneeId: office.admin.userId });
      await office.update(id, { assigneeId: office.member.userId });
      await expectNext('Handed on');
      await office.update(id, { assigneeId: null });
      await office.update(id, { assigneeId: office.member.userId, title: 'Back again' });
      await expectNext('Back again');
    }));

  it('an assignment with notify: false is silent, and so is what is no assignment', () =>
    subscribed(async () => {
      const { member } = office;
      await office.create({ title: 'Silent', assigneeId: member.userId, notify: false });
      const id = await office.create({ title: 'Unassigned' });
      await office.update(id, { assigneeId: member.userId }, { notify: false });
      await office.update(id, { assigneeId: member.userId, title: 'Renamed only' });
      await office.update(id, { isComplete: true });
      await office.create({ title: 'Loud', assigneeId: member.userId });
      await expectNext('Loud');
    }));

  it('what one assigns to oneself is silent', () =>
    subscribed(async () => {
      const { member } = office;
      const id = await office.create({ title: 'My own', assigneeId: member.userId }, member);
      await office.update(id, { assigneeId: null }, { by: member });
      await office.update(id, { assigneeId: member.userId }, { by: member });
      await office.create({ title: 'From Ada', assigneeId: member.userId });
      await expectNext('From Ada');
    }));
});

describe('a subscription', () => {
  let socket: TestSocket;

  it('has only one’s own: not what others are assigned, nor what happens in another organization', async () => {
    const other = await openOffice(gateway());
    socket = await signIn(gateway().url, office.member);
    const mine = subscribe(socket);
    await expect.poll(size).toBe(1);
    await other.create({ title: 'Elsewhere', assigneeId: other.member.userId });
    await office.create({ title: 'For Ada', assigneeId: office.admin.userId }, office.member);
    await office.create({ title: 'For Max', assigneeId: office.member.userId });
    expect((await mine.next()).task?.title).toBe('For Max');
    await socket.close();
  });

  it('says nothing of a muted kind, which has no row either', async () => {
    const { db } = gateway().app.runtime;
    const mute = (kinds: string[]) =>
      db.prisma.$executeRawUnsafe(
        `/* test.mute */ UPDATE membership SET muted_kinds = $2::notification_kind[]
         WHERE organization_id = $1 AND kind = 'PERSON'`,
        office.organization.id,
        kinds,
      );
    socket = await signIn(gateway().url, office.member);
    const mine = subscribe(socket);
    await expect.poll(size).toBe(1);
    await mute(['TASK_ASSIGNED']);
    await office.create({ title: 'Muted', assigneeId: office.member.userId });
    await mute([]);
    await office.create({ title: 'Heard', assigneeId: office.member.userId });
    expect((await mine.next()).task?.title).toBe('Heard');
    await socket.close();
  });

  it('is one of several on a socket, each with its own place', async () => {
    socket = await signIn(gateway().url, office.member);
    const first = subscribe(socket);
    await expect.poll(size).toBe(1);
    await office.create({ title: 'One', assigneeId: office.member.userId });
    const one = await first.next();
    const second = subscribe(socket, one.cursor);
    await office.create({ title: 'Two', assigneeId: office.member.userId });
    expect([(await first.next()).task?.title, (await second.next()).task?.title]).toEqual(['Two', 'Two']);
    first.complete();
    await expect.poll(size).toBe(1);
    await office.create({ title: 'Three', assigneeId: office.member.userId });
    expect((await second.next()).task?.title).toBe('Three');
    await socket.close();
  });

  it('ends with its client, however that leaves, though nothing ever came', async () => {
    const polite = await signIn(gateway().url, office.member);
    const rude = await signIn(gateway().url, office.member);
    const completing = subscribe(polite);
    subscribe(rude);
    const stream = await openStream(gateway().url, office.member, TaskAssigned, { after: null });
    await expect.poll(size).toBe(3);
    completing.complete();
    await expect.poll(size).toBe(2);
    rude.raw.terminate();
    await expect.poll(size).toBe(1);
    stream.close();
    await expect.poll(size).toBe(0);
    await polite.close();
  });

  it('ends, and gives back its place, though its client left while it was being judged', async () => {
    const client = new pg.Client({ connectionString: gateway().database.url });
    await client.connect();
    const judging = async () => {
      const text = `/* test.judging */ SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%event.position%'`;
      return (await gateway().app.runtime.db.prisma.$queryRawUnsafe<unknown[]>(text)).length;
    };
    socket = await signIn(gateway().url, office.member);
    await client.query('BEGIN; LOCK TABLE organization_log');
    subscribe(socket);
    const leaving = new AbortController();
    const stream = openStream(gateway().url, office.member, TaskAssigned, { after: null }, { controller: leaving });
    await expect.poll(judging).toBe(2);
    socket.raw.terminate();
    leaving.abort();
    await expect(stream).rejects.toThrow('aborted');
    await socket.closed;
    await client.query('COMMIT');
    await client.end();
    // As many as one may have, so that a place that was not given back is missed.
    const sockets = [await signIn(gateway().url, office.member), await signIn(gateway().url, office.member)];
    const last = await openStream(gateway().url, office.member, TaskAssigned, { after: null });
    expect(last.status).toBe(200);
    await expect.poll(size).toBe(1);
    last.close();
    for (const each of sockets) await each.close();
  });
});
