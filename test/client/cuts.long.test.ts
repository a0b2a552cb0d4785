import { afterAll, beforeAll, expect, it } from 'vitest';
import { logCursor, type Office, openOffice } from '../notification/office.ts';
import { createDatabase, type TestDatabase } from '../support/cluster.ts';
import { Gateway } from '../support/gateway.ts';
import { assignments, clientOf } from './follower.ts';
import { openTunnel, type Tunnel } from './tunnel.ts';

const CUTS = 100;
const RESTARTS = 3;
const FOLLOWERS = 3;

let database: TestDatabase;
let gateway: Gateway;
let office: Office;
const tunnels: Tunnel[] = [];
beforeAll(async () => {
  database = await createDatabase();
  gateway = await Gateway.start({ database });
  office = await openOffice(gateway);
});
afterAll(async () => {
  for (const tunnel of tunnels) await tunnel.close();
  await gateway.stop();
});

it(`${CUTS} cuts at any byte, and gateways that go and come, lose nothing and repeat nothing`, async () => {
  const after = await logCursor(gateway, office.member);
  const ends: Record<string, number> = {};
  const onRetry = ({ code, message }: { readonly code: string | null; readonly message: string }) => {
    const end = code ?? message.replace(/\d+$/, '…');
    ends[end] = (ends[end] ?? 0) + 1;
  };
  let isCutting = true;
  const followers = [];
  for (let count = 0; count < FOLLOWERS; count += 1) {
    // The handshake and its acknowledgement take about 200 bytes, an event 700.
    const bytes = () => (isCutting ? 1 + Math.floor(Math.random() * 6_000) : Number.POSITIVE_INFINITY);
    const tunnel = await openTunnel(gateway.url, bytes);
    tunnels.push(tunnel);
    const retries = count === 0 ? { retryAttempts: 3, retryWait: async () => {} } : {};
    const events = assignments(clientOf(tunnel.url, office.member, retries), after, { onRetry, buffered: count * 20 });
    const taken: string[] = [];
    const run = async () => {
      for await (const { data } of events) {
        taken.push(data?.taskAssigned.taskId as string);
        // The last one is slow.
        if (count === FOLLOWERS - 1) await new Promise((resolve) => setTimeout(resolve, Math.random() * 10));
      }
    };
    followers.push({ events, taken, ended: run() });
  }

  const cuts = () => tunnels.reduce((sum, tunnel) => sum + tunnel.cuts, 0);
  let isWriting = true;
  const write = async () => {
    for (let count = 0; isWriting; count += 1) {
      // A gateway that is away answers nobody; what it did is in the log.
      await office.create({ title: `task ${count}`, assigneeId: office.member.userId }).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const writers = [write(), write()];
  for (let restart = 0; restart <= RESTARTS; restart += 1) {
    await expect.poll(cuts, { timeout: 60_000 }).toBeGreaterThanOrEqual(((restart + 1) * CUTS) / (RESTARTS + 1));
    if (restart === RESTARTS) break;
    await gateway.stop({ keep: true });
    const next = await Gateway.start({ database });
    // The office knows the gateway by name only.
    Object.assign(gateway, next);
    for (const tunnel of tunnels) tunnel.to(gateway.url);
  }
  isWriting = false;
  await Promise.all(writers);
  isCutting = false;

  const due = await gateway.app.runtime.db.prisma.$queryRawUnsafe<{ id: string }[]>(
    `/* test.due */ SELECT 'task_' || task_uid AS id FROM notification WHERE kind = 'TASK_ASSIGNED' ORDER BY seq`,
  );
  const expected = due.map(({ id }) => id);
  expect(expected.length).toBeGreaterThan(CUTS / FOLLOWERS);
  for (const { events, taken, ended } of followers) {
    await expect.poll(() => taken.length, { timeout: 30_000 }).toBeGreaterThanOrEqual(expected.length);
    expect(taken).toEqual(expected);
    await events.return();
    await ended;
  }
  console.log('cuts', { cuts: cuts(), restarts: RESTARTS, events: expected.length, ends });
  await expect.poll(() => gateway.app.runtime.follower.size).toBe(0);
});
