import { afterAll, beforeAll, expect, it } from 'vitest';
import { openWire, type Wire } from '../event/wire.ts';
import { createDatabase, type TestDatabase } from '../support/cluster.ts';
import { Gateway } from '../support/gateway.ts';
import { changeMembership } from './membership.ts';
import { type Office, openOffice, signIn, subscribe, TaskAssigned } from './office.ts';
import { type EventStreamReader, openStream } from './stream.ts';

// Two gateways, of which one has lost its doorbell for good: it polls every five seconds, give or take a fifth.

let database: TestDatabase;
let wire: Wire;
let deaf: Gateway;
let other: Gateway;
let office: Office;
const POLL_MS = 6_000;

beforeAll(async () => {
  database = await createDatabase();
  wire = await openWire(database.url);
  const env = { DATABASE_URL: database.url, DATABASE_DIRECT_URL: wire.url };
  deaf = await Gateway.start({ database, env });
  other = await Gateway.start({ database });
  office = await openOffice(other);
});
afterAll(async () => {
  await deaf.stop({ keep: true });
  await other.stop({ keep: true });
  await wire.close();
  await database.drop();
});

/** Has someone assigned a task through the other gateway; gives how long the push took. */
async function pushed(stream: EventStreamReader, title: string): Promise<number> {
  const begin = performance.now();
  const create = office.create({ title, assigneeId: office.member.userId });
  const [event] = await Promise.all([stream.next(), create]);
  expect(event?.data.data.taskAssigned.task.title).toBe(title);
  return performance.now() - begin;
}

it('a gateway whose doorbell is away still delivers, within six seconds; when it is back, at once', async () => {
  const follow = await openStream(deaf.url, office.member, TaskAssigned, { after: null });
  await expect.poll(() => deaf.app.runtime.follower.size).toBe(1);
  await pushed(follow, 'heard');

  const open = wire.refuse();
  wire.cut();
  await expect.poll(() => wire.size).toBe(0);
  expect(await pushed(follow, 'polled')).toBeLessThan(POLL_MS + 1_000);

  open();
  await expect.poll(() => wire.size, { timeout: 10_000 }).toBe(1);
  const times: number[] = [];
  for (let count = 0; count < 5; count += 1) times.push(await pushed(follow, `heard again ${count}`));
  // Polling alone would take far longer for four of five.
  expect(times.toSorted((a, b) => a - b)[3]).toBeLessThan(1_000);
  follow.close();
  await expect.poll(() => deaf.app.runtime.follower.size).toBe(0);
});

it('a revocation through another gateway ends what is idle there, within six seconds', async () => {
  const [socket, open] = [await signIn(deaf.url, office.member), wire.refuse()];
  subscribe(socket);
  const stream = await openStream(deaf.url, office.member, TaskAssigned, { after: null });
  await expect.poll(() => deaf.app.runtime.follower.size).toBe(2);
  wire.cut();
  const begin = performance.now();
  await changeMembership(other, office, office.member, { isActive: false });
  expect((await socket.closed).code).toBe(4403);
  expect(await stream.next()).toMatchObject({ data: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] } });
  expect((await stream.next())?.event).toBe('complete');
  expect(await stream.next()).toBeNull();
  expect(performance.now() - begin).toBeLessThan(POLL_MS + 1_000);
  open();
});
