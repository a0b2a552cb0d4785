import { beforeAll, describe, expect, it } from 'vitest';
import { decodeId } from '../../src/ids.ts';
import { graphql } from '../generated/index.ts';
import { useWorld } from './world.ts';
import { granted, writesOf } from './writes.ts';

const world = useWorld();
const admin = () => writesOf(world(), world().admin);
let accountId: string;
beforeAll(async () => {
  accountId = (await world().record('ACCOUNT')).key;
});
const fresh = async () =>
  granted(await admin().create({ title: 'Call', accountId, tags: ['a'], date: '2026-02-01' })).id;

/** A task's events as they are kept, oldest first. */
const kept = (id: string) =>
  world().prisma.event.findMany({
    where: { organizationId: world().organization.id, subjectUid: decodeId(id)?.uid as string },
    orderBy: { seq: 'asc' },
  });
/** A task's row as the database writes it. */
async function rowOf(id: string) {
  const [row] = await world().prisma.$queryRaw<{ image: Record<string, unknown> }[]>`
    SELECT to_jsonb(t) AS image FROM task t WHERE t.organization_id = ${world().organization.id} AND t.uid = ${decodeId(id)?.uid}`;
  return row?.image;
}

describe('the images of a write', () => {
  it('stand on its last event only: of a new task the row after, and nothing before', async () => {
    const id = granted(
      await admin().create({ title: 'Call', accountId, tags: ['a'], assigneeId: world().member.userId }),
    ).id;
    const events = await kept(id);
    expect(events.map(({ kind, imageBefore, imageAfter }) => [kind, imageBefore, imageAfter !== null])).toEqual([
      ['TASK_CREATED', null, false],
      ['TAG_ADDED', null, false],
      ['TASK_ASSIGNED', null, true],
    ]);
    expect(events.at(-1)?.imageAfter).toEqual(await rowOf(id));
  });

  it('are the row before and the row after, column by column', async () => {
    const id = await fresh();
    const before = await rowOf(id);
    await admin().update(id, { title: 'Write', tags: ['b'], assigneeId: world().member.userId, isComplete: true });
    const [, , ...events] = await kept(id);
    expect(
      events.map(({ kind, imageBefore, imageAfter }) => [kind, imageBefore !== null, imageAfter !== null]),
    ).toEqual([
      ['TAG_ADDED', false, false],
      ['TASK_UPDATED', false, false],
      ['TASK_ASSIGNED', false, false],
      ['TASK_COMPLETED', true, true],
    ]);
    expect(events.at(-1)).toMatchObject({ imageBefore: before, imageAfter: await rowOf(id) });
    expect(before).toMatchObject({ title: 'Call', version: 1, due_on: '2026-02-01', status: 'PENDING' });
    expect(events.at(-1)?.imageAfter).toMatchObject({
      title: 'Write',
      version: 2,
      status: 'COMPLETED',
      is_queue_row: false,
    });
  });

  it('of a deletion are the two as well', async () => {
    const id = await fresh();
    const before = await rowOf(id);
    await admin().remove(id);
    const last = (await kept(id)).at(-1);
    expect(last).toMatchObject({ kind: 'TASK_DELETED', imageBefore: before, imageAfter: await rowOf(id) });
    expect(last?.imageAfter).toMatchObject({ is_active: false });
  });

  it('of two tasks in one transaction stand on the last event of each', async () => {
    const id = await fresh();
    const before = await rowOf(id);
    const { followUp } = await admin().complete(id, { followUp: { title: 'Again', accountId, tags: ['x'] } });
    const next = followUp?.id as string;
    const seqs = [...(await kept(id)).slice(-1), ...(await kept(next))];
    expect(seqs.map(({ kind, imageBefore, imageAfter }) => [kind, imageBefore !== null, imageAfter !== null])).toEqual([
      ['TASK_COMPLETED', true, true],
      ['TASK_CREATED', false, false],
      ['TAG_ADDED', false, true],
    ]);
    expect(seqs[0]).toMatchObject({ imageBefore: before, imageAfter: await rowOf(id) });
    expect(seqs[2]?.imageAfter).toEqual(await rowOf(next));
    expect(
      seqs.map(({ seq }) => seq - (seqs[0]?.seq as bigint)),
      'a task’s events stand together',
    ).toEqual([0n, 1n, 2n]);
  });

  it('keep what JSON could lose: numbers beyond 2^53, and text as it is', async () => {
    const id = await fresh();
    const uid = decodeId(id)?.uid as string;
    const big = 2n ** 60n + 1n;
    await world().prisma.task.updateMany({
      where: { organizationId: world().organization.id, uid },
      data: { stageBeforeId: big },
    });
    await admin().update(id, { title: '"\\u0041" 👍' });
    const [row] = await world().prisma.$queryRaw<{ before: string; after: string; title: string }[]>`
      SELECT image_before->>'stage_before_id' AS before, image_after->>'stage_before_id' AS after, image_after->>'title' AS title
      FROM event WHERE organization_id = ${world().organization.id} AND subject_uid = ${uid} ORDER BY seq DESC LIMIT 1`;
    expect(row).toEqual({ before: String(big), after: String(big), title: '"\\u0041" 👍' });
  });
});

