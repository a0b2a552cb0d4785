import { generateNKeysBetween } from 'fractional-indexing';
import { beforeAll, describe, expect, it } from 'vitest';
import { uidOf } from '../../src/ids.ts';
import { type BoardWrites, boardOf, type KnownPipeline, plantCards, plantPipeline } from '../pipeline/board.ts';
import { type Known, useWorld } from './world.ts';
import { granted, refusals, written } from './writes.ts';

const world = useWorld();
let admin: BoardWrites;
let accountId: string;
let contracts: KnownPipeline;
let [drafted, sent, approved, done] = ['', '', '', ''];

beforeAll(async () => {
  admin = boardOf(world(), world().admin);
  accountId = (await world().record('ACCOUNT')).key;
});
/** A board of its own for each test: positions are then what the test makes them. */
const fresh = async () => {
  contracts = await plantPipeline(world());
  [drafted, sent, approved, done] = contracts.stages;
};
const cards = (stage: string, count: number) => plantCards(world(), stage, count, accountId);

/** The cards of a stage as a board shows them. */
async function shown(stageId: string): Promise<string[]> {
  const { prisma, organization } = world();
  const stage = await prisma.stage.findUniqueOrThrow({
    where: { organizationId_uid: { organizationId: organization.id, uid: uidOf('Stage', stageId) as string } },
  });
  const rows = await prisma.task.findMany({
    where: { organizationId: organization.id, stageId: stage.id, deletedAt: null, isQueueRow: false },
    orderBy: { position: 'asc' },
    select: { uid: true },
  });
  return rows.map(({ uid }) => `task_${uid}`);
}

describe('a card', () => {
  it('is put directly behind another, first, or last', async () => {
    await fresh();
    const [a, b, c, d] = (await cards(sent, 4)) as [string, string, string, string];
    expect(await shown(sent)).toEqual([a, b, c, d]);
    granted(await admin.move(d, sent, { afterTaskId: a }));
    expect(await shown(sent)).toEqual([a, d, b, c]);
    granted(await admin.move(b, sent, { afterTaskId: null }));
    expect(await shown(sent)).toEqual([b, a, d, c]);
    granted(await admin.move(a, sent));
    expect(await shown(sent)).toEqual([b, d, c, a]);
  });

  it('comes from another stage to the place that is named there, last when none is', async () => {
    await fresh();
    const [a, b] = (await cards(sent, 2)) as [string, string];
    const [x, y, z] = (await cards(drafted, 3)) as [string, string, string];
    granted(await admin.move(x, sent, { afterTaskId: a }));
    granted(await admin.move(y, sent));
    granted(await admin.update(z, { stageId: sent }));
    expect(await shown(sent)).toEqual([a, x, b, y, z]);
    granted(await admin.move(b, done, { afterTaskId: null }));
    expect(await shown(done)).toEqual([b]);
  });

  it('that changes its place in its stage is an update of its position, one more version', async () => {
    await fresh();
    const [a, b] = (await cards(sent, 2)) as [string, string];
    const before = await admin.read(b);
    const moved = granted(await admin.move(b, sent, { afterTaskId: null }));
    expect(moved.version).toBe(2);
    const [latest] = (await admin.read(b))?.history.nodes ?? [];
    expect(latest).toEqual({
      kind: 'TASK_UPDATED',
      changes: [{ field: 'position', from: before?.position, to: moved.position }],
    });
    expect((await admin.read(a))?.version).toBe(1);
  });

  it('that stands there already stays as it is', async () => {
    await fresh();
    const [a, b, c] = (await cards(sent, 3)) as [string, string, string];
    // What no board shows does not stand between.
    const [hidden] = (await cards(sent, 1)) as [string];
    granted(await admin.move(hidden, sent, { afterTaskId: b }));
    const { prisma, organization } = world();
    await prisma.task.update({
      where: { organizationId_uid: { organizationId: organization.id, uid: uidOf('Task', hidden) as string } },
      data: { deletedAt: new Date(), isActive: false },
    });
    const before = await written(world());
    granted(await admin.move(a, sent, { afterTaskId: null }));
    granted(await admin.move(b, sent, { afterTaskId: a }));
    granted(await admin.move(c, sent, { afterTaskId: b }));
    granted(await admin.move(c, sent));
    expect(await written(world())).toEqual(before);
    // And what is put behind it is put before nothing that is shown.
    granted(await admin.move(a, sent, { afterTaskId: b }));
    expect(await shown(sent)).toEqual([b, a, c]);
  });

  it('that is last already stays where it is, though others left a gap before it', async () => {
    await fresh();
    const [, b, c, d] = (await cards(sent, 4)) as [string, string, string, string];
    granted(await admin.move(b, drafted));
    granted(await admin.move(c, drafted));
    const before = await written(world());
    granted(await admin.move(d, sent));
    expect(await written(world())).toEqual(before);
  });

  it('is put behind cards only that are in that stage, there, in sight and not itself', async () => {
    await fresh();
    const [a, b] = (await cards(sent, 2)) as [string, string];
    const [elsewhere] = (await cards(drafted, 1)) as [string];
    const [queued] = (await cards(sent, 1)) as [string];
    const { prisma, organization, gateway } = world();
    const row = (key: string) => ({
      organizationId_uid: { organizationId: organization.id, uid: uidOf('Task', key) as string },
    });
    await prisma.task.update({ where: row(queued), data: { isQueueRow: true } });
    const before = await written(world());
    const behind = async (afterTaskId: string) => refusals(await admin.move(a, sent, { afterTaskId }));
    expect(await behind(a)).toEqual(['INVALID afterTaskId']);
    expect(await behind(elsewhere)).toEqual(['INVALID afterTaskId']);
    for (const none of ['junk', sent, queued]) expect(await behind(none)).toEqual(['NOT_FOUND afterTaskId']);
    expect(await written(world())).toEqual(before);
    await prisma.task.update({ where: row(b), data: { deletedAt: new Date(), isActive: false } });
    expect(await behind(b)).toEqual(['INVALID afterTaskId']);
    // Without CRM access one moves one's own tasks, behind one's own.
    const limited = await gateway.member(organization, {
      email: `liam-${a}@ours.example`.toLowerCase(),
      crmAccess: false,
    });
    const own = granted(await admin.create({ title: 'x', accountId, stageId: sent, assigneeId: limited.userId })).id;
    const theirs = boardOf(world(), limited);
    expect(refusals(await theirs.move(own, sent, { afterTaskId: a }))).toEqual(['NOT_FOUND afterTaskId']);
    expect(refusals(await theirs.move(a, sent))).toEqual(['NOT_FOUND id']);
    granted(await theirs.move(own, sent, { afterTaskId: null }));
    expect(await shown(sent)).toEqual([own, a]);
  });
});

