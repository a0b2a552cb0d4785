import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import type { ActivityPatch, CreateActivityInput } from '../generated/graphql.ts';
import { type Known, useWorld } from '../task/world.ts';
import { granted, lastEvents, least, refusals, writesOf, written } from './writes.ts';

let now = new Date('2026-02-01T12:00:00.000Z');
const world = useWorld({ now: () => now });
let account: Known;
let contact: Known;
const writes = (caller = world().member) => writesOf(world(), caller);
const make = async (more: Partial<CreateActivityInput> = {}) =>
  granted(await writes().create({ ...least(account.key), ...more }));
/** That a patch of an activity is refused so, and that nothing is written. */
async function refuses(id: string, patch: ActivityPatch, ...expected: string[]) {
  const before = await written(world());
  expect(refusals(await writes().update(id, patch))).toEqual(expected);
  expect(await written(world())).toEqual(before);
}

beforeAll(async () => {
  account = await world().record('ACCOUNT');
  contact = await world().record('CONTACT', { accountId: account.id });
});

describe('updateActivity', () => {
  it('changes what the patch names and nothing else, tells of it, and raises the version', async () => {
    const before = await make({ title: 'Before', tags: ['old'], participants: [{ userId: world().admin.userId }] });
    now = new Date('2026-02-02T12:00:00.000Z');
    const after = granted(
      await writes().update(before.id, {
        title: 'After',
        tags: ['new'],
        participants: [{ userId: world().admin.userId, attended: true }, { contactId: contact.key }],
      }),
    );
    expect(after).toEqual({
      ...before,
      title: 'After',
      tags: ['new'],
      participants: [
        { ...before.participants[0], attended: true },
        { name: 'A contact', email: null, user: null, contact: { id: contact.key }, attended: null },
      ],
      updatedAt: now.toISOString(),
      version: 2,
    });
    const [tagged, updated] = await lastEvents(world(), 2);
    expect(tagged).toMatchObject({
      kind: 'TAG_ADDED',
      changes: [{ field: 'tags', from: ['old'], to: ['old', 'new'] }],
    });
    const person = { userId: world().admin.userId, contactId: null, name: null, email: null };
    expect(updated).toMatchObject({
      kind: 'ACTIVITY_UPDATED',
      changes: [
        { field: 'title', from: 'Before', to: 'After' },
        {
          field: 'participants',
          from: [{ ...person, attended: null }],
          to: [
            { ...person, attended: true },
            { ...person, userId: null, contactId: contact.key, attended: null },
          ],
        },
        { field: 'tags', from: ['old', 'new'], to: ['new'] },
      ],
    });
  });

  it('leaves people as they are when it does not name them', async () => {
    const before = await make({ participants: [{ userId: world().admin.userId, attended: true }, { name: 'Ida' }] });
    const after = granted(await writes().update(before.id, { location: 'Elsewhere' }));
    expect(after.participants).toEqual(before.participants);
    expect((await lastEvents(world(), 1))[0]?.changes).toEqual([{ field: 'location', from: 'Phone', to: 'Elsewhere' }]);
  });

  it('says who they were when it takes people out', async () => {
    const { id } = await make({ participants: [{ userId: world().admin.userId }, { contactId: contact.key }] });
    granted(await writes().update(id, { participants: [{ userId: world().member.userId }] }));
    const [event] = await lastEvents(world(), 1);
    const rest = { name: null, email: null, attended: null };
    expect(event?.changes).toEqual([
      {
        field: 'participants',
        from: [
          { userId: world().admin.userId, contactId: null, ...rest },
          { userId: null, contactId: contact.key, ...rest },
        ],
        to: [{ userId: world().member.userId, contactId: null, ...rest }],
      },
    ]);
  });

  it('that changes nothing makes no event and no version', async () => {
    const made = await make({
      title: 'Same',
      tags: ['x'],
      linkedRecordId: contact.key,
      participants: [{ userId: world().member.userId }, { contactId: contact.key, attended: true }],
    });
    const before = await written(world());
    const same: ActivityPatch = {
      title: ' Same ',
      tags: ['x'],
      linkedRecordId: contact.key,
      status: 'PENDING',
      activityTimestamp: '2026-01-12T11:00:00+01:00',
      participants: [{ userId: world().member.userId }, { contactId: contact.key, attended: true }],
    };
    expect(granted(await writes().update(made.id, same))).toEqual(made);
    expect(granted(await writes().update(made.id, {}))).toEqual(made);
    expect(await written(world())).toEqual(before);
  });

  it('cannot change the account [THENA-A24]', async () => {
    const { id } = await make();
    const query =
      'mutation ActivityRoomMove($input: UpdateActivityInput!) { updateActivity(input: $input) { errors { code } } }';
    const input = { id, patch: { accountId: account.key } };
    const { errors } = await world().gateway.send<object, object>(world().member, query, { input });
    expect(errors?.[0]?.message).toMatch(/accountId/);
  });

  it('clears by null what is nullable, empties lists, and refuses null elsewhere', async () => {
    const made = await make({
      title: 'x',
      description: 'x',
      linkedRecordId: contact.key,
      participants: [{ name: 'x' }],
      attachmentUrls: ['https://x.example'],
      tags: ['x'],
    });
    const cleared = { title: null, description: null, linkedRecordId: null };
    const emptied = { participants: null, attachmentUrls: null, tags: null };
    const after = granted(await writes().update(made.id, { ...cleared, ...emptied }));
    expect(after).toMatchObject({ title: null, description: null, linkedRecord: null });
    expect(after).toMatchObject({ participants: [], attachmentUrls: [], tags: [] });
    for (const field of ['activityTimestamp', 'duration', 'location', 'type', 'status', 'visibility'] as const) {
      await refuses(made.id, { [field]: null }, `INVALID patch.${field}`);
    }
  });

  it('goes from any status to any other [THENA-A07]', async () => {
    const { id } = await make();
    const statuses = ['COMPLETED', 'PENDING', 'CANCELLED', 'COMPLETED', 'CANCELLED', 'PENDING'] as const;
    for (const status of statuses) expect(granted(await writes().update(id, { status })).status).toBe(status);
  });

  it('cannot complete what is still to come, and says which of the two was wrong', async () => {
    const later = new Date(now.getTime() + 60_000).toISOString();
    const planned = await make({ activityTimestamp: later });
    await refuses(planned.id, { status: 'COMPLETED' }, 'INVALID patch.status');
    await refuses(planned.id, { status: 'COMPLETED', activityTimestamp: later }, 'INVALID patch.activityTimestamp');
    const done = await make({ status: 'COMPLETED' });
    await refuses(done.id, { activityTimestamp: later }, 'INVALID patch.activityTimestamp');
    // Both at once is fine; and what is wrong with neither is not looked at.
    granted(await writes().update(planned.id, { status: 'COMPLETED', activityTimestamp: now.toISOString() }));
    granted(await writes().update(done.id, { activityTimestamp: later, status: 'PENDING' }));
  });

  it('lets a recorded one be completed whenever it says that it was', async () => {
    const { id } = await make({ activityTimestamp: '2026-03-01T00:00:00Z' });
    const uid = id.replace('act_', '');
    await world().prisma.activity.update({
      where: { organizationId_uid: { organizationId: world().organization.id, uid } },
      data: { direction: 'INBOUND' },
    });
    expect(granted(await writes().update(id, { status: 'COMPLETED' }))).toMatchObject({
      status: 'COMPLETED',
      direction: 'INBOUND',
    });
  });

  const wrong: [string, ActivityPatch, ...string[]][] = [
    ['a duration', { duration: 10081 }, 'INVALID patch.duration'],
    ['a location', { location: '' }, 'INVALID patch.location'],
    ['a title', { title: 'x'.repeat(256) }, 'INVALID patch.title'],
    ['a description', { description: '\0' }, 'INVALID patch.description'],
    ['an attachment', { attachmentUrls: ['x'] }, 'INVALID patch.attachmentUrls.0'],
    ['a tag', { tags: [' '] }, 'INVALID patch.tags.0'],
    ['a participant', { participants: [{}] }, 'INVALID patch.participants.0'],
    ['several at once', { location: '', tags: [''] }, 'INVALID patch.location', 'INVALID patch.tags.0'],
    ['a user', { participants: [{ userId: 'junk' }] }, 'NOT_FOUND patch.participants.0.userId'],
    ['a contact', { participants: [{ contactId: 'junk' }] }, 'NOT_FOUND patch.participants.0.contactId'],
    ['a record', { linkedRecordId: 'junk' }, 'NOT_FOUND patch.linkedRecordId'],
  ];
  it.each(wrong)('refuses %s', async (_what, patch, ...expected) => refuses((await make()).id, patch, ...expected));

  it('links only a record of its account or of none [THENA-A19]', async () => {
    const { id } = await make();
    const other = await world().record('ACCOUNT');
    const theirs = await world().record('CONTACT', { accountId: other.id });
    await refuses(id, { linkedRecordId: theirs.key }, 'INVALID patch.linkedRecordId');
    await refuses(id, { linkedRecordId: other.key }, 'INVALID patch.linkedRecordId');
    const binned = await world().record('CONTACT', { accountId: account.id, deletedAt: now });
    await refuses(id, { linkedRecordId: binned.key }, 'INVALID patch.linkedRecordId');
    const lead = await world().record('LEAD');
    for (const { key } of [contact, lead, account, await world().record('OPPORTUNITY')]) {
      expect(granted(await writes().update(id, { linkedRecordId: key })).linkedRecord?.id).toBe(key);
    }
  });

  it('does not judge a link again that stays, though its record has moved on or is gone', async () => {
    const person = await world().record('CONTACT', { accountId: account.id });
    const made = await make({ linkedRecordId: person.key, participants: [{ contactId: person.key }] });
    const elsewhere = await world().record('ACCOUNT');
    const organizationId = world().organization.id;
    await world().prisma.contact.update({
      where: { organizationId_id: { organizationId, id: person.id } },
      data: { accountId: elsewhere.id, deletedAt: now },
    });
    const patch = { linkedRecordId: person.key, participants: [{ contactId: person.key, attended: true }] };
    expect(granted(await writes().update(made.id, patch))).toMatchObject({
      linkedRecord: { id: person.key },
      participants: [{ contact: { id: person.key }, attended: true }],
    });
  });

  it('is refused at another version than the caller read, naming the current one', async () => {
    const { id } = await make();
    granted(await writes().update(id, { title: 'two' }, 1));
    const answer = await writes().update(id, { title: 'three' }, 1);
    expect(refusals(answer)).toEqual(['CONFLICT expectedVersion']);
    expect(answer.errors[0]).toMatchObject({ currentVersion: 2 });
    expect(granted(await writes().update(id, { title: 'three' }, 2)).version).toBe(3);
  });

  it('lets one of two who read the same version win', async () => {
    const { id } = await make();
    const answers = await Promise.all(['a', 'b'].map((title) => writes().update(id, { title }, 1)));
    expect(answers.flatMap(refusals)).toEqual(['CONFLICT expectedVersion']);
    expect((await writes().read(id))?.version).toBe(2);
  });

  it('answers to what is missing, foreign, malformed or of another type as to none', async () => {
    const { id } = await make();
    for (const other of [encodeId('Activity', newUid()), account.key, 'junk', '', id.toLowerCase()]) {
      await refuses(other, { title: 'x' }, 'NOT_FOUND id');
      expect(refusals(await writes().remove(other))).toEqual(['NOT_FOUND id']);
      expect(refusals(await writes().restore(other))).toEqual(['NOT_FOUND id']);
    }
    expect(refusals(await writes(world().other.admin).update(id, { title: 'x' }))).toEqual(['NOT_FOUND id']);
  });
});

