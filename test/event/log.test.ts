import { beforeAll, describe, expect, it } from 'vitest';
import type { NotificationKind } from '../../src/db/generated/prisma/enums.ts';
import { MAX_EVENTS } from '../../src/event/log.ts';
import { graphql } from '../generated/index.ts';
import { type Caller, useGateway } from '../support/gateway.ts';
import { append, foundHouse, type House, happening, moveIn, rows } from './house.ts';

const gateway = useGateway();

const lastSeq = async (house: House) => {
  const text = 'SELECT last_seq AS "lastSeq" FROM organization_log WHERE organization_id = $1';
  const [row] = await rows<{ lastSeq: bigint }>(gateway(), text, house.id);
  return row?.lastSeq as bigint;
};

describe('an append', () => {
  it('holds 10,000 events, in the order given, with their notifications at their places', async () => {
    const house = await foundHouse(gateway());
    const person = await moveIn(gateway(), house);
    const before = await lastSeq(house);
    const notify = [{ userId: person, kind: 'MENTIONED' as const }];
    const events = Array.from({ length: MAX_EVENTS }, (_, index) =>
      happening(house, index % 1_000 === 0 ? notify : [], index),
    );
    await append(gateway(), house, events);
    const text = `SELECT e.seq, (e.changes -> 0 ->> 'to')::int AS note, n.user_id AS "userId" FROM event e
      LEFT JOIN notification n ON n.organization_id = e.organization_id AND n.seq = e.seq
      WHERE e.organization_id = $1 AND e.seq > $2 ORDER BY e.seq`;
    const found = await rows<{ seq: bigint; note: number; userId: bigint | null }>(gateway(), text, house.id, [before]);
    expect(found).toEqual(
      events.map((_, index) => ({
        seq: before + BigInt(index + 1),
        note: index,
        userId: index % 1_000 === 0 ? person : null,
      })),
    );
  });

  it('of more than 10,000 events fails and leaves nothing', async () => {
    const house = await foundHouse(gateway());
    const before = await lastSeq(house);
    const events = Array.from({ length: MAX_EVENTS + 1 }, () => happening(house));
    await expect(append(gateway(), house, events)).rejects.toThrow('10001 events');
    expect(await lastSeq(house)).toBe(before);
  });
});

describe('a notification', () => {
  const kind: NotificationKind = 'TASK_ASSIGNED';
  const told = async (house: House) =>
    rows<{ userId: bigint; seq: bigint; kind: string }>(
      gateway(),
      'SELECT user_id AS "userId", seq, kind::text FROM notification n WHERE n.organization_id = $1 ORDER BY seq, user_id',
      house.id,
    );

  it('is one row per recipient and event, at the event’s place', async () => {
    const house = await foundHouse(gateway());
    const [ann, ben] = [await moveIn(gateway(), house), await moveIn(gateway(), house)];
    const seq = await lastSeq(house);
    const both = [ann, ben].map((userId) => ({ userId, kind }));
    await append(gateway(), house, [happening(house, both), happening(house, [{ userId: ben, kind: 'MENTIONED' }])]);
    expect(await told(house)).toEqual([
      { userId: ann, seq: seq + 1n, kind },
      { userId: ben, seq: seq + 1n, kind },
      { userId: ben, seq: seq + 2n, kind: 'MENTIONED' },
    ]);
  });

  it('cannot be two for one recipient and event: then nothing is written at all', async () => {
    const house = await foundHouse(gateway());
    const ann = await moveIn(gateway(), house);
    const seq = await lastSeq(house);
    const twice = [
      { userId: ann, kind },
      { userId: ann, kind: 'MENTIONED' as const },
    ];
    await expect(append(gateway(), house, [happening(house, twice)])).rejects.toThrow();
    expect([await told(house), await lastSeq(house)]).toEqual([[], seq]);
  });

  it('has no row when its kind is muted, while other kinds have', async () => {
    const house = await foundHouse(gateway());
    const ann = await moveIn(gateway(), house);
    const text =
      'UPDATE membership SET muted_kinds = $3::notification_kind[] WHERE organization_id = $1 AND user_id = $2';
    await rows(gateway(), text, house.id, [ann, [kind, 'TASK_COMPLETED']]);
    const seq = await lastSeq(house);
    await append(gateway(), house, [
      happening(house, [{ userId: ann, kind }]),
      happening(house, [{ userId: ann, kind: 'MENTIONED' }]),
    ]);
    expect(await told(house)).toEqual([{ userId: ann, seq: seq + 2n, kind: 'MENTIONED' }]);
  });

  it('has no row for who is inactive, a system user, or of another organization; the event stays', async () => {
    const [house, other] = [await foundHouse(gateway()), await foundHouse(gateway())];
    const [left, stranger] = [await moveIn(gateway(), house), await moveIn(gateway(), other)];
    const text = 'UPDATE membership SET is_active = false WHERE organization_id = $1 AND user_id = $2';
    await rows(gateway(), text, house.id, [left]);
    const seq = await lastSeq(house);
    const notify = [left, house.assistantId, stranger].map((userId) => ({ userId, kind }));
    await append(gateway(), house, [happening(house, notify)]);
    expect([await told(house), await told(other), await lastSeq(house)]).toEqual([[], [], seq + 1n]);
  });
});

