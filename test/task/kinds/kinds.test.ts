import { beforeAll, describe, expect, it } from 'vitest';
import { insertMade } from '../../../src/task/made/service.ts';
import type { TaskFilter, TaskPatch } from '../../generated/graphql.ts';
import { graphql } from '../../generated/index.ts';
import { boardOf, plantPipeline } from '../../pipeline/board.ts';
import { recordsOf } from '../../record/room.ts';
import { KINDS } from '../arbitrary.ts';
import { type Known, useWorld } from '../world.ts';
import { granted, refusals, writesOf, written } from '../writes.ts';
import { linkedTo, type OfAllKinds, plantKinds } from './planted.ts';

const clock = { now: '2026-03-11T12:00:00.000Z' };
const world = useWorld({ now: () => new Date(clock.now) });
const writes = () => ({ ...writesOf(world(), world().admin), ...boardOf(world(), world().admin) });
const OTHERS = KINDS.filter((kind) => kind !== 'LEAD');
type Kind = (typeof KINDS)[number];
const inOrder = (kinds: readonly Kind[]) => KINDS.filter((kind) => kinds.includes(kind));

const KINDS_OF = graphql(`
  query KindsOf($filter: TaskFilter, $id: ID!) {
    tasks(filter: $filter) { totalCount nodes { _type } }
    lead(id: $id) { tasks(filter: $filter) { totalCount nodes { _type } } }
  }
`);

describe('_type', () => {
  let lead: Known;
  beforeAll(async () => {
    await world().prisma.taskEmail.deleteMany({ where: { organizationId: world().organization.id } });
    await world().clear();
    lead = await world().record('LEAD');
    await plantKinds(world(), linkedTo('LEAD', lead));
  });
  const kindsOf = async (filter: TaskFilter | null) => {
    const { tasks, lead: nested } = await world().gateway.ask(world().member, KINDS_OF, { filter, id: lead.key });
    const told = (list: typeof tasks) => {
      expect(list.totalCount).toBe(list.nodes.length);
      return inOrder(list.nodes.map(({ _type }) => _type));
    };
    // The lead's own tasks are all but the opportunity's.
    const own = told(tasks);
    expect(told(nested?.tasks ?? tasks)).toEqual(own.filter((kind) => kind !== 'OPPORTUNITY_DUE'));
    return own;
  };

  it('is LEAD only where it stands nowhere in the filter, in lists and nested ones [CLOSE-12]', async () => {
    for (const filter of [null, {}, { isComplete: false }, { and: [] }, { not: { isComplete: true } }])
      expect(await kindsOf(filter)).toEqual(['LEAD']);
  });

  it('is every kind by any, wherever it stands [CLOSE-13]', async () => {
    expect(await kindsOf({ _type: { any: true } })).toEqual(KINDS);
    expect(await kindsOf({ and: [{ _type: { any: true } }] })).toEqual(KINDS);
  });

  it.each(KINDS)('is %s by eq [CLOSE-11]', async (kind) => {
    expect(await kindsOf({ _type: { eq: kind } })).toEqual([kind]);
  });

  it('is one of several by in, none of several by notIn [CLOSE-14]', async () => {
    expect(await kindsOf({ _type: { in: ['MISSED_CALL', 'VOICEMAIL'] } })).toEqual(['MISSED_CALL', 'VOICEMAIL']);
    expect(await kindsOf({ _type: { notIn: ['MISSED_CALL', 'VOICEMAIL'] } })).toEqual(
      KINDS.filter((kind) => kind !== 'MISSED_CALL' && kind !== 'VOICEMAIL'),
    );
    expect(await kindsOf({ _type: { notIn: ['LEAD'] } })).toEqual(OTHERS);
    expect(await kindsOf({ or: [{ _type: { eq: 'LEAD' } }, { _type: { eq: 'INCOMING_SMS' } }] })).toEqual([
      'LEAD',
      'INCOMING_SMS',
    ]);
  });
});

