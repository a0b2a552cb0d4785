import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid, uidOf } from '../../../src/ids.ts';
import { AT, PHONE, recordingsOf, taken, tasked, useDesk } from './desk.ts';

// What is sent twice, or at once.

const desk = useDesk();
let session: pg.Client;
beforeAll(async () => {
  session = new pg.Client({ connectionString: desk().world.gateway.database.url });
  await session.connect();
});
afterAll(() => session.end());

const waiting = async () =>
  (
    await session.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
  ).rowCount;
/** What `work` gives, which was begun while somebody else had changed something that it then waits for. */
async function meanwhile<Answer>(
  text: string,
  values: readonly unknown[],
  work: () => Promise<Answer>,
): Promise<Answer> {
  await session.query('BEGIN');
  try {
    await session.query(text, [...values]);
    const asked = work();
    await expect.poll(waiting).toBe(1);
    await session.query('COMMIT');
    return await asked;
  } finally {
    await session.query('ROLLBACK');
  }
}
const countOf = async (externalId: string) => {
  const { prisma, organization } = desk().world;
  const where = { organizationId: organization.id, externalId };
  const activities = await prisma.activity.findMany({ where, select: { id: true } });
  const tasks = await prisma.task.count({
    where: { organizationId: organization.id, activityId: { in: activities.map(({ id }) => id) } },
  });
  return [activities.length, tasks];
};
const times = <Made>(count: number, make: (index: number) => Made) =>
  Array.from({ length: count }, (_, index) => make(index));

describe('what is sent twice under one external id', () => {
  it.each(['call', 'email', 'sms'] as const)(
    'is recorded once and answered alike, whatever else differs: %s',
    async (what) => {
      const { by, world } = desk();
      const externalId = `twice ${what}`;
      const first = await by[what]({ externalId });
      const { lastSeq } = await world.prisma.organizationLog.findUniqueOrThrow({
        where: { organizationId: world.organization.id },
      });
      const again = await by[what]({ externalId, at: '2026-05-05T00:00:00Z', recordId: 'junk', assigneeId: 'junk' });
      expect(taken(again)).toEqual(taken(first));
      expect(await by[what]({ externalId, direction: 'OUTBOUND' })).toEqual(first);
      expect(tasked(first).date).toBe(AT);
      const log = await world.prisma.organizationLog.findUniqueOrThrow({
        where: { organizationId: world.organization.id },
      });
      expect(log.lastSeq).toBe(lastSeq);
    },
  );

  it.each(['call', 'email', 'sms'] as const)(
    'makes one activity and one task when twenty come at once: %s',
    async (what) => {
      const externalId = `at once ${what}`;
      const answers = await Promise.all(
        times(20, () => desk().by[what]({ externalId, ...(what === 'email' && { threadId: externalId }) })),
      );
      expect(new Set(answers.map((answer) => `${taken(answer).activity.id} ${tasked(answer).id}`)).size).toBe(1);
      expect(await countOf(externalId)).toEqual([1, 1]);
    },
  );

  it('is answered with the task that it joined, and the follow-up that it made', async () => {
    const { by } = desk();
    const threadId = 'answers';
    const begun = tasked(await by.email({ threadId }));
    const joining = { threadId, externalId: 'joins' };
    expect(tasked(await by.email(joining)).id).toBe(begun.id);
    expect(tasked(await by.email(joining)).id).toBe(begun.id);
    expect((await by.task(begun.id)).version).toBe(2);
    const out = { externalId: 'goes out', direction: 'OUTBOUND' as const, followUpOn: '2026-03-05' };
    expect(tasked(await by.email(out)).id).toBe(tasked(await by.email(out)).id);
  });

  it('is another thing for another mutation, and for another organization', async () => {
    const { by, world } = desk();
    const there = recordingsOf(world, world.other.admin);
    const externalId = 'the same';
    const ids = await Promise.all(
      [by.call, by.email, by.sms, there.call].map(async (send) => taken(await send({ externalId })).activity.id),
    );
    expect(new Set(ids).size).toBe(4);
  });
});

