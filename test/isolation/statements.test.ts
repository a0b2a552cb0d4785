import { type GraphQLEnumType, getNamedType, isAbstractType } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { POLICY } from '../../src/auth/policy.ts';
import { fixedStatements } from '../../src/db/statement.ts';
import { makeDue } from '../../src/opportunity/due/service.ts';
import { type Caller, nameOf, useGateway } from '../support/gateway.ts';
import { connect } from '../support/socket-client.ts';
import { argumentsOf, operationOf, ROOTS, type Root, selectionOf } from './operations.ts';
import { type Founded, found, newActivity, newPipeline, newRecord, newTask } from './organizations.ts';
import { type Tables, violations } from './sql-rule.ts';

/** The tables that belong to no organization (DESIGN 6). */
const GLOBAL_TABLES = ['user', 'organization', 'organization_work', '_prisma_migrations'];

/** The statements that read tenants' tables and cannot name one organization; why stands beside each. */
const GLOBAL_STATEMENTS = new Map([
  ['auth.standingsByUser', 'who is calling: in which organizations they are is what is asked'],
  ['auth.standingsByEmail', 'the same, of a token that names a person by e-mail address'],
  ['auth.standingByKey', 'a key’s text names its organization by ULID, to whose id all else in it is held'],
  ['organization.membershipsOfUser', 'the viewer’s own memberships, wherever they are'],
  ['profile.nextMembership', 'the same, one after the other: each is told that its person changed'],
]);

const now = new Date();
const limits = { bodyBytes: 4_000_000, tokens: 500_000, aliases: 500_000, fields: 500_000, depth: 100, entries: 1e15 };
const gateway = useGateway({ now: () => now, limits });
let tables: Tables;
let own: Founded;
let other: Founded;