describe('a task of kind', () => {
  let planted: OfAllKinds;
  beforeAll(async () => {
    planted = await plantKinds(world());
  });

  it.each(KINDS)(
    '%s lets assignee, date and completion change, a day into an instant and back [CLOSE-34]',
    async (kind) => {
      const { key } = planted.tasks[kind];
      const update = async (patch: TaskPatch) => granted(await writes().update(key, patch));
      const read = async () => (await writesOf(world(), world().admin).read(key)) as { date: string | null };
      await update({ date: '2026-04-01' });
      expect((await read()).date).toBe('2026-04-01');
      await update({ date: '2026-04-01T10:00:00+05:30' });
      expect((await read()).date).toBe('2026-04-01T04:30:00.000Z');
      await update({ date: '2026-04-02' });
      expect((await read()).date).toBe('2026-04-02');
      await update({ date: null });
      expect((await read()).date, '[CLOSE-40]').toBeNull();
      await update({ assigneeId: world().member.userId });
      expect(await read()).toMatchObject({ assignee: { id: world().member.userId } });
      await update({ assigneeId: null, isComplete: true });
      expect(await read()).toMatchObject({
        assignee: null,
        isComplete: true,
        completedBy: { id: world().admin.userId },
      });
      await update({ isComplete: false });
      expect(await read()).toMatchObject({ isComplete: false, completedAt: null });
      await update({ status: 'COMPLETED' });
      expect(granted(await writes().reopen(key))).toMatchObject({ status: 'PENDING' });
    },
  );

  it.each(OTHERS)(
    '%s refuses every other field by its path, and to be moved, and changes nothing [CLOSE-35]',
    async (kind) => {
      const { key } = planted.tasks[kind];
      const [account, board] = [await world().record('ACCOUNT'), await plantPipeline(world(), true, `Of ${kind}`)];
      const { sms } = planted.activities;
      const before = await written(world());
      const patches: TaskPatch[] = [
        { title: 'x' },
        { description: 'x' },
        { description: null },
        { type: 'DEMO' },
        { category: 'TEAM_UPDATE' },
        { priority: 'HIGH' },
        { linkedRecordId: account.key },
        { linkedRecordId: null },
        { activityId: sms.key },
        { activityId: null },
        { pipelineId: board.id },
        { pipelineId: null },
        { stageId: board.stages[1] },
        { attachmentUrls: ['https://a.example'] },
        { tags: ['x'] },
        { tags: null },
        { status: 'IN_PROGRESS' },
        { status: 'ON_HOLD' },
        { status: 'CANCELLED' },
      ];
      for (const patch of patches) {
        const [field] = Object.keys(patch);
        // What may change is not changed either when it stands beside it.
        expect(refusals(await writes().update(key, { ...patch, date: '2026-05-01' })), field).toEqual([
          `NOT_ALLOWED patch.${field}`,
        ]);
      }
      expect(refusals(await writes().move(key, board.stages[0])).slice(0, 1)).toEqual(['NOT_ALLOWED stageId']);
      expect(await written(world())).toEqual(before);
    },
  );

  it.each(OTHERS)('%s cannot be created, nor be a follow-up [CLOSE-30]', async (_type) => {
    const account = await world().record('ACCOUNT');
    const input = { _type, title: 'x', accountId: account.key };
    const before = await written(world());
    expect(refusals(await writes().create(input))).toEqual(['NOT_ALLOWED _type']);
    const { key } = planted.tasks.LEAD;
    expect(refusals(await writes().complete(key, { followUp: input }))).toEqual(['NOT_ALLOWED followUp._type']);
    expect(await written(world())).toEqual(before);
  });
});

describe('an input field that there is not', () => {
  const CASES = [
    ['CreateTaskInput', 'createTask', { title: 'x', text: 'x' }, 'input.text'],
    ['UpdateTaskInput', 'updateTask', { id: 'x', patch: { text: 'x' } }, 'input.patch.text'],
    ['UpdateTaskInput', 'updateTask', { id: 'x', patch: {}, is_complete: true }, 'input.is_complete'],
    [
      'CompleteTaskInput',
      'completeTask',
      { id: 'x', followUp: { title: 'x', isComplete: true } },
      'input.followUp.isComplete',
    ],
    ['ReopenTaskInput', 'reopenTask', { id: 'x', date: '2026-01-01' }, 'input.date'],
  ] as const;
  it.each(CASES)(
    'of %s is refused where it stands, before anything is done [CLOSE-48]',
    async (type, field, input, path) => {
      const document = `mutation ($input: ${type}!) { ${field}(input: $input) { errors { code } } }`;
      const answer = await world().gateway.send(world().admin, document, { input });
      expect(answer.data ?? null).toBeNull();
      const name = path.split('.').at(-1);
      expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      expect(answer.errors?.[0]?.message).toContain(name);
      const at = path.split('.').slice(1, -1).join('.');
      expect(answer.errors?.[0]?.message).toContain(at);
    },
  );
});

