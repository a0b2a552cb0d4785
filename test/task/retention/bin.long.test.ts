import { afterEach, describe, expect, it } from 'vitest';
import type { RecordType } from '../../../src/db/generated/prisma/enums.ts';
import { encodeId, newUid } from '../../../src/ids.ts';
import { nameOf } from '../../support/gateway.ts';
import { type Known, useWorld } from '../world.ts';
import { daysAgo, eventsAfter, lastSeq, meanwhile, plantAged, retained } from './room.ts';

// Activities and records, which go from the bin once nothing refers to them.

const world = useWorld();
const organizationId = () => world().organization.id;
const query = (text: string, ...values: unknown[]) =>
  world().prisma.$queryRawUnsafe<Record<string, unknown>[]>(`/* test */ ${text}`, ...values);

type Table = 'account' | 'activity' | 'contact' | 'lead' | 'opportunity';
const TABLES = ['activity', 'opportunity', 'lead', 'contact', 'account'] as const;
const isOf = (table: Table) => table.toUpperCase() as RecordType;

/** A row that has been in the bin for so many days; not in it when there are none. */
async function plant(
  table: Table,
  deleted: number | null,
  more: Readonly<Record<string, unknown>> = {},
  { id, assistantId: creatorId } = world().organization,
): Promise<Known> {
  const uid = newUid();
  const values: Record<string, unknown> = {
    ...{ organization_id: id, uid, creator_id: creatorId, created_at: daysAgo(200), updated_at: daysAgo(200) },
    ...(table === 'activity'
      ? { activity_timestamp: daysAgo(200), duration: 0, location: 'Phone', is_active: deleted === null }
      : { name: table }),
    ...(deleted !== null && { deleted_at: daysAgo(deleted) }),
    ...more,
  };
  const columns = Object.keys(values);
  const text = `INSERT INTO ${table} (${columns.join()}) VALUES (${columns.map((name, n) => `$${n + 1}${name === 'participants' ? '::text::jsonb' : ''}`).join()}) RETURNING id`;
  const [row] = await query(text, ...Object.values(values));
  const type = {
    account: 'Account',
    activity: 'Activity',
    contact: 'Contact',
    lead: 'Lead',
    opportunity: 'Opportunity',
  } as const;
  return { uid, id: row?.['id'] as bigint, key: encodeId(type[table], uid) };
}
const has = async (table: Table, { uid }: Known) =>
  (await query(`SELECT 1 FROM ${table} WHERE organization_id = $1 AND uid = $2`, organizationId(), uid)).length === 1;

afterEach(async () => {
  for (const { id } of [world().organization, world().other.organization]) {
    for (const table of ['task_email', 'task', ...TABLES])
      await query(`DELETE FROM ${table} WHERE organization_id = $1`, id);
  }
});

describe.each(TABLES)('the bin’s %s', (table) => {
  it('goes after ninety days, with one event that tells that it will not come back [CLOSE-04]', async () => {
    const before = await lastSeq(world());
    const [old, young, living] = [await plant(table, 90.001), await plant(table, 89.999), await plant(table, null)];
    await plant(table, 400, {}, world().other.organization);
    await retained(world());
    expect(await Promise.all([old, young, living].map((row) => has(table, row)))).toEqual([false, true, true]);
    const [event, ...others] = await eventsAfter(world(), before);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      kind: table === 'activity' ? 'ACTIVITY_DELETED' : 'RECORD_DELETED',
      ...{ subjectType: isOf(table), subjectId: old.id, subjectUid: old.uid },
      ...{ actorId: world().organization.assistantId, actorKind: 'SYSTEM', imageBefore: null, imageAfter: null },
      changes: [{ field: 'id', from: old.key, to: null }],
    });
    const asked = await world().gateway.ask(world().admin, `{ node(id: "${old.key}") { id } }`);
    expect(asked).toEqual({ node: null });
    expect(
      await query(`SELECT 1 FROM ${table} WHERE organization_id = $1`, world().other.organization.id),
    ).toHaveLength(1);
  });

  it('stays when it was restored in the moment before it was locked', async () => {
    const [restored, gone] = [await plant(table, 100), await plant(table, 100)];
    const active = table === 'activity' ? ', is_active = true' : '';
    const restore = `UPDATE ${table} SET deleted_at = NULL${active} WHERE organization_id = $1 AND id = $2`;
    await meanwhile(world(), [restore], [organizationId(), restored.id], () => retained(world()));
    expect([await has(table, restored), await has(table, gone)]).toEqual([true, false]);
  });
});