beforeAll(async () => {
  const { prisma } = gateway().app.runtime.db;
  // Numbers that nothing else has: a parameter that happens to equal the organization must not pass for it.
  await prisma.$executeRawUnsafe('ALTER SEQUENCE organization_id_seq RESTART WITH 7000001');
  const named = await prisma.$queryRawUnsafe<{ name: string }[]>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`,
  );
  const all = named.map(({ name }) => name);
  tables = { globals: new Set(GLOBAL_TABLES), tenants: new Set(all.filter((name) => !GLOBAL_TABLES.includes(name))) };
  own = await found(gateway(), 'ours');
  other = await found(gateway(), 'theirs');
});

const wrongIn = (text: string, values: readonly unknown[], organizationId: bigint) =>
  GLOBAL_STATEMENTS.has(nameOf(text))
    ? []
    : violations(text, values, organizationId, tables).map((what) => `${what}: ${text}`);

/** The statements of some work, judged; and that there were some. */
async function judged(work: () => Promise<unknown>, { id } = own): Promise<string[]> {
  gateway().statements.length = 0;
  await work();
  const sent = gateway().statements.splice(0);
  expect(sent.length).toBeGreaterThan(1);
  expect(sent.filter(({ text }) => /AT\s+TIME\s+ZONE/i.test(text))).toEqual([]);
  return sent.flatMap(({ text, values }) => wrongIn(text, values, id));
}

/** What a mutation is asked so that it does something; the arguments of queries follow from the schema. */
const INPUTS: Record<string, () => Promise<object>> = {
  createAccount: async () => ({ name: 'Acme', domain: 'acme.example', ownerId: own.member.userId, tags: ['x'] }),
  updateAccount: async () => ({ id: own.ids.Account, patch: { name: 'Acme', ownerId: own.admin.userId, tags: ['y'] } }),
  deleteAccount: async () => ({ id: await newRecord(gateway(), own, 'Account') }),
  restoreAccount: async () => ({ id: await newRecord(gateway(), own, 'Account', true) }),
  createContact: async () => ({ firstName: 'x', accountId: own.ids.Account, ownerId: own.member.userId, tags: ['x'] }),
  updateContact: async () => ({ id: own.ids.Contact, patch: { firstName: 'y', accountId: own.bolt } }),
  deleteContact: async () => ({ id: await newRecord(gateway(), own, 'Contact') }),
  restoreContact: async () => ({ id: await newRecord(gateway(), own, 'Contact', true) }),
  createLead: async () => ({ company: 'x', ownerId: own.member.userId, tags: ['x'] }),
  updateLead: async () => ({ id: own.ids.Lead, patch: { company: 'y', ownerId: own.admin.userId } }),
  deleteLead: async () => ({ id: await newRecord(gateway(), own, 'Lead') }),
  restoreLead: async () => ({ id: await newRecord(gateway(), own, 'Lead', true) }),
  convertLead: async () => ({
    id: await newRecord(gateway(), own, 'Lead'),
    opportunity: { name: 'x', ownerId: own.member.userId },
  }),
  createOpportunity: async () => ({
    ...{
      name: 'x',
      accountId: own.ids.Account,
      contactId: own.ids.Contact,
      leadId: own.ids.Lead,
      value: '1',
      currency: 'EUR',
    },
    // Due already, for the account's owner.
    closeDate: '2026-01-12',
  }),
  updateOpportunity: async () => ({
    id: own.ids.Opportunity,
    patch: { accountId: null, leadId: null, closeDate: '2026-01-12' },
  }),
  deleteOpportunity: async () => ({ id: await newRecord(gateway(), own, 'Opportunity') }),
  restoreOpportunity: async () => ({ id: await newRecord(gateway(), own, 'Opportunity', true) }),
  // All that can follow from it; nobody is called otherwise, since other tests read by the organization’s mark.
  updateOrganization: async () => ({ timeZone: 'Asia/Tokyo', weekStartsOn: 'SUNDAY', taskRetentionDays: 31 }),
  createApiKey: async () => ({ name: 'Key' }),
  revokeApiKey: async () => ({ id: own.ids.ApiKey }),
  createTask: async () => ({
    title: 'x',
    linkedRecordId: own.ids.Opportunity,
    activityId: own.ids.Activity,
    stageId: own.ids.Stage,
    assigneeId: own.member.userId,
    date: '2026-01-12',
  }),
  updateTask: async () => ({
    id: own.tasks.contact,
    patch: { title: 'y', linkedRecordId: own.ids.Lead, assigneeId: own.admin.userId, tags: ['y'], isComplete: true },
  }),
  completeTask: async () => ({
    id: await newTask(gateway(), own),
    outcome: 'x',
    followUp: { title: 'z', accountId: own.ids.Account },
  }),
  reopenTask: async () => ({ id: own.tasks.completed }),
  moveTask: async () => ({ id: await newTask(gateway(), own), stageId: own.ids.Stage, afterTaskId: own.tasks.account }),
  restoreTask: async () => ({ id: own.tasks.deleted }),
  bulkUpdateTasks: async () => ({
    filter: {
      id: { in: [await newTask(gateway(), own), other.ids.Task] },
      accountId: { in: [own.ids.Account] },
      activityId: { notIn: [other.ids.Activity] },
      or: [{ date: { isNull: true } }, { date: { lt: '2030-01-01' } }],
    },
    view: 'INBOX',
    set: { assigneeId: own.admin.userId, date: '2026-01-13', isComplete: true },
  }),
  setReminders: async () => ({
    id: own.tasks.account,
    reminders: [{ before: 'PT1H' }, { at: '2020-01-01T00:00:00Z' }],
  }),
  addBlocker: async () => ({ id: await newTask(gateway(), own), blockerId: own.tasks.contact }),
  removeBlocker: async () => {
    const input = { id: await newTask(gateway(), own), blockerId: own.tasks.lead };
    const query = 'mutation ($input: AddBlockerInput!) { addBlocker(input: $input) { errors { code } } }';
    await gateway().ask(own.admin, query, { input });
    return input;
  },
  createPipeline: async () => ({ name: 'Board', stages: [{ name: 'Start', color: '#000000', isDefault: true }] }),
  updatePipeline: async () => {
    const { id, second, third } = await newPipeline(gateway(), own);
    return { id, name: 'y', defaultStageId: third, wonStageId: second, completeTasks: true };
  },
  deletePipeline: async () => ({
    id: (await newPipeline(gateway(), own)).id,
    moveTasksToStageId: own.ids.Stage,
  }),
  addStage: async () => {
    const { id, first } = await newPipeline(gateway(), own);
    return { pipelineId: id, stage: { name: 'x', color: '#000000', isWon: true }, afterStageId: first };
  },
  updateStage: async () => ({ id: (await newPipeline(gateway(), own)).first, name: 'y' }),
  reorderStages: async () => {
    const { id, first, second, third } = await newPipeline(gateway(), own);
    return { pipelineId: id, stageIds: [third, first, second] };
  },
  deleteStage: async () => {
    const { second, third } = await newPipeline(gateway(), own);
    return { id: second, moveTasksToStageId: third };
  },
  createActivity: async () => ({
    accountId: own.ids.Account,
    linkedRecordId: own.ids.Contact,
    activityTimestamp: '2026-01-12T10:00:00Z',
    duration: 5,
    location: 'x',
    participants: [{ userId: own.member.userId }, { contactId: own.ids.Contact }],
  }),
  updateActivity: async () => ({
    id: own.ids.Activity,
    patch: { title: 'y', linkedRecordId: own.ids.Opportunity, participants: [{ contactId: own.ids.Contact }] },
  }),
  completeActivity: async () => ({
    id: await newActivity(gateway(), own),
    notes: 'y',
    participants: [{ userId: own.member.userId }],
    followUps: [{ title: 'y', assigneeId: own.member.userId }],
  }),
  addComment: async () => ({ subjectId: own.ids.Activity, body: 'y', mentionIds: [own.member.userId] }),
  watchTask: async () => ({ id: own.ids.Task }),
  unwatchTask: async () => ({ id: own.ids.Task }),
  markNotificationsRead: async () => ({ ids: [own.ids.Notification] }),
  updateViewer: async () => ({ name: `${own.mark} other`, timeZone: 'Asia/Tokyo', mutedKinds: ['MENTIONED'] }),
  escalateTask: async () => ({ id: own.ids.Task, reason: 'y' }),
  removeAttachment: async () => {
    const [subjectId, url] = [await newTask(gateway(), own), 'https://x.example/y'];
    const query = `mutation { updateTask(input: { id: "${subjectId}", patch: { attachmentUrls: ["${url}"] } }) { errors { code } } }`;
    await gateway().ask(own.admin, query);
    return { subjectId, url };
  },
  deleteActivity: async () => ({ id: await newActivity(gateway(), own) }),
  restoreActivity: async () => {
    const id = await newActivity(gateway(), own);
    await gateway().ask(own.admin, `mutation { deleteActivity(input: { id: "${id}" }) { errors { code } } }`);
    return { id };
  },
  deleteTask: async () => ({ id: await newTask(gateway(), own) }),
  recordCall: async () => ({
    ...{ externalId: 'x', direction: 'INBOUND', outcome: 'MISSED', at: '2026-01-12T10:00:00Z', phone: '+14155550100' },
    ...{ recordId: own.ids.Opportunity, assigneeId: own.member.userId },
  }),
  // Joins a task, and answers what was to be followed up.
  recordEmail: async () => {
    const email = { threadId: 'x', at: '2026-01-12T10:00:00Z', from: 'ours@x.example', to: ['admin@ours.example'] };
    const query = 'mutation ($input: RecordEmailInput!) { recordEmail(input: $input) { errors { code } } }';
    for (const more of [{ direction: 'OUTBOUND', followUpOn: '2026-01-13' }, { direction: 'INBOUND' }]) {
      await gateway().ask(own.admin, query, { input: { ...email, ...more, externalId: `before ${more.direction}` } });
    }
    return { ...email, externalId: 'x', direction: 'INBOUND' };
  },
  recordSms: async () => ({ externalId: 'x', direction: 'INBOUND', at: '2026-01-12T10:00:00Z', remotePhone: '1' }),
};

const send = async (caller: Caller, root: Root, values: Record<string, unknown>, headers = {}) => {
  // Of all types together, as nodes are, the document would soon be endless.
  const deep = isAbstractType(getNamedType(root.field.type)) ? 3 : 4;
  const { query, variables } = operationOf(root, values, selectionOf(root.field.type, deep));
  return gateway().send<Record<string, { [name: string]: unknown }>, object>(caller, query, variables, headers);
};

/** The end of a connection's page, wherever selectionOf has put it. */
const endOf = (connection: object | undefined): string | undefined => {
  const [, page] = Object.entries(connection ?? {}).find(([name]) => name.endsWith('Connection_pageInfo')) ?? [];
  return page?.PageInfo_endCursor;
};

const of = (operation: Root['operation']) => ROOTS.filter((root) => root.operation === operation);

describe('every statement of every query keeps to the organization', () => {
  /** Of each type of filter, two that read in different ways, and an order of two terms. */
  const FILTERS: Record<string, () => { readonly filters: readonly object[]; readonly orderBy: readonly object[] }> = {
    TaskFilter: () => ({
      filters: [
        {
          _type: { any: true },
          accountId: { in: [own.ids.Account] },
          assignee: { notIn: [own.admin.userId], isMe: false },
          id: { notIn: [own.tasks.lead] },
          status: { notIn: ['CANCELLED'] },
        },
      ],
      orderBy: [{ field: 'CREATED_AT' }, { field: 'DATE', direction: 'DESC' }],
    }),
    ActivityFilter: () => ({
      filters: [
        { accountId: { in: [own.ids.Account] }, creatorId: { notIn: [own.member.userId] }, type: { in: ['CALL'] } },
        { search: 'ours', id: { notIn: [own.ids.Task] } },
        { accountId: { eq: own.ids.Account } },
        { deleted: 'INCLUDE' },
      ],
      orderBy: [{ field: 'CREATED_AT' }, { field: 'ACTIVITY_TIMESTAMP', direction: 'DESC' }],
    }),
  };
  /** Lists of tasks in each of their shapes: merged, gathered by this or that, from the bin. */
  const taskLists = () => {
    const orders = [
      [{ field: 'DATE' }],
      [{ field: 'PRIORITY' }, { field: 'COMPLETED_AT', direction: 'DESC' }],
      [{ field: 'COMPLETED_AT' }, { field: 'DATE' }],
    ];
    const date = { gte: '2026-01-01', lt: '2030-01-01T00:00:00Z', isNull: false };
    const filters = [
      { not: { date }, or: [{ due: 'THIS_WEEK' }, { assignee: { isNull: true } }] },
      { and: [{ due: 'OVERDUE' }, { date }], deleted: 'INCLUDE' },
      { search: 'o', tag: { contains: 'u', in: [own.mark] } },
      { accountId: { eq: own.ids.Account }, membershipId: { notIn: [own.ids.Membership] } },
      { assignee: { isMe: true }, creatorId: { notIn: [own.admin.userId] } },
      { deleted: 'ONLY', pipelineId: { notIn: [own.ids.Pipeline] }, contactId: { isNull: true } },
    ];
    return [
      ...filters.flatMap((filter) => orders.map((orderBy) => ({ filter, orderBy, view: 'INBOX' }))),
      { view: 'ARCHIVE', last: 1 },
      { view: 'FUTURE', filter: { stageId: { eq: own.ids.Stage } }, orderBy: [{ field: 'POSITION' }] },
    ];
  };
  it.each(of('query').map((root) => [root.name, root] as const))('%s', async (_, root) => {
    const has = (name: string) => root.field.args.some((arg) => arg.name === name);
    const ids = [...Object.values(own.ids), ...Object.values(own.tasks), other.ids.Task, other.ids.Account, 'junk'];
    const calls: Record<string, unknown>[] = has('ids') ? [{ ids }] : has('id') ? ids.map((id) => ({ id })) : [{}];
    if (has('search')) calls.push({ search: 'o', first: 1 }, { search: 'o', last: 1 });
    if (has('query')) calls.push({ query: `${own.mark} e` }, { query: '1 2 3 4 5 a', types: ['LEAD'] });
    if (has('deleted')) calls.push({ deleted: 'ONLY' });
    if (has('unreadOnly')) calls.push({ unreadOnly: true });
    const filtered = root.field.args.find(({ name }) => name === 'filter');
    if (filtered) {
      const known = FILTERS[getNamedType(filtered.type).name]?.();
      expect(known, 'how is it filtered?').toBeDefined();
      for (const filter of known?.filters ?? []) calls.push({ filter, last: 2 }, { filter, orderBy: known?.orderBy });
    }
    if (has('view')) calls.push(...taskLists());
    const groupings = root.field.args.find(({ name }) => name === 'groupBy');
    if (groupings) {
      const grouped = (getNamedType(groupings.type) as GraphQLEnumType).getValues();
      const lists = [{}, { filter: { _type: { any: true }, search: 'o' } }, { filter: { deleted: 'INCLUDE' } }];
      calls.push(...grouped.flatMap(({ name }) => lists.map((list) => ({ ...list, groupBy: name }))));
    }
    const wrong = await judged(async () => {
      // What admins alone may ask tells others nothing, by no statement.
      const all = [own.admin, own.member, own.limited, own.viewer];
      for (const caller of POLICY[root.name]?.roles.includes('MEMBER') ? all : [own.admin]) {
        for (const call of calls) {
          const answer = await send(caller, root, { ...argumentsOf(root, () => undefined), ...call });
          expect(answer.errors).toBeUndefined();
          const cursor = endOf(answer.data?.[root.field.name]);
          if (!has('after') || !cursor) continue;
          const { last, ...forward } = call;
          const page = last ? { ...forward, last, before: cursor } : { ...forward, first: 1, after: cursor };
          expect((await send(caller, root, page)).errors).toBeUndefined();
        }
      }
    });
    expect(wrong).toEqual([]);
  });
});

describe('every statement of every mutation keeps to the organization', () => {
  it.each(of('mutation').map((root) => [root.name, root] as const))('%s', async (_, root) => {
    const input = await INPUTS[root.field.name]?.();
    expect(input, 'how is it asked so that it does something?').toBeDefined();
    const wrong = await judged(async () => {
      const [refused, done] = [
        await send(own.limited, root, { input: { ...input, ...('id' in (input ?? {}) && { id: other.ids.Task }) } }),
        await send(own.admin, root, { input }),
      ];
      const payload = done.data?.[root.field.name] ?? {};
      expect(Object.entries(payload).find(([name]) => name.endsWith('_errors'))?.[1], JSON.stringify(payload)).toEqual(
        [],
      );
      expect(refused.status).toBeLessThan(500);
    });
    expect(wrong).toEqual([]);
  });
});

describe('every statement of every subscription keeps to the organization', () => {
  /** What follows a list is asked so that time is looked at as well, in the bin too. */
  const LIST = () => ({
    filter: {
      _type: { any: true },
      deleted: 'INCLUDE',
      or: [{ due: 'OVERDUE' }, { due: 'TODAY' }, { accountId: { in: [own.ids.Account, other.ids.Account] } }],
      creatorId: { notIn: [own.member.userId] },
    },
    view: 'INBOX',
  });
  it.each(of('subscription').map((root) => [root.name, root] as const))('%s', async (_, root) => {
    const wrong = await judged(async () => {
      const { logCursor } = (
        await gateway().ask<{ viewer: { logCursor: string } }, object>(own.member, '{ viewer { logCursor } }')
      ).viewer;
      const assign = () =>
        gateway().ask(
          own.admin,
          `mutation { createTask(input: { title: "x", accountId: "${own.ids.Account}", assigneeId: "${own.member.userId}" }) { task { id } } }`,
        );
      await assign();
      const socket = await connect(gateway().url, { params: { authorization: `Bearer ${own.member.token}` } });
      // What was missed, then what happens.
      const { query, variables } = operationOf(
        root,
        { after: logCursor, ...(root.field.name === 'taskChanged' && LIST()) },
        selectionOf(root.field.type, 4),
      );
      const subscription = socket.subscribe({ query, variables });
      try {
        for (let event = 0; event < 2; event += 1) {
          const { type, payload } = await subscription.next();
          expect({ type, errors: payload.errors }).toEqual({ type: 'next', errors: undefined });
          if (event === 0) await assign();
        }
      } finally {
        // Left open, its statements would be judged as those of the tests that follow.
        await socket.close();
      }
    });
    expect(wrong).toEqual([]);
  });
});

describe('every statement', () => {
  it('of a caller with a key keeps to the organization', async () => {
    const wrong = await judged(
      () =>
        gateway().send(
          null,
          '{ tasks { nodes { title account { name } } } accounts { totalCount } }',
          {},
          { 'x-api-key': other.secret },
        ),
      other,
    );
    expect(wrong).toEqual([]);
  });

  it('of founding an organization and bringing people in keeps to it', async () => {
    const id = own.id + 2n;
    const wrong = await judged(() => found(gateway(), 'third'), { ...own, id });
    expect(wrong).toEqual([]);
  });

  it('of the morning on which opportunities are due keeps to it', async () => {
    const { runtime } = gateway().app;
    const where = { organizationId: own.id, uid: own.ids.Opportunity.split('_')[1] as string };
    const data = { status: 'OPEN', closeDate: new Date('2026-01-13'), dueTaskFor: null } as const;
    await runtime.db.prisma.opportunity.updateMany({ where, data });
    expect(await judged(() => makeDue(runtime, own.id, async () => null))).toEqual([]);
    const { dueTaskFor } = await runtime.db.prisma.opportunity.findFirstOrThrow({ where });
    expect(dueTaskFor).toEqual(data.closeDate);
  });

  it('that is fixed keeps to the organization in its first parameter, asked here or not', () => {
    const fixed = fixedStatements();
    expect(fixed.length).toBeGreaterThan(20);
    expect(fixed.flatMap(({ text }) => wrongIn(text, [own.id], own.id))).toEqual([]);
    expect(fixed.filter(({ text }) => /AT\s+TIME\s+ZONE/i.test(text))).toEqual([]);
    // An exception that is none any more goes.
    const known = new Set(fixed.map(({ name }) => name));
    expect([...GLOBAL_STATEMENTS.keys()].filter((name) => !known.has(name))).toEqual([]);
    for (const { name, text } of fixed.filter(({ name }) => GLOBAL_STATEMENTS.has(name))) {
      expect(violations(text, [own.id], own.id, tables), name).not.toEqual([]);
    }
  });

  it('would be judged: those of another organization are refused, one by one', async () => {
    gateway().statements.length = 0;
    await gateway().ask(own.admin, '{ tasks { nodes { account { name } } } }');
    const tenants = gateway()
      .statements.splice(0)
      .filter(({ text }) => /\b(task|account) [tr]\b/.test(text));
    expect(tenants.length).toBeGreaterThan(1);
    for (const { text, values } of tenants) expect(violations(text, values, other.id, tables)).not.toEqual([]);
  });
});

it('every tenant’s table has organization_id, which is never null', async () => {
  const rows = await gateway().app.runtime.db.prisma.$queryRawUnsafe<{ name: string }[]>(
    `SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'organization_id' AND is_nullable = 'NO'`,
  );
  const having = new Set(rows.map(({ name }) => name));
  expect([...tables.tenants].filter((name) => !having.has(name))).toEqual([]);
  expect(tables.tenants.size).toBeGreaterThan(10);
});
