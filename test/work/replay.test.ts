import { describe, expect, it } from 'vitest';
import { standingsOf } from '../../src/auth/store.ts';
import type { Viewer } from '../../src/auth/viewer.ts';
import { encodeCursor } from '../../src/event/cursor.ts';
import { followNotifications } from '../../src/event/service.ts';
import { uidOf } from '../../src/ids.ts';
import { schedule } from '../../src/work/service.ts';
import { type Caller, useGateway } from '../support/gateway.ts';
import { connect } from '../support/socket-client.ts';

const DAY = 86_400_000;
let daysAgo = 0;
const gateway = useGateway({ now: () => new Date(Date.now() - daysAgo * DAY) });

const ACCOUNT = `mutation { createAccount(input: { name: "Acme" }) { account { id } } }`;
const CREATE = `mutation ($input: CreateTaskInput!) { createTask(input: $input) { task { id } errors { message } } }`;
const SUBSCRIBE = 'subscription ($after: String) { taskAssigned(after: $after) { task { title } } }';
const UPDATE = 'mutation ($input: UpdateTaskInput!) { updateTask(input: $input) { errors { message } } }';
const EVENTS = 'query ($after: String) { events(after: $after) { nodes { kind } } }';
const HISTORY = 'query ($id: ID!) { task(id: $id) { history { nodes { kind } } } }';

interface Founded {
  readonly createAccount: { readonly account: { readonly id: string } };
}
interface Created {
  readonly createTask: { readonly task: { readonly id: string } };
}

/** An organization whose member was assigned a task 100 days ago, one that is gone by now, and one today. */
async function aged() {
  daysAgo = 101;
  const organization = await gateway().organization('Old');
  const admin = await gateway().member(organization, { email: `a${organization.id}@old.example`, role: 'ADMIN' });
  const email = `m${organization.id}@old.example`;
  const member = await gateway().member(organization, { email });
  const { createAccount } = await gateway().ask<Founded, unknown>(admin, ACCOUNT);
  const ids: string[] = [];
  for (const [days, title] of [
    [100, 'kept'],
    [99, 'gone'],
    [0, 'new'],
  ] as const) {
    daysAgo = days;
    const input = { title, accountId: createAccount.account.id, assigneeId: member.userId };
    const { createTask } = await gateway().ask<Created, unknown>(admin, CREATE, { input });
    ids.push(createTask.task.id);
  }
  const { prisma } = gateway().app.runtime.db;
  const organizationId = organization.id;
  const uid = uidOf('Task', ids[1] as string) as string;
  await prisma.task.deleteMany({ where: { organizationId, uid } });
  const { uid: organizationUid } = await prisma.organization.findUniqueOrThrow({ where: { id: organizationId } });
  const { lastSeq } = await prisma.organizationLog.findUniqueOrThrow({ where: { organizationId } });
  const cursor = (seq: bigint) => encodeCursor({ organizationUid, seq, at: 0 });
  return { organizationId, admin, member, email, kept: ids[0] as string, lastSeq, cursor };
}

/** Has the gateway's own worker prune the log; gives `pruned_to`. */
async function prune(organizationId: bigint): Promise<bigint> {
  const { runtime } = gateway().app;
  await runtime.db.transaction(organizationId, async (tx) =>
    schedule(runtime, tx, { kind: 'log.prune', due: { inMs: 0 } }),
  );
  gateway().app.work();
  const to = async () =>
    (await runtime.db.prisma.organizationLog.findUniqueOrThrow({ where: { organizationId } })).prunedTo;
  await expect.poll(to).toBeGreaterThan(0n);
  return to();
}

async function replay(caller: Caller, after: string) {
  const params = { Authorization: `Bearer ${caller.token}`, 'X-Organization-ID': caller.organizationId };
  const socket = await connect(gateway().url, { params });
  const message = await socket.subscribe({ query: SUBSCRIBE, variables: { after } }).next();
  await socket.close();
  return message;
}

describe('after the log was pruned', () => {
  it('a replay from before it is RESYNC_REQUIRED, from after it goes on, and the history of what lives is there', async () => {
    const { organizationId, admin, member, kept, lastSeq, cursor } = await aged();
    const prunedTo = await prune(organizationId);
    // A new task is two events: created, assigned.
    expect(prunedTo).toBe(lastSeq - 2n);
    const before = await replay(member, cursor(prunedTo - 1n));
    expect(JSON.stringify(before)).toContain('RESYNC_REQUIRED');
    const after = await replay(member, cursor(prunedTo));
    expect(after.payload.data).toEqual({ taskAssigned: { task: { title: 'new' } } });
    const history = await gateway().ask(admin, HISTORY, { id: kept });
    expect(history).toMatchObject({
      task: { history: { nodes: [{ kind: 'TASK_ASSIGNED' }, { kind: 'TASK_CREATED' }] } },
    });
    const where = { organizationId };
    expect(await gateway().app.runtime.db.prisma.notification.count({ where })).toBe(1);
  });

  it('the log is read on from where it was pruned to, and not from before', async () => {
    const { organizationId, admin, kept, cursor } = await aged();
    const prunedTo = await prune(organizationId);
    const early = await gateway().send(admin, EVENTS, { after: cursor(prunedTo - 1n) });
    expect(early.errors).toMatchObject([{ path: ['events'], extensions: { code: 'RESYNC_REQUIRED' } }]);
    const TOLD = { nodes: [{ kind: 'TASK_CREATED' }, { kind: 'TASK_ASSIGNED' }] };
    // The events of what lives are kept, and are its history: here they would stand between gaps.
    expect(await gateway().ask(admin, EVENTS, { after: null })).toEqual({ events: TOLD });
    expect(await gateway().ask(admin, EVENTS, { after: cursor(prunedTo) })).toEqual({ events: TOLD });
    expect(await gateway().ask(admin, HISTORY, { id: kept })).toMatchObject({ task: { history: { nodes: [{}, {}] } } });
  });

  it('a subscription that was open meanwhile, and level with the log, goes on', async () => {
    const { organizationId, admin, member, kept } = await aged();
    const params = { Authorization: `Bearer ${member.token}`, 'X-Organization-ID': member.organizationId };
    const socket = await connect(gateway().url, { params });
    const follow = socket.subscribe({ query: SUBSCRIBE });
    await expect.poll(() => gateway().app.runtime.follower.size).toBe(1);
    await prune(organizationId);
    const assign = async (assigneeId: string) =>
      gateway().ask(admin, UPDATE, { input: { id: kept, patch: { assigneeId } } });
    await assign(admin.userId);
    await assign(member.userId);
    expect((await follow.next()).payload.data).toEqual({ taskAssigned: { task: { title: 'kept' } } });
    await socket.close();
  });

  it('a replay that had begun, and has yet to read what was deleted, ends with RESYNC_REQUIRED', async () => {
    const { organizationId, email, cursor } = await aged();
    const { runtime } = gateway().app;
    const [standing] = await standingsOf(runtime.db, { email });
    const viewer = { ...standing, timeZone: 'UTC', expiresAt: null } as Viewer;
    const feed = await followNotifications(runtime, viewer, cursor(0n), () => true);
    await prune(organizationId);
    await expect(feed.next()).rejects.toMatchObject({ code: 'RESYNC_REQUIRED' });
  });
});
