import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RecordType } from '../../src/db/generated/prisma/enums.ts';
import { uidOf } from '../../src/ids.ts';
import { type BoardWrites, boardOf, type KnownPipeline, plantPipeline } from '../pipeline/board.ts';
import { useWorld } from './world.ts';
import { granted, refusals, writesOf, written } from './writes.ts';

const world = useWorld();
let admin: BoardWrites;
let accountId: string;
let contracts: KnownPipeline;
let [drafted, sent] = ['', ''];

beforeAll(async () => {
  admin = boardOf(world(), world().admin);
  accountId = (await world().record('ACCOUNT')).key;
  contracts = await plantPipeline(world());
  [drafted, sent] = contracts.stages;
});
const create = async (more: object = {}) => granted(await admin.create({ title: 'Offer', accountId, ...more })).id;
const remove = async (id: string) => granted(await writesOf(world(), world().admin).remove(id));
const rowOf = (key: string) =>
  world().prisma.task.findUniqueOrThrow({
    where: {
      organizationId_uid: { organizationId: world().organization.id, uid: uidOf('Task', key) as string },
    },
  });

describe('a task in the bin', () => {
  it('comes back as it was, out of its deletion', async () => {
    const id = await create({ stageId: sent });
    const before = await admin.read(id);
    await remove(id);
    expect((await rowOf(id)).deletionId).not.toBeNull();
    const restored = granted(await admin.restore(id));
    expect(restored).toMatchObject({
      isActive: true,
      deletedAt: null,
      version: 3,
      stage: { id: sent },
      position: before?.position,
    });
    expect((await rowOf(id)).deletionId).toBeNull();
    const [latest] = (await admin.read(id))?.history.nodes ?? [];
    expect(latest).toEqual({
      kind: 'TASK_RESTORED',
      changes: [
        { field: 'isActive', from: false, to: true },
        { field: 'deletedAt', from: expect.stringMatching(/^\d{4}-/), to: null },
      ],
    });
    const event = await world().prisma.event.findFirstOrThrow({
      where: { organizationId: world().organization.id, subjectUid: uidOf('Task', id) as string },
      orderBy: { seq: 'desc' },
    });
    expect([event.imageBefore, event.imageAfter]).toMatchObject([
      { is_active: false },
      { is_active: true, deletion_id: null },
    ]);
  });

  it('finds its place among the cards, which nobody took meanwhile', async () => {
    const ids = [
      await create({ stageId: drafted }),
      await create({ stageId: drafted }),
      await create({ stageId: drafted }),
    ];
    const [a, b] = ids as [string, string];
    const { position } = await rowOf(b);
    await remove(b);
    const comer = await create();
    granted(await admin.move(comer, drafted, { afterTaskId: a }));
    expect(granted(await admin.restore(b)).position).toBe(position);
    const [first, second] = [await rowOf(a), await rowOf(comer)];
    expect([first.position, second.position, position].toSorted()).toEqual([first.position, second.position, position]);
  });

  it('that was not deleted stays as it is', async () => {
    const id = await create();
    const before = await written(world());
    expect(granted(await admin.restore(id)).version).toBe(1);
    expect(await written(world())).toEqual(before);
  });

  it.each<[RecordType]>([['ACCOUNT'], ['CONTACT'], ['LEAD'], ['OPPORTUNITY']])(
    'stays there while its %s is deleted, which is named',
    async (type) => {
      const record = await world().record(type);
      const id = granted(await admin.create({ title: 'x', linkedRecordId: record.key })).id;
      await remove(id);
      const { prisma, organization } = world();
      const where = { organizationId_id: { organizationId: organization.id, id: record.id } };
      const set = (deletedAt: Date | null) =>
        ({
          ACCOUNT: () => prisma.account.update({ where, data: { deletedAt } }),
          CONTACT: () => prisma.contact.update({ where, data: { deletedAt } }),
          LEAD: () => prisma.lead.update({ where, data: { deletedAt } }),
          OPPORTUNITY: () => prisma.opportunity.update({ where, data: { deletedAt } }),
        })[type]();
      await set(new Date());
      const before = await written(world());
      const refused = await admin.restore(id);
      expect(refusals(refused)).toEqual(['NOT_ALLOWED id']);
      expect(refused.errors[0]?.message).toContain(`${type.toLowerCase()} ${record.key}`);
      expect(await written(world())).toEqual(before);
      await set(null);
      granted(await admin.restore(id));
    },
  );

  it('comes back though the account that derives from its contact is deleted', async () => {
    const account = await world().record('ACCOUNT');
    const contact = await world().record('CONTACT', { accountId: account.id });
    const id = granted(await admin.create({ title: 'x', linkedRecordId: contact.key })).id;
    await remove(id);
    const where = { organizationId_id: { organizationId: world().organization.id, id: account.id } };
    await world().prisma.account.update({ where, data: { deletedAt: new Date() } });
    granted(await admin.restore(id));
  });

  it('is restored by whoever sees it and may write, and by nobody else', async () => {
    const { gateway, organization, other } = world();
    const limited = await gateway.member(organization, { email: 'liam@ours.example', crmAccess: false });
    const [own, theirs] = [await create({ assigneeId: limited.userId }), await create()];
    await remove(own);
    await remove(theirs);
    granted(await boardOf(world(), limited).restore(own));
    expect(refusals(await boardOf(world(), limited).restore(theirs))).toEqual(['NOT_FOUND id']);
    expect(refusals(await boardOf(world(), other.admin).restore(theirs))).toEqual(['NOT_FOUND id']);
    for (const none of ['junk', accountId]) expect(refusals(await admin.restore(none))).toEqual(['NOT_FOUND id']);
    const viewer = await gateway.member(organization, { email: 'vera@ours.example', role: 'VIEWER' });
    const mutation = 'mutation ($id: ID!) { restoreTask(input: { id: $id }) { errors { code } } }';
    expect((await gateway.send(viewer, mutation, { id: theirs })).errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  });

  it('is restored once, however many ask at the same time', async () => {
    const id = await create({ stageId: sent });
    await remove(id);
    await Promise.all(Array.from({ length: 6 }, () => admin.restore(id)));
    const kinds = (await admin.read(id))?.history.nodes.map(({ kind }) => kind);
    expect(kinds?.filter((kind) => kind === 'TASK_RESTORED')).toHaveLength(1);
  });
});

describe('a task whose stage is gone', () => {
  /** Takes a stage away, as no mutation does yet, under the eyes of no foreign key. */
  async function dropStage(key: string) {
    const client = new pg.Client({ connectionString: world().gateway.database.url });
    await client.connect();
    try {
      await client.query('SET session_replication_role = replica');
      await client.query('DELETE FROM stage WHERE uid = $1', [uidOf('Stage', key)]);
    } finally {
      await client.end();
    }
  }

  it('comes back in the default one, a complete one in the won one', async () => {
    const pipeline = await plantPipeline(world());
    const [start, second, third, won] = pipeline.stages;
    const [open, complete] = [await create({ stageId: second }), await create({ stageId: third })];
    for (const id of [open, complete]) await remove(id);
    const { prisma, organization } = world();
    await dropStage(second);
    // Completed while it was in the bin, as an automation may; the stage is none that fits.
    await prisma.task.update({
      where: { organizationId_uid: { organizationId: organization.id, uid: uidOf('Task', complete) as string } },
      data: { status: 'COMPLETED', completedAt: new Date(), completedById: organization.assistantId },
    });
    expect(granted(await admin.restore(open))).toMatchObject({
      status: 'PENDING',
      stage: { id: start },
      pipeline: { id: pipeline.id },
    });
    expect(granted(await admin.restore(complete))).toMatchObject({ status: 'COMPLETED', stage: { id: won } });
    const kinds = (await admin.read(open))?.history.nodes.slice(0, 2).map(({ kind }) => kind);
    expect(kinds).toEqual(['TASK_RESTORED', 'TASK_STAGE_CHANGED']);
  });
});
