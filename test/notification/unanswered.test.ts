import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Fault } from '../../src/refusals.ts';
import { useGateway } from '../support/gateway.ts';
import { logCursor, type Office, openOffice, signIn, subscribe, TaskAssigned } from './office.ts';
import { openStream } from './stream.ts';

const gateway = useGateway();
let office: Office;
beforeAll(async () => {
  office = await openOffice(gateway());
});
afterEach(() => void vi.restoreAllMocks());

/** The database is away when an event is answered: its actor, which cannot be null, cannot be read. */
function failOnce(): void {
  const { db } = gateway().app.runtime;
  const read = db.rows.bind(db);
  const spy = vi.spyOn(db, 'rows');
  spy.mockImplementation(async (statement, ...rest) => {
    if (statement.name !== 'organization.users') return read(statement, ...rest);
    spy.mockRestore();
    throw new Fault('SERVICE_UNAVAILABLE', 'The database cannot be reached right now.');
  });
}

it('an event that cannot be answered now is not skipped: the socket closes 1013, and its cursor brings it again', async () => {
  const after = await logCursor(gateway(), office.member);
  const socket = await signIn(gateway().url, office.member);
  const first = subscribe(socket, after);
  await expect.poll(() => gateway().app.runtime.follower.size).toBe(1);
  failOnce();
  await office.create({ title: 'one', assigneeId: office.member.userId });
  const { payload } = await first.message();
  expect(payload).toMatchObject({ data: null, errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
  expect((await socket.closed).code).toBe(1013);
  await office.create({ title: 'two', assigneeId: office.member.userId });

  const again = await signIn(gateway().url, office.member);
  const second = subscribe(again, after);
  expect([(await second.next()).task?.title, (await second.next()).task?.title]).toEqual(['one', 'two']);
  await again.close();
});

it('nor is it on an event stream, which ends without a “complete”, and brings it again by the id of the one before', async () => {
  const after = await logCursor(gateway(), office.member);
  const first = await openStream(gateway().url, office.member, TaskAssigned, { after });
  await expect.poll(() => gateway().app.runtime.follower.size).toBe(1);
  failOnce();
  await office.create({ title: 'three', assigneeId: office.member.userId });
  expect((await first.next())?.data).toMatchObject({
    data: null,
    errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }],
  });
  expect(await first.next()).toBeNull();
  expect(first.lastEventId).toBe(after);
  const again = await openStream(
    gateway().url,
    office.member,
    TaskAssigned,
    { after: null },
    { lastEventId: first.lastEventId },
  );
  expect((await again.next())?.data.data.taskAssigned.task.title).toBe('three');
  again.close();
});