describe('places', () => {
  /** Puts cards in each other's way for so long, by turns behind the same one, and gives the longest place there was. */
  async function crowd(first: string, turns: readonly string[], times: number): Promise<number> {
    let longest = 0;
    for (let n = 0; n < times; n += 1) {
      const { position } = granted(await admin.move(turns[n % turns.length] as string, sent, { afterTaskId: first }));
      longest = Math.max(longest, position?.length ?? 0);
    }
    return longest;
  }

  it('stay short however often cards are put between the same two, and the log tells who made room', async () => {
    await fresh();
    const ids = (await cards(sent, 6)) as [string, string, ...string[]];
    const [first, second, third] = ids as unknown as [string, string, string];
    // As after some 600 moves: one place is long already, its neighbour's and those behind are not.
    const { prisma, organization } = world();
    const row = (key: string) => ({
      organizationId_uid: { organizationId: organization.id, uid: uidOf('Task', key) as string },
    });
    const start = (await admin.read(first))?.position as string;
    await prisma.task.update({ where: row(second), data: { position: `${start}${'0'.repeat(99)}V` } });
    const before = await shown(sent);
    expect(before).toEqual(ids);
    const moved = granted(await admin.move(third, sent, { afterTaskId: first }));
    expect(moved.position?.length).toBeLessThan(10);
    expect(await shown(sent)).toEqual([first, third, second, ...ids.slice(3)]);
    const neighbour = await admin.read(second);
    expect(neighbour?.position?.length).toBeLessThan(10);
    // Making room is nobody's change: no version, but an event, whose image holds the new place.
    expect(neighbour?.version).toBe(1);
    expect(neighbour?.history.nodes[0]).toMatchObject({
      kind: 'TASK_UPDATED',
      changes: [{ field: 'position', to: neighbour?.position }],
    });
    const event = await prisma.event.findFirstOrThrow({
      where: { organizationId: organization.id, subjectUid: uidOf('Task', second) as string },
      orderBy: { seq: 'desc' },
    });
    expect([event.imageBefore, event.imageAfter]).toMatchObject([
      { position: `${start}${'0'.repeat(99)}V` },
      { position: neighbour?.position },
    ]);
    expect(await crowd(first, [second, third], 20)).toBeLessThan(12);
    expect((await shown(sent))[0]).toBe(first);
  });

  it('make room in long stages too, around the spot only', async () => {
    await fresh();
    const [first] = (await cards(sent, 1)) as [string];
    const { prisma, organization } = world();
    const { stageId, pipelineId, position } = await prisma.task.findUniqueOrThrow({
      where: { organizationId_uid: { organizationId: organization.id, uid: uidOf('Task', first) as string } },
    });
    const put = (known: readonly Known[], places: readonly string[]) =>
      prisma.$executeRawUnsafe(
        `/* test.put */ UPDATE task t SET stage_id = $2, pipeline_id = $3, position = p.position
         FROM unnest($4::bigint[], $5::text[]) AS p(id, position) WHERE t.organization_id = $1 AND t.id = p.id`,
        ...[organization.id, stageId, pipelineId, known.map(({ id }) => id), places],
      );
    // 250 cards that all came behind the first one: the nearer, the longer their places; and 150 that came before it.
    const many = await world().tasks(Array.from({ length: 250 }, () => ({})));
    await put(
      many,
      many.map((_, n) => `${position}${'0'.repeat(250 - n)}V`),
    );
    const earlier = await world().tasks(Array.from({ length: 150 }, () => ({})));
    await put(earlier, generateNKeysBetween(null, position, 150));
    const [comer] = (await cards(drafted, 1)) as [string];
    const before = await shown(sent);
    granted(await admin.move(comer, sent, { afterTaskId: first }));
    expect(await shown(sent)).toEqual([...before.slice(0, 151), comer, ...before.slice(151)]);
    const far = await admin.read((many[200] as Known).key);
    expect(far?.history.totalCount).toBe(0);
  });
});

