import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, uidOf } from '../../src/ids.ts';
import type { CreatePipelineInput, StageInput } from '../generated/graphql.ts';
import type { Caller } from '../support/gateway.ts';
import { statementsOf } from '../task/asked.ts';
import { useWorld } from '../task/world.ts';
import { granted, written } from '../task/writes.ts';
import { boardOf, plantPipeline } from './board.ts';

const world = useWorld();
const admin = () => boardOf(world(), world().admin);
const stage = (more: Partial<StageInput> = {}): StageInput => ({ name: 'Stage', color: '#112233', ...more });
const start = (more: Partial<StageInput> = {}) => stage({ name: 'Start', isDefault: true, ...more });

describe('a pipeline', () => {
  it('has its stages with name, color and order, a default one and perhaps a won one [PARSA-28] [PARSA-29] [PARSA-31]', async () => {
    const { pipeline, errors } = await admin().createPipeline({
      name: ' Contracts ',
      stages: [
        start({ name: 'Drafted' }),
        stage({ name: ' Sent for review ', color: '#aAbBcC' }),
        stage({ name: 'Done', isWon: true }),
      ],
    });
    expect(errors).toEqual([]);
    const [drafted, sent, done] = pipeline?.stages ?? [];
    expect(pipeline).toMatchObject({
      name: 'Contracts',
      version: 1,
      stages: [
        { name: 'Drafted', color: '#112233', sortOrder: 1, isDefault: true, isWon: false },
        { name: 'Sent for review', color: '#aAbBcC', sortOrder: 2, isDefault: false, isWon: false },
        { name: 'Done', sortOrder: 3, isDefault: false, isWon: true },
      ],
      defaultStage: { id: drafted?.id },
      wonStage: { id: done?.id },
    });
    expect(sent?.pipeline.id).toBe(pipeline?.id);
    const found = await world().gateway.ask<{ nodes: unknown[] }, object>(
      world().admin,
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ...on Pipeline { name } ...on Stage { name } } }',
      { ids: [pipeline?.id, sent?.id, `${sent?.id}0`] },
    );
    expect(found.nodes).toEqual([
      { __typename: 'Pipeline', id: pipeline?.id, name: 'Contracts' },
      { __typename: 'Stage', id: sent?.id, name: 'Sent for review' },
      null,
    ]);
  });

  it('may be without a won stage', async () => {
    const { pipeline } = await admin().createPipeline({ name: 'Ideas', stages: [start()] });
    expect(pipeline?.wonStage).toBeNull();
  });

  const many = (count: number) => [start(), ...Array.from({ length: count - 1 }, () => stage())];
  it.each<[string, CreatePipelineInput, string[]]>([
    ['no name', { name: ' ', stages: [start()] }, ['name']],
    ['a long name', { name: 'x'.repeat(256), stages: [start()] }, ['name']],
    ['no stages', { name: 'x', stages: [] }, ['stages']],
    ['51 stages', { name: 'x', stages: many(51) }, ['stages']],
    ['no default stage', { name: 'x', stages: [stage(), stage({ isWon: true })] }, ['stages']],
    ['two default stages', { name: 'x', stages: [start(), stage(), start()] }, ['stages.2.isDefault']],
    [
      'two won stages',
      { name: 'x', stages: [stage({ isWon: true }), start(), stage({ isWon: true })] },
      ['stages.2.isWon'],
    ],
    ['a default stage that is won', { name: 'x', stages: [start({ isWon: true })] }, ['stages.0.isWon']],
    ['a stage without a name', { name: 'x', stages: [start({ name: '' })] }, ['stages.0.name']],
    ['a color by its name', { name: 'x', stages: [start({ color: 'red' })] }, ['stages.0.color']],
    ['a short color', { name: 'x', stages: [start(), stage({ color: '#abc' })] }, ['stages.1.color']],
    [
      'several things',
      { name: '', stages: [start({ name: '', color: '#12345G' })] },
      ['name', 'stages.0.name', 'stages.0.color'],
    ],
  ])('cannot have %s', async (_what, input, paths) => {
    const before = await written(world());
    const { pipeline, errors } = await admin().createPipeline(input);
    expect(pipeline).toBeNull();
    expect(errors.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual(paths.map((path) => `INVALID ${path}`));
    expect(await written(world())).toEqual(before);
  });

  it('may have 50 stages', async () => {
    expect((await admin().createPipeline({ name: 'Long', stages: many(50) })).pipeline?.stages).toHaveLength(50);
  });
});

