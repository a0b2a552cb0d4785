import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useGateway } from '../support/gateway.ts';
import type { TestSocket } from '../support/socket-client.ts';
import { changeMembership, tellOf } from './membership.ts';
import { type Office, openOffice, signIn, subscribe } from './office.ts';

const gateway = useGateway();
let office: Office;
let socket: TestSocket;
let mine: ReturnType<typeof subscribe>;

beforeEach(async () => {
  office = await openOffice(gateway());
  socket = await signIn(gateway().url, office.member);
  mine = subscribe(socket);
  await expect.poll(() => gateway().app.runtime.follower.size).toBe(1);
});
afterEach(async () => void (await socket.close()));

const sql = (text: string, ...params: unknown[]) =>
  gateway().app.runtime.db.prisma.$executeRawUnsafe(`/* test.change */ ${text}`, office.organization.id, ...params);
const assign = (title: string) => office.create({ title, assigneeId: office.member.userId });

describe('each event is answered from what is there when it is delivered', () => {
  it('not from what an earlier event of the same subscription had read', async () => {
    const id = await assign('Call');
    expect((await mine.next()).task).toMatchObject({ title: 'Call', account: { name: 'Acme' } });
    await sql(`UPDATE account SET name = 'Acme & Sons' WHERE organization_id = $1`);
    await office.update(id, { title: 'Visit', assigneeId: null });
    await office.update(id, { assigneeId: office.member.userId });
    expect((await mine.next()).task).toMatchObject({ id, title: 'Visit', account: { name: 'Acme & Sons' } });
  });

  it('nor as the actor was once called', async () => {
    await assign('One');
    expect((await mine.next()).actor.name).toBe('Ada');
    await gateway().app.runtime.db.prisma.user.updateMany({ where: { name: 'Ada' }, data: { name: 'Ada Lovelace' } });
    await assign('Two');
    expect((await mine.next()).actor.name).toBe('Ada Lovelace');
  });

  it('and when the task is gone, the event still says which it was', async () => {
    const id = await assign('Soon gone');
    const { cursor, task } = await mine.next();
    expect(task?.id).toBe(id);
    await office.update(id, { assigneeId: null });
    await office.update(id, { assigneeId: office.member.userId });
    await sql('DELETE FROM task WHERE organization_id = $1 AND uid = $2', id.slice(5));
    const again = subscribe(socket, cursor);
    expect(await again.next()).toMatchObject({ taskId: id, task: null, notification: { taskId: id, task: null } });
  });
});

describe('what one may see is judged anew for each event', () => {
  it('someone without CRM access gets theirs', async () => {
    await changeMembership(gateway(), office, office.member, { crmAccess: false });
    const id = await assign('Theirs');
    expect((await mine.next()).task).toMatchObject({ id, title: 'Theirs' });
  });

  it('someone who loses CRM access between two events no longer sees what is not theirs', async () => {
    const id = await office.create({ title: 'Given to another', assigneeId: office.admin.userId });
    await tellOf(gateway(), office, office.member, id);
    expect((await mine.next()).task?.title).toBe('Given to another');
    await changeMembership(gateway(), office, office.member, { crmAccess: false });
    await tellOf(gateway(), office, office.member, id);
    expect(await mine.next()).toMatchObject({ taskId: id, task: null, notification: { task: null } });
    await changeMembership(gateway(), office, office.member, { crmAccess: true });
    await tellOf(gateway(), office, office.member, id);
    expect((await mine.next()).task?.title).toBe('Given to another');
  });

  it('someone who became a viewer still gets theirs', async () => {
    const id = await assign('Given before');
    await mine.next();
    await changeMembership(gateway(), office, office.member, { role: 'VIEWER' });
    await tellOf(gateway(), office, office.member, id);
    expect((await mine.next()).task?.title).toBe('Given before');
  });
});