describe('the log', () => {
  it.each(KINDS)(
    'of a completed %s says so, its place in timelines is that moment, and no activity is made [CLOSE-52]',
    async (kind) => {
      const { tasks } = await plantKinds(world());
      const { key, id } = tasks[kind];
      const where = { organizationId: world().organization.id };
      const before = await world().prisma.activity.count({ where });
      clock.now = '2026-03-12T08:30:00.123Z';
      granted(await writes().complete(key));
      const row = await world().prisma.task.findFirstOrThrow({ where: { ...where, id } });
      expect(row.timelineAt.toISOString()).toBe(clock.now);
      expect(row.completedAt).toEqual(row.timelineAt);
      const events = await world().prisma.event.findMany({ where: { ...where, subjectType: 'TASK', subjectId: id } });
      expect(events.map((event) => event.kind)).toEqual(['TASK_COMPLETED']);
      expect(await world().prisma.activity.count({ where })).toBe(before);
    },
  );

  it('tells of each kind of a lead’s tasks when the lead is deleted, and of the lead when nothing else [CLOSE-59] [CLOSE-60]', async () => {
    const lead = await world().record('LEAD');
    const { tasks } = await plantKinds(world(), linkedTo('LEAD', lead));
    const own = KINDS.filter((kind) => kind !== 'OPPORTUNITY_DUE');
    const { prisma, organization } = world();
    const { lastSeq } = await prisma.organizationLog.findUniqueOrThrow({ where: { organizationId: organization.id } });
    const since = async () =>
      prisma.event.findMany({
        where: { organizationId: organization.id, seq: { gt: lastSeq } },
        orderBy: { seq: 'asc' },
        select: { kind: true, subjectType: true, subjectId: true },
      });
    for (const kind of own) {
      granted(await writes().update(tasks[kind].key, { date: '2026-06-01' }));
      granted(await writes().complete(tasks[kind].key));
    }
    expect((await since()).filter(({ subjectType }) => subjectType !== 'TASK')).toEqual([]);
    const where = { organizationId_id: { organizationId: organization.id, id: lead.id } };
    expect((await prisma.lead.findUniqueOrThrow({ where })).version).toBe(1);
    const told = (await since()).length;
    await recordsOf(world(), world().admin).remove('LEAD', lead.key);
    const [first, ...rest] = (await since()).slice(told);
    expect(first).toMatchObject({ kind: 'RECORD_DELETED', subjectType: 'LEAD' });
    expect(rest).toEqual(own.map((kind) => ({ kind: 'TASK_DELETED', subjectType: 'TASK', subjectId: tasks[kind].id })));
  });
});

it('the creator of what the system makes is the organization’s assistant, whoever it came by [CLOSE-45]', async () => {
  const { gateway, organization, member } = world();
  const caller = { organizationId: organization.id, userId: await world().idOf(member), organizationTimeZone: 'UTC' };
  for (const kind of OTHERS) {
    const words = { kind, type: 'FOLLOW_UP', title: 'x', date: { day: '2026-03-01' } } as const;
    const none = { link: null, activity: null, threadId: null, assignee: null };
    const { uid } = await gateway.app.runtime.db.transaction(organization.id, (tx) =>
      insertMade(tx, caller as never, { ...words, ...none }, new Date(clock.now)),
    );
    const { creatorId } = await world().prisma.task.findFirstOrThrow({
      where: { organizationId: organization.id, uid },
    });
    expect(creatorId, kind).toBe(organization.assistantId);
  }
});

const NAMES = graphql(`
  query KindsNames($first: Int, $filter: TaskFilter) {
    tasks(filter: $filter, first: $first, orderBy: { field: CREATED_AT }) {
      nodes {
        _type assignee { name } creator { name } contact { displayName } lead { displayName }
        history(first: 1) { nodes { actor { name } } }
      }
    }
  }
`);

it('the names of who is concerned come with a page, in statements that do not grow with it [CLOSE-44]', async () => {
  const contact = await world().record('CONTACT', { name: 'Ann Lee' });
  const assigneeId = await world().idOf(world().member);
  const { tasks } = await plantKinds(world(), { ...linkedTo('CONTACT', contact), assigneeId });
  for (let n = 0; n < 3; n += 1) await plantKinds(world(), { ...linkedTo('CONTACT', contact), assigneeId });
  granted(await writesOf(world(), world().admin).update(tasks.VOICEMAIL.key, { date: '2026-07-01' }));
  const filter: TaskFilter = { _type: { any: true }, contactId: { eq: contact.key } };
  const statements = async (first: number) => {
    let shown: unknown[] = [];
    const [, ...sent] = await world().gateway.statementsOf(async () => {
      shown = (await world().gateway.ask(world().admin, NAMES, { first, filter })).tasks.nodes;
    });
    return { sent: sent.toSorted(), shown };
  };
  const page = await statements(28);
  expect(page.shown).toContainEqual({
    _type: 'VOICEMAIL',
    assignee: { name: 'max' },
    creator: { name: expect.stringContaining('ssistant') },
    contact: { displayName: 'Ann Lee' },
    lead: null,
    history: { nodes: [{ actor: { name: 'ada' } }] },
  });
  expect(page.shown).toHaveLength(28);
  expect(page.sent).toEqual((await statements(7)).sent);
  expect(page.sent).toEqual([
    'contact.byIds',
    'event.histories',
    'filter.knownIds',
    'organization.users',
    'organization.users',
    'task.list',
  ]);
});