describe('at once', () => {
  it('two e-mails, or ten, of one thread are one task', async () => {
    const { by, world } = desk();
    const threadId = 'ten';
    const answers = await Promise.all(
      times(10, (index) => by.email({ threadId, at: `2026-03-02T10:00:0${index}.000Z` })),
    );
    expect(new Set(answers.map((answer) => tasked(answer).id)).size).toBe(1);
    const { id } = tasked(answers[0] as (typeof answers)[0]);
    expect(await by.task(id)).toMatchObject({ version: 10, date: '2026-03-02T10:00:09.000Z' });
    const { prisma, organization } = world;
    const task = await prisma.task.findFirstOrThrow({
      where: { organizationId: organization.id, uid: uidOf('Task', id) as string },
    });
    expect(await prisma.taskEmail.count({ where: { organizationId: organization.id, taskId: task.id } })).toBe(10);
  });

  it('an e-mail and its answer leave nothing to be followed up, whichever is first', async () => {
    const { by } = desk();
    const out = { direction: 'OUTBOUND', followUpOn: '2026-03-05' } as const;
    const answers = await Promise.all(
      times(12, (index) => [
        by.email({ ...out, threadId: `both ${index}` }),
        by.email({ threadId: `both ${index}` }),
      ]).flat(),
    );
    const followUps = answers.flatMap(({ task }) => (task?._type === 'EMAIL_FOLLOWUP' ? [task.id] : []));
    for (const id of followUps) expect((await by.task(id)).status).toBe('COMPLETED');
  });

  it('a contact that goes into the bin is not matched: who is next is', async () => {
    const { by, records } = desk();
    const phone = '+1 415 555 0188';
    const lead = await records.lead({ company: 'Next', phone });
    const contact = await records.contact({ firstName: 'Soon gone', phone });
    const answer = await meanwhile(
      `UPDATE contact SET deleted_at = now(), deletion_id = 1 WHERE uid = $1`,
      [uidOf('Contact', contact)],
      () => by.call({ phone }),
    );
    expect(taken(answer).activity.linkedRecord?.id).toBe(lead);
  });

  it('an owner who leaves is not given the task: who is next is', async () => {
    const { by, records, world, account } = desk();
    const owner = await world.gateway.member(world.organization, { email: 'leaving@ours.example' });
    const phone = '+1 415 555 0189';
    await records.contact({ firstName: 'Owned', phone, accountId: account, ownerId: owner.userId });
    const answer = await meanwhile(
      'UPDATE membership SET is_active = false WHERE user_id = $1',
      [await world.idOf(owner)],
      () => by.call({ phone }),
    );
    expect(tasked(answer).assignee?.id).toBe(world.admin.userId);
  });

  it('the task is given to who owns the contact once it is held, and called as that is called by then', async () => {
    const { by, records, world } = desk();
    const phone = '+1 415 555 0190';
    const contact = await records.contact({ firstName: 'Before', phone, ownerId: world.admin.userId });
    const answer = await meanwhile(
      'UPDATE contact SET owner_id = $2, name = $3 WHERE uid = $1',
      [uidOf('Contact', contact), await world.idOf(world.member), 'After'],
      () => by.call({ phone }),
    );
    expect(tasked(answer)).toMatchObject({
      assignee: { id: world.member.userId },
      title: 'Missed call from After',
    });
  });

  it('an e-mail begins a new task when the old one is completed meanwhile', async () => {
    const { by } = desk();
    const threadId = 'completed';
    const { id } = tasked(await by.email({ threadId }));
    const answer = await meanwhile(
      `UPDATE task SET status = 'COMPLETED', status_before = status, completed_at = now(), completed_by_id = creator_id,
         version = version + 1 WHERE uid = $1`,
      [uidOf('Task', id)],
      () => by.email({ threadId }),
    );
    expect(tasked(answer).id).not.toBe(id);
    expect(await by.task(id)).toMatchObject({ status: 'COMPLETED', version: 2 });
  });

  it('an e-mail joins the task that somebody opens again meanwhile', async () => {
    const { by, world } = desk();
    const threadId = 'reopened';
    const { id } = tasked(await by.email({ threadId }));
    await by.complete(id);
    const answer = await meanwhile(
      `UPDATE task SET status = 'PENDING', status_before = NULL, completed_at = NULL, completed_by_id = NULL WHERE uid = $1`,
      [uidOf('Task', id)],
      () => by.email({ threadId }),
    );
    expect(tasked(answer).id).toBe(id);
    const where = { organizationId: world.organization.id, threadId, recording: 'EMAIL' as const };
    expect(await world.prisma.activity.count({ where })).toBe(2);
  });
});