describe('pipelines', () => {
  let zebra: string;
  let viewer: Caller;
  let limited: Caller;
  beforeAll(async () => {
    zebra = (await plantPipeline(world(), true, 'zebra')).id;
    await plantPipeline(world(), false, 'Äpfel');
    const { gateway, organization } = world();
    viewer = await gateway.member(organization, { email: 'vera@ours.example', role: 'VIEWER' });
    limited = await gateway.member(organization, { email: 'liam@ours.example', crmAccess: false });
  });
  const NAMES = '{ pipelines { name } }';
  const names = async (caller: Caller) =>
    (await world().gateway.ask<{ pipelines: { name: string }[] }, object>(caller, NAMES)).pipelines.map(
      ({ name }) => name,
    );

  it('come by name, to everyone in the organization and to nobody else', async () => {
    const all = await names(world().admin);
    expect(all[0]).toBe('Äpfel');
    expect(all.at(-1)).toBe('zebra');
    for (const caller of [world().member, viewer, limited]) expect(await names(caller)).toEqual(all);
    expect(await names(world().other.admin)).toEqual([]);
  });

  it('are found by id, where there is one that is not another organization’s', async () => {
    const find = async (caller: Caller, id: string) =>
      (
        await world().gateway.ask<{ pipeline: unknown }, object>(
          caller,
          'query ($id: ID!) { pipeline(id: $id) { id } }',
          { id },
        )
      ).pipeline;
    expect(await find(limited, zebra)).toEqual({ id: zebra });
    expect(await find(world().other.admin, zebra)).toBeNull();
    expect(await find(world().admin, encodeId('Stage', uidOf('Pipeline', zebra) as string))).toBeNull();
    expect(await find(world().admin, 'junk')).toBeNull();
  });

  it('are made by members with CRM access only', async () => {
    for (const [caller, code] of [
      [viewer, 'FORBIDDEN'],
      [limited, 'FORBIDDEN'],
      [world().member, undefined],
    ] as const) {
      const answer = await world().gateway.send(
        caller,
        'mutation { createPipeline(input: { name: "x", stages: [{ name: "a", color: "#000000", isDefault: true }] }) { errors { code } } }',
      );
      expect(answer.errors?.[0]?.extensions['code']).toBe(code);
    }
  });

  it('tell the log that they were made, and whoever reads them may read that', async () => {
    const { prisma, organization, gateway } = world();
    const event = await prisma.event.findFirstOrThrow({
      where: {
        organizationId: organization.id,
        kind: 'PIPELINE_CHANGED',
        subjectUid: uidOf('Pipeline', zebra) as string,
      },
    });
    expect(event.changes).toMatchObject([
      { field: 'name', from: null, to: 'zebra' },
      {
        field: 'stages',
        from: null,
        to: [{ name: 'Drafted', color: '#00aaFF', isDefault: true, isWon: false }, {}, {}, {}],
      },
    ]);
    const { uid } = await prisma.organization.findUniqueOrThrow({ where: { id: organization.id } });
    const id = `evt_${uid}-${event.seq}`;
    for (const caller of [limited, viewer, world().admin]) {
      expect(
        await gateway.ask(caller, 'query ($id: ID!) { node(id: $id) { ...on Event { kind subjectId } } }', { id }),
      ).toEqual({ node: { kind: 'PIPELINE_CHANGED', subjectId: zebra } });
    }
  });

  it('take one statement a kind, however many there are, and however many tasks stand in them', async () => {
    const all = '{ pipelines { name stages { name pipeline { name } } defaultStage { name } wonStage { name } } }';
    expect(await statementsOf(world(), all)).toEqual(['pipeline.all', 'stage.ofPipelines', 'pipeline.byIds']);
    const accountId = (await world().record('ACCOUNT')).key;
    const create = (pipelineId: string) => admin().create({ title: 'x', accountId, pipelineId });
    const tasks = '{ tasks { nodes { position pipeline { name stages { name } } stage { name pipeline { name } } } } }';
    for (const each of [zebra, (await plantPipeline(world())).id, zebra]) {
      granted(await create(each));
      expect((await statementsOf(world(), tasks)).toSorted()).toEqual(
        ['pipeline.byIds', 'stage.byIds', 'stage.ofPipelines', 'task.list'].toSorted(),
      );
    }
  });
});
