import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { useWorld } from './world.ts';
import { granted, refusals, type Shown, writesOf, written } from './writes.ts';

const world = useWorld();
const admin = () => writesOf(world(), world().admin);
let accountId: string;
let task: Shown;

beforeAll(async () => {
  accountId = (await world().record('ACCOUNT')).key;
});
beforeEach(async () => {
  task = granted(await admin().create({ title: 'Call', accountId }));
});

describe('expectedVersion', () => {
  it('that is the version lets everything through', async () => {
    expect(granted(await admin().update(task.id, { title: 'Write' }, { expectedVersion: 1 })).version).toBe(2);
    expect(granted(await admin().complete(task.id, { expectedVersion: 2 })).version).toBe(3);
    expect(granted(await admin().remove(task.id, 3)).version).toBe(4);
  });

  it('that is not is CONFLICT with the version that there is, and nothing is written', async () => {
    await admin().update(task.id, { title: 'Write' });
    const before = await written(world());
    const answers = [
      await admin().update(task.id, { title: 'Third' }, { expectedVersion: 1 }),
      await admin().complete(task.id, { expectedVersion: 3 }),
      await admin().remove(task.id, 1),
    ];
    for (const answer of answers) {
      expect(refusals(answer)).toEqual(['CONFLICT expectedVersion']);
      expect(answer.errors).toMatchObject([{ __typename: 'ConflictError', currentVersion: 2 }]);
    }
    expect(await written(world())).toEqual(before);
  });

  it('lets one of many through who read the same', async () => {
    const tries = await Promise.all(
      Array.from({ length: 8 }, (_, n) => admin().update(task.id, { title: `Try ${n}` }, { expectedVersion: 1 })),
    );
    expect(tries.filter(({ errors }) => errors.length === 0)).toHaveLength(1);
    expect((await admin().read(task.id))?.version).toBe(2);
  });

  it('absent lets all of many through, each its own version', async () => {
    await Promise.all(Array.from({ length: 8 }, (_, n) => admin().update(task.id, { title: `Try ${n}` })));
    expect((await admin().read(task.id))?.version).toBe(9);
    expect((await admin().read(task.id))?.history.totalCount).toBe(1 + 8);
  });
});