const HISTORY = graphql(`
  query TaskRoomHistory($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    task(id: $id) {
      history(first: $first, after: $after, last: $last, before: $before) {
        totalCount
        edges { cursor node { kind changes { field to } task { id } record { id } } }
        pageInfo { hasNextPage hasPreviousPage }
      }
    }
  }
`);

describe('a history', () => {
  let id: string;
  beforeAll(async () => {
    id = granted(await admin().create({ title: 'Title 0', accountId })).id;
    for (let n = 1; n < 8; n += 1) await admin().update(id, { title: `Title ${n}` });
  });
  const read = async (args: object) => {
    const history = (await world().gateway.ask(world().admin, HISTORY, { id, ...args })).task?.history;
    const titles = history?.edges.map(({ node }) => node.changes.find(({ field }) => field === 'title')?.to) ?? [];
    return { ...history, titles, cursors: history?.edges.map(({ cursor }) => cursor) ?? [] };
  };
  const TITLES = [7, 6, 5, 4, 3, 2, 1, 0].map((n) => `Title ${n}`);

  it('is newest first, and says of what [CLOSE-54]', async () => {
    const { titles, totalCount, edges } = await read({});
    expect(titles).toEqual(TITLES);
    expect(totalCount).toBe(8);
    expect(edges?.[0]?.node).toMatchObject({ kind: 'TASK_UPDATED', task: { id }, record: null });
    expect(edges?.at(-1)?.node.kind).toBe('TASK_CREATED');
  });

  it('pages both ways', async () => {
    const first = await read({ first: 3 });
    expect([first.titles, first.pageInfo]).toEqual([TITLES.slice(0, 3), { hasNextPage: true, hasPreviousPage: false }]);
    const second = await read({ first: 5, after: first.cursors.at(-1) });
    expect([second.titles, second.pageInfo]).toEqual([TITLES.slice(3), { hasNextPage: false, hasPreviousPage: true }]);
    const last = await read({ last: 2 });
    expect([last.titles, last.pageInfo]).toEqual([TITLES.slice(-2), { hasNextPage: false, hasPreviousPage: true }]);
    const before = await read({ last: 100, before: last.cursors[0] });
    expect([before.titles, before.pageInfo]).toEqual([
      TITLES.slice(0, 6),
      { hasNextPage: true, hasPreviousPage: false },
    ]);
  });

  it.each([
    'junk',
    Buffer.from('["history.seq","x"]').toString('base64url'),
    Buffer.from('["history.seq"]').toString('base64url'),
  ])('refuses a cursor that is none: %s', async (after) => {
    const { errors } = await world().gateway.send(world().admin, HISTORY, { id, after });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'after' } }]);
  });
});

const SEVERAL = graphql(`
  mutation TaskRoomSeveral($id: ID!, $create: CreateTaskInput!) {
    a: updateTask(input: { id: $id, patch: { title: "One" } }) { task { title version tags history { totalCount } } errors { code } }
    b: updateTask(input: { id: $id, patch: { title: "Two", tags: ["x"] } }) { task { title version tags history { totalCount } } errors { code } }
    refused: updateTask(input: { id: $id, patch: { title: "" } }) { task { title } errors { code } }
    c: completeTask(input: { id: $id }) { task { title version status history { totalCount } } errors { code } }
    other: createTask(input: $create) { task { title version } errors { code } }
    d: deleteTask(input: { id: $id }) { task { title version isActive account { name } } errors { code } }
  }
`);

describe('several mutations in one request', () => {
  it('run one after the other, and each answers with the state that it made', async () => {
    const id = granted(await admin().create({ title: 'Zero', accountId })).id;
    expect(await world().gateway.ask(world().admin, SEVERAL, { id, create: { title: 'Other', accountId } })).toEqual({
      a: { task: { title: 'One', version: 2, tags: [], history: { totalCount: 2 } }, errors: [] },
      b: { task: { title: 'Two', version: 3, tags: ['x'], history: { totalCount: 4 } }, errors: [] },
      refused: { task: null, errors: [{ code: 'INVALID' }] },
      c: { task: { title: 'Two', version: 4, status: 'COMPLETED', history: { totalCount: 5 } }, errors: [] },
      other: { task: { title: 'Other', version: 1 }, errors: [] },
      d: { task: { title: 'Two', version: 5, isActive: false, account: { name: 'A account' } }, errors: [] },
    });
  });
});