it('what a deletion took stays while that is being carried out or undone', async () => {
  const numbered = { deletion_id: 4_712n };
  const taken = await Promise.all(TABLES.map((table) => plant(table, 100, numbered)));
  const job = { organizationId: organizationId(), kind: 'record.deletion' };
  const payload = { type: 'ACCOUNT', numbers: ['4711', '4712'] };
  await world().prisma.job.create({ data: { ...job, key: 'x', payload, dueAt: daysAgo(-1) } });
  await retained(world());
  const there = () => Promise.all(TABLES.map((table, n) => has(table, taken[n] as Known)));
  expect(await there()).toEqual(TABLES.map(() => true));
  await world().prisma.job.deleteMany({ where: job });
  await retained(world());
  expect(await there()).toEqual(TABLES.map(() => false));
});

/** Every way in which something can refer to something that is in the bin: what refers, by which column, to what. */
const REFERENCES: readonly (readonly [from: Table | 'task' | 'task_email', column: string, to: Table])[] = [
  ['task', 'activity_id', 'activity'],
  ['task_email', 'activity_id', 'activity'],
  ...(['account', 'contact', 'lead', 'opportunity'] as const).flatMap((to) =>
    (['activity', 'task'] as const).map((from) => [from, `${to}_id`, to] as const),
  ),
  ['contact', 'account_id', 'account'],
  ['opportunity', 'account_id', 'account'],
  ['opportunity', 'contact_id', 'contact'],
  ['opportunity', 'lead_id', 'lead'],
  ['lead', 'converted_account_id', 'account'],
  ['lead', 'converted_contact_id', 'contact'],
];

describe('what is referred to stays', () => {
  it.each(REFERENCES)('by a %s’s %s', async (from, column, to) => {
    const target = await plant(to, 100);
    const other = await plant(to, 100);
    const linked = column === `${to}_id` && to !== 'activity' ? { linked_type: isOf(to) } : {};
    if (from === 'task_email') {
      const [task] = await plantAged(world(), [{ kind: 'INCOMING_EMAIL' }]);
      await world().prisma.taskEmail.create({
        data: { organizationId: organizationId(), taskId: task?.id as bigint, activityId: target.id },
      });
    } else if (from === 'task') {
      const [task] = await plantAged(world(), [{}]);
      const type = 'linked_type' in linked ? `, linked_type = '${isOf(to)}'` : '';
      await query(
        `UPDATE task SET ${column} = $2${type} WHERE organization_id = $1 AND id = $3`,
        organizationId(),
        target.id,
        task?.id,
      );
    } else {
      const more = from === 'activity' && to !== 'account' ? { linked_type: isOf(to) } : {};
      await plant(from, null, { [column]: target.id, ...more });
    }
    await retained(world());
    expect([await has(to, target), await has(to, other)]).toEqual([true, false]);
  });

  it('by an activity in which a contact took part', async () => {
    const [target, other] = [await plant('contact', 100), await plant('contact', 100)];
    const participants = JSON.stringify([{ name: 'Someone' }, { contactId: Number(target.id), attended: true }]);
    await plant('activity', null, { participants });
    await retained(world());
    expect([await has('contact', target), await has('contact', other)]).toEqual([true, false]);
  });

  it('and there is no other foreign key to any of them', async () => {
    const rows = await query(
      `SELECT conrelid::regclass::text AS from, a.attname::text AS column, confrelid::regclass::text AS to FROM pg_constraint
       JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[2] WHERE contype = 'f' AND confrelid::regclass::text = ANY ($1)`,
      [...TABLES],
    );
    const found = rows.map((row) => `${row['from']}.${row['column']} ${row['to']}`).toSorted();
    const known = REFERENCES.map(([from, column, to]) => `${from}.${column} ${to}`);
    // What was said about an activity belongs to it, and goes with it.
    expect(found).toEqual([...known, 'comment.activity_id activity'].toSorted());
  });

  it('and each of them has an index, by which PostgreSQL looks before it lets a row go', async () => {
    const rows = await query(
      `SELECT conrelid::regclass || '.' || a.attname AS key FROM pg_constraint c
       JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[2]
       WHERE contype = 'f' AND confrelid::regclass::text = ANY ($1) AND NOT EXISTS (
         SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = conkey[1] AND i.indkey[1] = conkey[2]
           AND COALESCE(pg_get_expr(i.indpred, i.indrelid), '') IN ('', '(' || a.attname || ' IS NOT NULL)'))`,
      [...TABLES, 'task'],
    );
    expect(rows).toEqual([]);
  });
});