describe('at the same time', () => {
  it('20 cards put behind one all find a place of their own, and none is lost', async () => {
    await fresh();
    const [first, ...others] = (await cards(sent, 6)) as [string, ...string[]];
    const comers = await cards(drafted, 15);
    const all = [...others, ...comers];
    const moved = await Promise.all(all.map((id) => admin.move(id, sent, { afterTaskId: first })));
    const positions = moved.map((answer) => granted(answer).position as string);
    expect(new Set(positions).size).toBe(20);
    const order = await shown(sent);
    expect(order[0]).toBe(first);
    expect(order.slice(1).toSorted()).toEqual(all.toSorted());
    // Whoever came last stands nearest: the order is that of the log.
    const { prisma, organization } = world();
    const events = await prisma.event.findMany({
      where: { organizationId: organization.id, subjectUid: { in: all.map((id) => uidOf('Task', id) as string) } },
      orderBy: { seq: 'asc' },
    });
    const last = new Map(events.map(({ subjectUid, seq }) => [`task_${subjectUid}`, seq]));
    // A card that stood there already made no event.
    const [nearest] = all.toSorted((a, b) => Number((last.get(b) ?? 0n) - (last.get(a) ?? 0n)));
    expect(order[1]).toBe(nearest);
  });

  it('moving and completing one task leave it complete or open, in the stage that says so', async () => {
    await fresh();
    const ids = await cards(sent, 6);
    await Promise.all(
      ids.flatMap((id) => [
        admin.move(id, approved),
        admin.complete(id),
        admin.move(id, drafted),
        admin.reopen(id),
        admin.update(id, { pipelineId: contracts.id, status: 'ON_HOLD' }),
      ]),
    );
    for (const id of ids) {
      const task = await admin.read(id);
      expect(task?.isComplete, JSON.stringify(task)).toBe(task?.stage?.id === done);
      const changes = new Set(task?.history.nodes.flatMap(({ changes: each }) => each.map(({ field }) => field)));
      expect(changes.has('stageId')).toBe(true);
    }
  });

  it('a task that is taken to another pipeline meanwhile goes through its door there', async () => {
    await fresh();
    const other = await plantPipeline(world(), true, 'Other');
    const ids = await cards(sent, 8);
    await Promise.all(ids.flatMap((id) => [admin.update(id, { pipelineId: other.id }), admin.complete(id)]));
    for (const id of ids) {
      expect(await admin.read(id)).toMatchObject({
        pipeline: { id: other.id },
        stage: { id: other.stages[3] },
        isComplete: true,
      });
    }
  });

  it('a task keeps what it names while others wait to write it', async () => {
    await fresh();
    const [a, b] = [await world().record('CONTACT'), await world().record('LEAD')];
    for (let round = 0; round < 5; round += 1) {
      const { id } = granted(
        await admin.create({ title: 'x', linkedRecordId: a.key, assigneeId: world().admin.userId }),
      );
      await Promise.all([
        admin.update(id, { linkedRecordId: b.key, assigneeId: world().member.userId }),
        admin.update(id, { title: 'y' }),
        admin.update(id, { description: 'z', assigneeId: null }),
      ]);
      const found = await world().gateway.ask<{ task: object }, object>(
        world().admin,
        'query ($id: ID!) { task(id: $id) { title linkedRecord { id } history { nodes { changes { field from to } } } } }',
        { id },
      );
      expect(found.task).toMatchObject({ title: 'y', linkedRecord: { id: b.key } });
      expect(JSON.stringify(found)).not.toContain('"user_"');
    }
  });
});
