import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { graphql } from '../generated/index.ts';
import { useGateway } from '../support/gateway.ts';
import { connect } from '../support/socket-client.ts';
import { changeMembership, tellOf } from './membership.ts';
import { type Office, openOffice, signIn, subscribe, TaskAssigned } from './office.ts';
import { openStream } from './stream.ts';

const gateway = useGateway({ limits: { tickMs: 20 } });
let office: Office;
beforeEach(async () => {
  office = await openOffice(gateway());
});
afterEach(() => void vi.useRealTimers());

const size = () => gateway().app.runtime.follower.size;
const isOver = { code: 'UNAUTHENTICATED' };

describe('a member who is deactivated', () => {
  it('is told so on the socket, which is closed 4403 with all that runs on it', async () => {
    const socket = await signIn(gateway().url, office.member);
    const [one, two] = [subscribe(socket), subscribe(socket)];
    await expect.poll(size).toBe(2);
    await changeMembership(gateway(), office, office.member, { isActive: false });
    expect(await one.message()).toMatchObject({ type: 'error', payload: [{ extensions: isOver }] });
    expect(await two.message()).toMatchObject({ type: 'error', payload: [{ extensions: isOver }] });
    expect(await socket.closed).toEqual({ code: 4403, reason: expect.stringContaining('UNAUTHENTICATED') });
    expect(size()).toBe(0);
  });

  it('is told so on the event stream, which ends', async () => {
    const stream = await openStream(gateway().url, office.member, TaskAssigned, { after: null });
    await expect.poll(size).toBe(1);
    await changeMembership(gateway(), office, office.member, { isActive: false });
    expect(await stream.next()).toMatchObject({ event: 'next', data: { errors: [{ extensions: isOver }] } });
    expect((await stream.next())?.event).toBe('complete');
    expect(await stream.next()).toBeNull();
  });

  it('does not get what was assigned just before and not yet delivered', async () => {
    const id = await office.create({ title: 'Too late', assigneeId: office.admin.userId });
    const stream = await openStream(gateway().url, office.member, TaskAssigned, { after: null });
    await expect.poll(size).toBe(1);
    // Delivered: nobody is reading any more when the next one comes, for which nobody rings.
    await tellOf(gateway(), office, office.member, id);
    expect((await stream.next())?.data).toMatchObject({ data: { taskAssigned: { taskId: id } } });
    await tellOf(gateway(), office, office.member, id, false);
    await changeMembership(gateway(), office, office.member, { isActive: false });
    expect((await stream.next())?.data).toMatchObject({ errors: [{ extensions: isOver }] });
  });

  it('is deactivated in that organization only, and alone', async () => {
    const other = await openOffice(gateway());
    const sockets = await Promise.all([office.admin, other.member].map((who) => signIn(gateway().url, who)));
    const [colleague, stranger] = sockets.map((socket) => subscribe(socket));
    await expect.poll(size).toBe(2);
    await changeMembership(gateway(), office, office.member, { isActive: false });
    await tellOf(gateway(), office, office.admin, await office.create({ title: 'Here' }));
    await other.create({ title: 'There', assigneeId: other.member.userId });
    const events = [await colleague?.next(), await stranger?.next()];
    expect(events.map((event) => event?.task?.title)).toEqual(['Here', 'There']);
    for (const socket of sockets) await socket.close();
  });
});

const CreateKey = graphql(`
  mutation PushCreateKey { createApiKey(input: { name: "Robot" }) { apiKey { id } secret errors { message } } }
`);
const RevokeKey = graphql(`
  mutation PushRevokeKey($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } errors { message } } }
`);

it('a key that is revoked ends its subscriptions and its socket', async () => {
  const { createApiKey } = await gateway().ask(office.admin, CreateKey);
  const socket = await connect(gateway().url, { params: { 'x-api-key': createApiKey.secret } });
  const subscription = subscribe(socket);
  await expect.poll(size).toBe(1);
  await gateway().ask(office.admin, RevokeKey, { id: createApiKey.apiKey?.id as string });
  expect(await subscription.message()).toMatchObject({ type: 'error', payload: [{ extensions: isOver }] });
  expect((await socket.closed).code).toBe(4403);
});

it('a token that expires closes its socket 4403 and ends its event stream, so that the client comes back', async () => {
  const socket = await signIn(gateway().url, office.member);
  subscribe(socket);
  const stream = await openStream(gateway().url, office.member, TaskAssigned, { after: null });
  await expect.poll(size).toBe(2);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2 * 3_600_000 });
  expect(await socket.closed).toMatchObject({ code: 4403 });
  expect(await stream.next()).toBeNull();
  await expect.poll(size).toBe(0);
});
