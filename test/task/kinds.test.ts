import { beforeAll, describe, expect, it } from 'vitest';
import type { TaskPatch } from '../generated/graphql.ts';
import { KINDS } from './arbitrary.ts';
import { type Known, useWorld } from './world.ts';
import { granted, refusals, writesOf, written } from './writes.ts';

const world = useWorld();
const admin = () => writesOf(world(), world().admin);
let accountId: string;
beforeAll(async () => {
  accountId = (await world().record('ACCOUNT')).key;
});

describe('a task of another kind than LEAD', () => {
  it.each(KINDS.filter((kind) => kind !== 'LEAD'))(
    '%s lets assignee, date and completion change [CLOSE-34]',
    async (kind) => {
      const [{ key }] = (await world().tasks([{ kind }])) as [Known];
      const patch = { assigneeId: world().member.userId, date: '2026-03-01', isComplete: true };
      expect(granted(await admin().update(key, patch))).toMatchObject({
        _type: kind,
        date: '2026-03-01',
        isComplete: true,
        assignee: { id: world().member.userId },
      });
      expect(granted(await admin().update(key, { status: 'PENDING' }))).toMatchObject({ isComplete: false });
      expect(granted(await admin().complete(key, { outcome: 'Called back.' }))).toMatchObject({
        isComplete: true,
        outcome: 'Called back.',
      });
      expect(granted(await admin().remove(key)).isActive).toBe(false);
    },
  );

  it('refuses everything else by its field, and does nothing of what stands beside it [CLOSE-35]', async () => {
    const [{ key }] = (await world().tasks([{ kind: 'VOICEMAIL' }])) as [Known];
    const before = await written(world());
    const patch: TaskPatch = {
      title: 'x',
      description: 'x',
      type: 'DEMO',
      category: 'TEAM_UPDATE',
      priority: 'HIGH',
      linkedRecordId: accountId,
      attachmentUrls: [],
      tags: [],
      status: 'ON_HOLD',
      date: '2026-03-01',
    };
    const fields = [
      'title',
      'description',
      'type',
      'category',
      'priority',
      'linkedRecordId',
      'attachmentUrls',
      'tags',
      'status',
    ];
    expect(refusals(await admin().update(key, patch)).sort()).toEqual(
      fields.map((field) => `NOT_ALLOWED patch.${field}`).sort(),
    );
    expect(await written(world())).toEqual(before);
  });
});
