import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { changeMembership } from '../../notification/membership.ts';
import type { Caller } from '../../support/gateway.ts';
import { useWorld } from '../world.ts';
import { granted, writesOf } from '../writes.ts';
import { type Asked, follow, read, refused } from './room.ts';

const world = useWorld();
let accountId: string;
let limited: Caller;
let people = 0;
beforeAll(async () => {
  accountId = (await world().record('ACCOUNT')).key;
});

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
const following = async (asked: Asked, who: Caller) => {
  const list = await follow(world(), who, asked);
  open.push(list);
  return list;
};
const join = async (crmAccess: boolean) => {
  people += 1;
  limited = await world().gateway.member(world().organization, { email: `p${people}@ours.example`, crmAccess });
  return limited;
};
const writes = () => writesOf(world(), world().admin);
const create = async (title: string, more: object = {}) =>
  (granted(await writes().create({ title, accountId, ...more })) as { id: string }).id;
const change = (who: Caller, to: { crmAccess?: boolean; isActive?: boolean; role?: 'VIEWER' }) =>
  changeMembership(world().gateway, { organization: world().organization } as never, who, to);

describe('without CRM access', () => {
  it('a task enters when it is assigned to one, and leaves when it is no more, with nothing told of that', async () => {
    const list = await following({}, await join(false));
    const id = await create('Not theirs');
    await writes().update(id, { title: 'Theirs', assigneeId: limited.userId });
    await writes().update(id, { title: 'Still theirs' });
    await writes().update(id, { assigneeId: null, description: 'a secret' });
    await create('After', { assigneeId: limited.userId });
    const told = [await list.next(), await list.next(), await list.next(), await list.next()];
    expect(told.map(({ change, taskId, event }) => [change, taskId === id, event?.kind ?? null])).toEqual([
      ['ENTERED', true, 'TASK_ASSIGNED'],
      ['UPDATED', true, 'TASK_UPDATED'],
      ['LEFT', true, null],
      ['ENTERED', false, 'TASK_ASSIGNED'],
    ]);
    expect(told[2]?.task).toBeNull();
    expect(JSON.stringify(told)).not.toContain('secret');
  });

  it('a filter that names what one may not see names nothing', async () => {
    const filter = {
      accountId: { notIn: [(await world().record('ACCOUNT', { organizationId: world().other.organization.id })).key] },
    };
    const list = await following({ filter }, await join(false));
    await create('Seen', { assigneeId: limited.userId });
    expect((await list.next()).task?.title).toBe('Seen');
  });
});

describe('whoever goes on again from where they went on before, while another follows', () => {
  it('is given nothing of a task that is not theirs any more', async () => {
    const other = await following({}, world().admin);
    const after = (await read(world(), await join(false))).logCursor;
    const id = await create('Not theirs');
    // Each is a stretch of its own: who was away is behind the last one.
    await other.next();
    await writes().update(id, { title: 'Theirs', assigneeId: limited.userId });
    await other.next();
    const first = await following({ after }, limited);
    expect(await first.told(1)).toEqual(['ENTERED Theirs']);
    await first.close();
    await writes().update(id, { assigneeId: null, title: 'a secret' });
    const again = await following({ after }, limited);
    const told = [await again.next(), await again.next()];
    expect(told.map(({ change, taskId, task }) => [change, taskId, task])).toEqual([
      ['ENTERED', id, null],
      ['LEFT', id, null],
    ]);
    expect(JSON.stringify(told)).not.toContain('secret');
  });

  it.each([1, 2])(
    'is told of what there is as it is now, though no event tells of that (%i behind)',
    async (behind) => {
      const other = await following({}, world().admin);
      const after = (await read(world(), await join(true))).logCursor;
      for (let made = 0; made < behind; made += 1) {
        await create(`Made ${made}`);
        await other.next();
      }
      const first = await following({ after }, limited);
      const name = (await first.next()).task?.account?.name as string;
      await first.close();
      const renamed = `${name} & Sons`;
      await world().prisma.account.updateMany({
        where: { organizationId: world().organization.id, name },
        data: { name: renamed },
      });
      expect((await (await following({ after }, limited)).next()).task?.account?.name).toBe(renamed);
    },
  );
});

describe('when what one sees is changed', () => {
  it.each([true, false])(
    'the subscription ends with RESYNC_REQUIRED, and nothing more is told (CRM access before: %s)',
    async (crmAccess) => {
      const list = await following({}, await join(crmAccess));
      const { logCursor } = await read(world(), limited);
      await create('Before', { assigneeId: limited.userId });
      expect(await list.told(1)).toEqual(['ENTERED Before']);
      await change(limited, { crmAccess: !crmAccess });
      await create('After', { assigneeId: limited.userId });
      expect((await list.message()).errors).toMatchObject([{ extensions: { code: 'RESYNC_REQUIRED' } }]);
      // From before the change nobody can go on either; from a new reading, anyone.
      expect(await refused(world(), limited, { after: logCursor })).toMatchObject({ code: 'RESYNC_REQUIRED' });
      const anew = await following({ after: (await read(world(), limited)).logCursor }, limited);
      await create('Anew', { assigneeId: limited.userId });
      expect(await anew.told(1)).toEqual(['ENTERED Anew']);
    },
  );

  it('on a socket from before, a new list is judged by what is seen now', async () => {
    const list = await following({}, await join(true));
    await change(limited, { crmAccess: false });
    await list.message();
    const again = list.socket.subscribe({ query: 'subscription { taskChanged { task { title } } }' });
    await expect.poll(() => world().gateway.app.runtime.follower.size).toBe(1);
    await create('Hidden');
    await create('Shown', { assigneeId: limited.userId });
    expect((await again.next()).payload.data.taskChanged.task.title).toBe('Shown');
  });

  it('a new role changes nothing of the list', async () => {
    const list = await following({}, await join(true));
    await change(limited, { role: 'VIEWER' });
    await create('Told');
    expect(await list.told(1)).toEqual(['ENTERED Told']);
  });
});

it('whoever is deactivated is told so, and nothing more', async () => {
  const list = await following({}, await join(true));
  await change(limited, { isActive: false });
  expect((await list.message()).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
});

it('nothing of another organization is told, whatever the filter names', async () => {
  const { other, admin } = world();
  const theirs = await world().record('ACCOUNT', { organizationId: other.organization.id });
  const mine = { accountId: { in: [theirs.key, accountId] } };
  const [here, there] = [await following({ filter: mine }, admin), await following({ filter: mine }, other.admin)];
  granted(await writesOf(world(), other.admin).create({ title: 'Theirs', accountId: theirs.key }));
  await create('Ours');
  expect(await here.told(1)).toEqual(['ENTERED Ours']);
  expect(await there.told(1)).toEqual(['ENTERED Theirs']);
});