it('an activity takes what was said about it, and no other comment', async () => {
  const [gone, stays] = [await plant('activity', 100), await plant('activity', 100)];
  const [task] = await plantAged(world(), [{ kind: 'LEAD', activityId: stays.id }]);
  const { id, assistantId: authorId } = world().organization;
  const said = { organizationId: id, authorId, body: 'x', createdAt: new Date() };
  await world().prisma.comment.createMany({
    data: [
      { ...said, uid: newUid(), activityId: gone.id },
      { ...said, uid: newUid(), activityId: stays.id },
      { ...said, uid: newUid(), taskId: task?.id as bigint },
    ],
  });
  await retained(world());
  expect([await has('activity', gone), await has('activity', stays)]).toEqual([false, true]);
  const left = await world().prisma.comment.findMany({ where: { organizationId: id }, orderBy: { id: 'asc' } });
  expect(left.map(({ activityId, taskId }) => activityId ?? taskId)).toEqual([stays.id, task?.id]);
  await world().prisma.comment.deleteMany({ where: { organizationId: id } });
});

describe('what refers to each other', () => {
  it('goes in one day when all of it is in the bin, tasks first, an account last', async () => {
    const account = await plant('account', 95);
    const contact = await plant('contact', 95, { account_id: account.id });
    const lead = await plant('lead', 95, { converted_account_id: account.id, converted_contact_id: contact.id });
    const opportunity = await plant('opportunity', 95, {
      account_id: account.id,
      contact_id: contact.id,
      lead_id: lead.id,
    });
    const activity = await plant('activity', 95, {
      ...{ account_id: account.id, lead_id: lead.id, opportunity_id: opportunity.id, linked_type: 'OPPORTUNITY' },
    });
    const all = [
      ['account', account],
      ['contact', contact],
      ['lead', lead],
      ['opportunity', opportunity],
      ['activity', activity],
    ] as const;
    await plantAged(world(), [{ kind: 'LEAD', deleted: 95, accountId: account.id, activityId: activity.id }]);
    const before = await lastSeq(world());
    await retained(world());
    expect(await Promise.all(all.map(([table, row]) => has(table, row)))).toEqual(all.map(() => false));
    const told = (await eventsAfter(world(), before)).map(({ kind, subjectType }) => `${kind} ${subjectType}`);
    expect(told).toEqual([
      'TASK_DELETED TASK',
      'ACTIVITY_DELETED ACTIVITY',
      'RECORD_DELETED OPPORTUNITY',
      'RECORD_DELETED LEAD',
      'RECORD_DELETED CONTACT',
      'RECORD_DELETED ACCOUNT',
    ]);
  });

  it('stays as long as one task does, all the way up', async () => {
    const account = await plant('account', 95);
    const activity = await plant('activity', 95, { account_id: account.id });
    const [task] = await plantAged(world(), [{ kind: 'LEAD', activityId: activity.id }]);
    await retained(world());
    expect([await has('activity', activity), await has('account', account)]).toEqual([true, true]);
    await world().prisma.task.deleteMany({ where: { organizationId: organizationId(), uid: task?.uid as string } });
    await retained(world());
    expect([await has('activity', activity), await has('account', account)]).toEqual([false, false]);
  });
});

describe('a bin of much', () => {
  const fill = (count: number) =>
    query(
      `INSERT INTO contact (organization_id, uid, name, creator_id, created_at, updated_at, deleted_at)
       SELECT $1, 'many' || n, 'x', $2, now(), now(), now() - interval '100 days' FROM generate_series(1, $3::int) n`,
      organizationId(),
      world().organization.assistantId,
      count,
    );

  it('is gone through a thousand rows a transaction, by as many statements each', async () => {
    await fill(1_500);
    const before = await lastSeq(world());
    const { statements } = world().gateway;
    statements.length = 0;
    await retained(world());
    const sent = statements.map(({ text }) => nameOf(text)).filter((name) => name.startsWith('contact.'));
    const each = ['contact.binned', 'contact.lockBinned', 'contact.emptyBin'];
    expect(sent).toEqual([...each, ...each]);
    const events = await eventsAfter(world(), before);
    expect(events.map(({ seq }) => Number(seq - before))).toEqual(Array.from({ length: 1_500 }, (_, n) => n + 1));
    expect(new Set(events.map(({ subjectId }) => subjectId)).size).toBe(1_500);
  });

  it('hides nothing behind what has to stay', async () => {
    await fill(1_000);
    await query(
      `INSERT INTO opportunity (organization_id, uid, name, creator_id, created_at, updated_at, contact_id)
       SELECT $1, 'of' || id, 'x', creator_id, now(), now(), id FROM contact WHERE organization_id = $1`,
      organizationId(),
    );
    const behind = await plant('contact', 100);
    const before = await lastSeq(world());
    await retained(world());
    expect(await has('contact', behind)).toBe(false);
    expect(await eventsAfter(world(), before)).toHaveLength(1);
  });
});