describe('what is private since', () => {
  it('is out of the sight of whoever records it again, its task is not', async () => {
    const { by, world } = desk();
    const externalId = 'private';
    const { activity, task } = taken(await by.call({ externalId, phone: PHONE }));
    const hide = `mutation { updateActivity(input: { id: "${activity.id}", patch: { visibility: PRIVATE } }) { errors { code } } }`;
    await world.gateway.ask(world.admin, hide);
    const again = await recordingsOf(world, world.member).call({ externalId });
    expect([again.activity, again.task?.id, again.errors]).toEqual([null, task?.id, []]);
  });
});

describe('who may record', () => {
  const codesOf = async (query: string, headers: Record<string, string>) => {
    const { data, errors } = await desk().world.gateway.send<Record<string, { activity: unknown }>, object>(
      null,
      query,
      {},
      headers,
    );
    return (
      errors?.map(({ extensions }) => extensions['code']) ?? Object.values(data ?? {}).map(({ activity }) => activity)
    );
  };
  const query = `mutation { recordCall(input: { externalId: "${newUid()}", direction: INBOUND, outcome: MISSED, at: "${AT}" }) {
    activity { creator { name } } errors { code } } }`;

  it('is a key with CRM access, which is the activity’s creator; neither viewers nor members without it', async () => {
    const { world } = desk();
    const { gateway, organization, admin } = world;
    const make = async (name: string, crmAccess: boolean) => {
      const asked = `mutation { createApiKey(input: { name: "${name}", role: MEMBER, crmAccess: ${crmAccess} }) { secret } }`;
      const { createApiKey } = await gateway.ask<{ createApiKey: { secret: string } }, object>(admin, asked);
      return { 'x-api-key': createApiKey.secret };
    };
    expect(await codesOf(query, await make('Telephone', true))).toEqual([{ creator: { name: 'Telephone' } }]);
    expect(await codesOf(query, await make('Blind', false))).toEqual(['FORBIDDEN']);
    const viewer = await gateway.member(organization, { email: 'looks@ours.example', role: 'VIEWER' });
    expect(await codesOf(query, { authorization: `Bearer ${viewer.token}` })).toEqual(['FORBIDDEN']);
  });

  it('is not told of a task that is their own', async () => {
    const { world } = desk();
    const { task } = taken(await recordingsOf(world, world.member).call({ phone: PHONE }));
    expect(task?.assignee?.id).toBe(world.member.userId);
    const where = { organizationId: world.organization.id, taskUid: uidOf('Task', task?.id as string) as string };
    expect(await world.prisma.notification.count({ where })).toBe(0);
  });
});

describe('an id', () => {
  it('of a record or a user of another organization is not found', async () => {
    const { by, world } = desk();
    const record = await world.record('CONTACT', { organizationId: world.other.organization.id });
    const answer = await by.sms({ recordId: record.key, assigneeId: world.other.admin.userId });
    expect(answer.errors.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual([
      'NOT_FOUND assigneeId',
      'NOT_FOUND recordId',
    ]);
    const nobody = await by.sms({ recordId: encodeId('Contact', newUid()) });
    expect(nobody.errors).toEqual([answer.errors.find(({ path }) => path[0] === 'recordId')]);
  });
});
