import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useWorld } from '../world.ts';
import { granted, writesOf } from '../writes.ts';
import { type Asked, follow } from './room.ts';

const world = useWorld();
let accountId: string;
beforeAll(async () => {
  accountId = (await world().record('ACCOUNT', { name: 'Acme' })).key;
});

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});
const following = async (asked: Asked = {}, who = world().admin) => {
  const list = await follow(world(), who, asked);
  open.push(list);
  return list;
};
let writes: ReturnType<typeof writesOf>;
beforeEach(() => {
  writes = writesOf(world(), world().admin);
});
const create = async (title: string, more: object = {}) =>
  (granted(await writes.create({ title, accountId, ...more })) as { id: string }).id;

describe('a list that is followed', () => {
  it('is told what enters it, what happens in it and what leaves it', async () => {
    const list = await following({ filter: { priority: { eq: 'HIGH' } } });
    const id = await create('Call', { priority: 'LOW' });
    await writes.update(id, { priority: 'HIGH' });
    await writes.update(id, { title: 'Call back' });
    await writes.update(id, { priority: 'LOW' });
    const changes = [await list.next(), await list.next(), await list.next()];
    expect(changes.map(({ change, taskId }) => [change, taskId])).toEqual([
      ['ENTERED', id],
      ['UPDATED', id],
      ['LEFT', id],
    ]);
    expect(changes.map(({ event }) => event?.kind)).toEqual(['TASK_UPDATED', 'TASK_UPDATED', 'TASK_UPDATED']);
    expect(changes[1]?.event?.changes).toEqual([{ field: 'title', from: 'Call', to: 'Call back' }]);
  });
});