describe('deleteActivity and restoreActivity', () => {
  it('put into the bin and take out of it, telling of both [THENA-A11] [THENA-A22]', async () => {
    const made = await make({ title: 'Gone' });
    now = new Date('2026-02-03T12:00:00.000Z');
    const gone = { isActive: false, deletedAt: now.toISOString(), updatedAt: now.toISOString(), version: 2 };
    expect(granted(await writes().remove(made.id, 1))).toEqual({ ...made, ...gone });
    expect(await writes().read(made.id)).toEqual({ ...made, ...gone });
    expect((await lastEvents(world(), 1))[0]).toMatchObject({
      kind: 'ACTIVITY_DELETED',
      changes: [
        { field: 'isActive', from: true, to: false },
        { field: 'deletedAt', from: null, to: now.toISOString() },
      ],
    });
    expect(granted(await writes().restore(made.id))).toEqual({ ...made, updatedAt: now.toISOString(), version: 3 });
    expect((await lastEvents(world(), 1))[0]).toMatchObject({
      kind: 'ACTIVITY_RESTORED',
      changes: [
        { field: 'isActive', from: false, to: true },
        { field: 'deletedAt', from: now.toISOString(), to: null },
      ],
    });
    const row = await world().prisma.activity.findFirstOrThrow({
      where: { organizationId: world().organization.id, uid: made.id.slice(4) },
    });
    expect(row.deletionId).toBeNull();
  });

  it('number each deletion', async () => {
    const ids = [await make(), await make()].map(({ id }) => id);
    for (const id of ids) granted(await writes().remove(id));
    const rows = await world().prisma.activity.findMany({
      where: { organizationId: world().organization.id, uid: { in: ids.map((id) => id.slice(4)) } },
    });
    expect(new Set(rows.map(({ deletionId }) => deletionId)).size).toBe(2);
    expect(rows.every(({ deletionId }) => deletionId !== null)).toBe(true);
  });

  it('are refused at another version, and editing or deleting what is deleted is not allowed', async () => {
    const { id } = await make();
    expect(refusals(await writes().remove(id, 7))).toEqual(['CONFLICT expectedVersion']);
    granted(await writes().remove(id));
    await refuses(id, { title: 'x' }, 'NOT_ALLOWED id');
    expect(refusals(await writes().remove(id))).toEqual(['NOT_ALLOWED id']);
  });

  it('change nothing on what is not in the bin', async () => {
    const made = await make();
    const before = await written(world());
    expect(granted(await writes().restore(made.id))).toEqual(made);
    expect(await written(world())).toEqual(before);
  });

  it('do not bring back what belongs to something that is deleted, and say to what', async () => {
    const home = await world().record('ACCOUNT');
    const person = await world().record('CONTACT', { accountId: home.id });
    const bin = { deletedAt: now };
    const [plain, linked] = [
      await make({ accountId: home.key }),
      await make({ accountId: home.key, linkedRecordId: person.key }),
    ];
    for (const { id } of [plain, linked]) granted(await writes().remove(id));
    const organizationId = world().organization.id;
    const where = (id: bigint) => ({ where: { organizationId_id: { organizationId, id } } });
    await world().prisma.contact.update({ ...where(person.id), data: bin });
    const before = await written(world());
    const answer = await writes().restore(linked.id);
    expect(refusals(answer)).toEqual(['NOT_ALLOWED id']);
    expect(answer.errors[0]?.message).toMatch(/contact/);
    expect(await written(world())).toEqual(before);
    await world().prisma.account.update({ ...where(home.id), data: bin });
    for (const { id } of [plain, linked]) {
      expect((await writes().restore(id)).errors).toMatchObject([
        { code: 'NOT_ALLOWED', message: expect.stringMatching(/account/) },
      ]);
    }
    await world().prisma.account.update({ ...where(home.id), data: { deletedAt: null } });
    granted(await writes().restore(plain.id));
  });

  it('do not bring back what was linked meanwhile to a record of another kind, of the same number', async () => {
    const { prisma, organization } = world();
    const organizationId = organization.id;
    const person = await world().record('CONTACT', { accountId: account.id });
    const own = { organizationId, id: person.id, uid: newUid(), creatorId: organization.assistantId, name: 'Leo' };
    await prisma.lead.create({ data: { ...own, createdAt: now, updatedAt: now, deletedAt: now } });
    const { id } = await make({ linkedRecordId: person.key });
    granted(await writes().remove(id));
    const found = await prisma.activity.findFirstOrThrow({
      where: { organizationId, uid: id.split('_')[1] as string },
    });
    const waiting = () =>
      prisma.$queryRawUnsafe<unknown[]>(
        `/* test.waiting */ SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
    let restored: ReturnType<ReturnType<typeof writes>['restore']> | undefined;
    await prisma.$transaction(async (tx) => {
      await tx.activity.update({
        where: { organizationId_id: { organizationId, id: found.id } },
        data: { linkedType: 'LEAD', contactId: null, leadId: person.id },
      });
      restored = writes().restore(id);
      await expect.poll(waiting, { timeout: 5_000 }).not.toEqual([]);
    });
    expect((await restored)?.errors).toMatchObject([{ code: 'CONFLICT', path: ['id'] }]);
  });

  it('leave the tasks that came out of it, pointing at it', async () => {
    const { id } = await make();
    const [task] = await world().tasks([{ title: 'Came out of it', accountId: account.id }]);
    const organizationId = world().organization.id;
    const { id: activityId } = await world().prisma.activity.findFirstOrThrow({
      where: { organizationId, uid: id.slice(4) },
    });
    await world().prisma.task.updateMany({ where: { organizationId, uid: task?.uid as string }, data: { activityId } });
    granted(await writes().remove(id));
    const query = 'query ActivityRoomOfTask($id: ID!) { task(id: $id) { isActive activity { id isActive } } }';
    expect(await world().gateway.ask<object, object>(world().member, query, { id: task?.key })).toEqual({
      task: { isActive: true, activity: { id, isActive: false } },
    });
  });
});