const LogCreate = graphql(`
  mutation LogCreate($input: CreateTaskInput!) {
    createTask(input: $input) { task { id account { id } } errors { message } }
  }
`);
const LogComplete = graphql(`
  mutation LogComplete($input: CompleteTaskInput!) {
    completeTask(input: $input) { task { id } followUp { id } errors { message } }
  }
`);
const LogUpdate = graphql(`
  mutation LogUpdate($input: UpdateTaskInput!) {
    updateTask(input: $input) { task { id } errors { message } }
  }
`);
const LogAccount = graphql(`
  mutation LogAccount { createAccount(input: { name: "Acme" }) { account { id } errors { message } } }
`);

describe('a task’s events', () => {
  let admin: Caller;
  let organizationId: bigint;
  let accountId: string;

  beforeAll(async () => {
    const organization = await gateway().organization('Tasks');
    organizationId = organization.id;
    admin = await gateway().member(organization, { email: 'log.admin@house.example', role: 'ADMIN' });
    accountId = (await gateway().ask(admin, LogAccount)).createAccount.account?.id as string;
  });

  interface Logged {
    readonly kind: string;
    readonly before: { status: string; version: number } | null;
    readonly after: { status: string; version: number } | null;
  }

  const logOf = async (work: () => Promise<unknown>) => {
    const seqText = 'SELECT last_seq AS seq FROM organization_log WHERE organization_id = $1';
    const [start] = await rows<{ seq: bigint }>(gateway(), seqText, organizationId);
    await work();
    const text = `SELECT kind::text, subject_uid AS uid, image_before AS before, image_after AS after FROM event
      WHERE organization_id = $1 AND seq > $2 ORDER BY seq`;
    return rows<Logged & { uid: string }>(gateway(), text, organizationId, [start?.seq]);
  };
  const create = async (input: object) => {
    const { createTask } = await gateway().ask(admin, LogCreate, { input: { title: 'Call', accountId, ...input } });
    return createTask.task?.id as string;
  };

  it('of one write stand together in the order of kinds, and the last holds its images', async () => {
    const logged = await logOf(() => create({ assigneeId: admin.userId, status: 'COMPLETED', tags: ['a'] }));
    expect(logged.map(({ kind }) => kind)).toEqual(['TASK_CREATED', 'TAG_ADDED', 'TASK_ASSIGNED', 'TASK_COMPLETED']);
    expect(logged.slice(0, 3).map(({ before, after }) => before ?? after)).toEqual([null, null, null]);
    expect(logged[3]).toMatchObject({ before: null, after: { status: 'COMPLETED', version: 1 } });
  });

  it('of a change that is of several kinds hold its images once, on the last', async () => {
    const id = await create({});
    const patch = { title: 'Call back', assigneeId: admin.userId, isComplete: true };
    const logged = await logOf(() => gateway().ask(admin, LogUpdate, { input: { id, patch } }));
    const versions = logged.map(({ kind, before, after }) => [kind, before?.version, after?.version]);
    expect(versions).toEqual([
      ['TASK_UPDATED', undefined, undefined],
      ['TASK_ASSIGNED', undefined, undefined],
      ['TASK_COMPLETED', 1, 2],
    ]);
  });

  it('stand together though the write makes a second task, and each has its own images', async () => {
    const id = await create({});
    const followUp = { title: 'Again', accountId, assigneeId: admin.userId };
    const logged = await logOf(() => gateway().ask(admin, LogComplete, { input: { id, followUp } }));
    const [first, second] = [logged[0]?.uid, logged[1]?.uid];
    expect(logged.map(({ kind, uid }) => [kind, uid])).toEqual([
      ['TASK_COMPLETED', first],
      ['TASK_CREATED', second],
      ['TASK_ASSIGNED', second],
    ]);
    expect(id).toBe(`task_${first}`);
    expect(logged[0]).toMatchObject({
      before: { status: 'PENDING', version: 1 },
      after: { status: 'COMPLETED', version: 2 },
    });
    expect(logged[1]).toMatchObject({ before: null, after: null });
    expect(logged[2]).toMatchObject({ before: null, after: { status: 'PENDING', version: 1 } });
  });

  it('hold images that the database reads back as the rows they were', async () => {
    const id = await create({
      date: '2015-01-12T08:00:00Z',
      tags: ['x', 'y'],
      attachmentUrls: ['https://a.example/b'],
    });
    const text = `SELECT to_jsonb(t) = to_jsonb(r) AS same FROM task t
      JOIN event e ON e.organization_id = t.organization_id AND e.subject_id = t.id AND e.image_after IS NOT NULL
      CROSS JOIN jsonb_populate_record(NULL::task, e.image_after) r
      WHERE t.organization_id = $1 AND t.uid = $2`;
    expect(await rows(gateway(), text, organizationId, [id.slice(5)])).toEqual([{ same: true }]);
  });
});
