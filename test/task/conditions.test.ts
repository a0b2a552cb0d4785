import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid, uidOf } from '../../src/ids.ts';
import type { TaskFilter } from '../generated/graphql.ts';
import { plant, plantPipeline, titlesOf } from './plant.ts';
import { type Known, useWorld } from './world.ts';

// A Wednesday's noon in UTC.
const NOW = '2026-03-11T12:00:00.000Z';
const world = useWorld({ now: () => new Date(NOW) });

/** Ids that the filters name, by name. */
const named: Record<string, string> = {};
let every: string[];

beforeAll(async () => {
  const w = world();
  const [ada, max] = await Promise.all([w.idOf(w.admin), w.idOf(w.member)]);
  const [account, contact, lead, opportunity] = await Promise.all(
    (['ACCOUNT', 'CONTACT', 'LEAD', 'OPPORTUNITY'] as const).map((type) => w.record(type)),
  );
  const of = (known: Known | undefined) => (known as Known).id;
  const { pipeline, stages } = await plantPipeline(w, ['New', 'Won']);
  const at = new Date('2026-01-01T00:00:00Z');
  const activityRow = { activityTimestamp: at, duration: 5, location: 'x', linkedType: 'ACCOUNT' } as const;
  const activity = await w.prisma.activity.create({
    data: {
      ...activityRow,
      organizationId: w.organization.id,
      uid: newUid(),
      creatorId: ada,
      accountId: of(account),
      createdAt: at,
      updatedAt: at,
    },
  });
  const place = (stage: number, position: string) => ({
    pipelineId: pipeline.id,
    stageId: of(stages[stage]),
    position,
  });
  const tasks = await plant(w, {
    plain: {},
    demo: { type: 'DEMO', priority: 'HIGH' },
    training: { category: 'TRAINING_SESSION', priority: 'MEDIUM' },
    team: { category: 'TEAM_UPDATE', openBlockers: 2 },
    started: {
      status: 'IN_PROGRESS',
      createdAt: new Date('2026-02-01T00:00:00Z'),
      updatedAt: new Date('2026-02-03T00:00:00Z'),
    },
    done: { status: 'COMPLETED', completedAt: new Date('2026-02-02T00:00:00Z') },
    dropped: { status: 'CANCELLED' },
    adas: { assigneeId: ada, creatorId: max },
    maxs: { assigneeId: max },
    'on account': { accountId: of(account), linkedType: 'ACCOUNT', activityId: activity.id },
    'on contact': { accountId: of(account), contactId: of(contact), linkedType: 'CONTACT' },
    'on lead': { leadId: of(lead), linkedType: 'LEAD' },
    'on deal': { opportunityId: of(opportunity), leadId: of(lead), linkedType: 'OPPORTUNITY' },
    'in New': place(0, 'a0'),
    'in Won': place(1, 'a0'),
    tagged: { tags: ['Urgent', '100%'] },
    other: { tags: ['urgently', 'ÄRGER'], description: 'Über den Großen Teich' },
    missed: { kind: 'MISSED_CALL' },
    binned: { deletedAt: at },
    queued: { isQueueRow: true },
  });
  every = Object.keys(tasks).filter((title) => !['missed', 'binned', 'queued'].includes(title));
  const membership = await w.prisma.membership.findFirstOrThrow({
    where: { organizationId: w.organization.id, userId: max },
  });
  Object.assign(named, {
    plain: tasks['plain']?.key,
    binned: tasks['binned']?.key,
    ada: w.admin.userId,
    max: w.member.userId,
    maxsMembership: encodeId('Membership', membership.uid),
    account: account?.key,
    contact: contact?.key,
    lead: lead?.key,
    opportunity: opportunity?.key,
    activity: encodeId('Activity', activity.uid),
    pipeline: pipeline.key,
    newStage: stages[0]?.key,
    wonStage: stages[1]?.key,
    nothing: encodeId('Automation', newUid()),
  });
});

/** `$max` in a filter is the id that is named so. */
const filled = (filter: TaskFilter): TaskFilter =>
  JSON.parse(JSON.stringify(filter), (_key, value) =>
    typeof value === 'string' && value.startsWith('$') ? (named[value.slice(1)] as string) : value,
  );
const asked = async (filter: TaskFilter) => (await titlesOf(world(), { filter: filled(filter), last: 100 })).toSorted();
const but = (...titles: string[]) => every.filter((title) => !titles.includes(title)).toSorted();

const cases: [string, TaskFilter, string[] | (() => string[])][] = [
  ['type eq [PARSA-20]', { type: { eq: 'DEMO' } }, ['demo']],
  ['type notIn', { type: { notIn: ['FOLLOW_UP'] } }, ['demo']],
  ['category eq', { category: { eq: 'TEAM_UPDATE' } }, ['team']],
  ['category in', { category: { in: ['TEAM_UPDATE', 'TRAINING_SESSION'] } }, ['team', 'training']],
  ['category notIn takes in what has none', { category: { notIn: ['TEAM_UPDATE'] } }, () => but('team')],
  ['category isNull', { category: { isNull: false } }, ['team', 'training']],
  ['audience CUSTOMER', { audience: 'CUSTOMER' }, ['training']],
  ['audience INTERNAL', { audience: 'INTERNAL' }, ['team']],
  ['not an audience takes in what has none', { not: { audience: 'INTERNAL' } }, () => but('team')],
  ['priority eq', { priority: { eq: 'HIGH' } }, ['demo']],
  ['priority in', { priority: { in: ['HIGH', 'MEDIUM'] } }, ['demo', 'training']],
  ['isComplete', { isComplete: true }, ['done']],
  ['isComplete: false', { isComplete: false }, () => but('done')],
  ['isOpen: false', { isOpen: false }, ['done', 'dropped']],
  ['isOpen', { isOpen: true }, () => but('done', 'dropped')],
  ['isBlocked', { isBlocked: true }, ['team']],
  ['isBlocked: false', { isBlocked: false }, () => but('team')],
  ['createdAt', { createdAt: { gt: '2026-01-01T00:00:00Z', lte: '2026-02-01T00:00:00Z' } }, ['started']],
  ['createdAt gte at the instant', { createdAt: { gte: '2026-02-01T00:00:00Z' } }, ['started']],
  ['createdAt lt at the instant', { createdAt: { lt: '2026-02-01T00:00:00Z' } }, () => but('started')],
  ['updatedAt', { updatedAt: { gte: '2026-02-03T00:00:00Z' } }, ['started']],
  ['completedAt', { completedAt: { lt: '2026-03-01T00:00:00Z' } }, ['done']],
  [
    'not completedAt takes in what was not',
    { not: { completedAt: { lt: '2026-03-01T00:00:00Z' } } },
    () => but('done'),
  ],
  ['assignee eq', { assignee: { eq: '$max' } }, ['maxs']],
  ['assignee isMe', { assignee: { isMe: true } }, ['adas']],
  ['assignee isMe: false', { assignee: { isMe: false } }, () => but('adas')],
  ['assignee isMe beside another', { assignee: { isMe: true, eq: '$max' } }, []],
  ['membershipId eq', { membershipId: { eq: '$maxsMembership' } }, ['maxs']],
  ['membershipId notIn takes in what is nobody’s', { membershipId: { notIn: ['$maxsMembership'] } }, () => but('maxs')],
  ['membershipId of a person is nothing', { membershipId: { eq: '$max' } }, []],
  ['creatorId eq', { creatorId: { eq: '$max' } }, ['adas']],
  ['leadId eq takes in what derives it', { leadId: { eq: '$lead' } }, ['on deal', 'on lead']],
  ['leadId isNull', { leadId: { isNull: true } }, () => but('on lead', 'on deal')],
  ['accountId in', { accountId: { in: ['$account'] } }, ['on account', 'on contact']],
  ['contactId eq', { contactId: { eq: '$contact' } }, ['on contact']],
  ['opportunityId eq', { opportunityId: { eq: '$opportunity' } }, ['on deal']],
  ['activityId eq', { activityId: { eq: '$activity' } }, ['on account']],
  ['activityId notIn', { activityId: { notIn: ['$activity'] } }, () => but('on account')],
  ['linkedRecordType eq is of the direct link [PARSA-18]', { linkedRecordType: { eq: 'LEAD' } }, ['on lead']],
  ['linkedRecordType in', { linkedRecordType: { in: ['CONTACT', 'OPPORTUNITY'] } }, ['on contact', 'on deal']],
  [
    'linkedRecordType isNull',
    { linkedRecordType: { isNull: false } },
    ['on account', 'on contact', 'on deal', 'on lead'],
  ],
  ['pipelineId eq', { pipelineId: { eq: '$pipeline' } }, ['in New', 'in Won']],
  ['pipelineId isNull', { pipelineId: { isNull: true } }, () => but('in New', 'in Won')],
  ['stageId eq', { stageId: { eq: '$wonStage' } }, ['in Won']],
  ['stageId notIn', { stageId: { notIn: ['$wonStage'] } }, () => but('in Won')],
  ['automationId of none', { automationId: { eq: '$nothing' } }, []],
  ['automationId isNull', { automationId: { isNull: false } }, []],
  ['tag eq', { tag: { eq: 'Urgent' } }, ['tagged']],
  ['tag eq is the whole tag, as it is written', { tag: { eq: 'urgent' } }, []],
  ['tag in', { tag: { in: ['100%', 'urgently'] } }, ['other', 'tagged']],
  ['tag contains, in whatever case', { tag: { contains: 'URGENT' } }, ['other', 'tagged']],
  ['tag contains, beyond ASCII', { tag: { contains: 'ärg' } }, ['other']],
  ['tag contains no pattern', { tag: { contains: '_%' } }, []],
  ['tag contains what is a pattern, as it is', { tag: { contains: '0%' } }, ['tagged']],
  ['not a tag takes in what has none', { not: { tag: { in: ['Urgent', 'urgently'] } } }, () => but('tagged', 'other')],
  ['search in the title', { search: 'ACCOUNT' }, ['on account']],
  ['search in the description, in whatever case', { search: 'großen ÜBER' }, ['other']],
  ['search for what is in one but not in the other', { search: 'on -account -deal' }, ['on contact', 'on lead']],
  ['search for what no database can hold', { search: 'a\u0000' }, []],
  ['search for nothing', { search: '  ' }, () => but()],
  ['not a search', { not: { search: 'on' } }, () => but('on account', 'on contact', 'on lead', 'on deal')],
  ['a tag that no database can hold', { tag: { eq: '\ud800' } }, []],
  ['tags, some of which no database can hold', { tag: { in: ['\u0000', 'Urgent'] } }, ['tagged']],
  [
    'kinds in a branch: all that is asked is asked expressly',
    { or: [{ _type: { eq: 'MISSED_CALL' } }, { type: { eq: 'DEMO' } }] },
    ['demo', 'missed'],
  ],
  ['a kind that is asked of nothing is none [CLOSE-12]', { _type: {} }, () => but()],
  ['kinds within not', { not: { _type: { eq: 'LEAD' } } }, ['missed']],
  ['deleted ONLY', { deleted: 'ONLY' }, ['binned']],
  ['deleted INCLUDE', { deleted: 'INCLUDE' }, () => [...every, 'binned'].toSorted()],
  ['deleted EXCLUDE', { deleted: 'EXCLUDE' }, () => but()],
  ['deleted within or', { or: [{ deleted: 'ONLY' }, { type: { eq: 'DEMO' } }] }, ['binned', 'demo']],
  ['deleted within not', { not: { deleted: 'EXCLUDE' } }, ['binned']],
  ['deleted twice', { deleted: 'ONLY', and: [{ deleted: 'EXCLUDE' }] }, []],
  ['an id in the bin', { id: { eq: '$binned' } }, []],
  ['an id in the bin, expressly', { id: { eq: '$binned' }, deleted: 'INCLUDE' }, ['binned']],
  ['and', { and: [{ stageId: { isNull: false } }, { stageId: { notIn: ['$newStage'] } }] }, ['in Won']],
  ['or', { or: [{ stageId: { eq: '$newStage' } }, { isComplete: true }] }, ['done', 'in New']],
  [
    'or beside what stands with it',
    { type: { eq: 'DEMO' }, or: [{ isComplete: true }, { priority: { eq: 'HIGH' } }] },
    ['demo'],
  ],
  ['or of nothing', { or: [] }, []],
  ['and of nothing', { and: [] }, () => but()],
  ['an empty alternative', { or: [{}] }, () => but()],
  ['not of everything', { not: {} }, []],
  ['not of nothing', { not: { or: [] } }, () => but()],
  ['not not', { not: { not: { type: { eq: 'DEMO' } } } }, ['demo']],
  [
    'not, where nothing has a value',
    { not: { category: { eq: 'TEAM_UPDATE' }, leadId: { eq: '$lead' } } },
    () => but(),
  ],
  [
    'nulls',
    {
      and: null,
      or: null,
      not: null,
      isOpen: null,
      date: null,
      due: null,
      search: null,
      deleted: null,
      tag: { eq: null },
    },
    () => but(),
  ],
];

describe('a condition, in a list and its count', () => {
  it.each(cases)('%s', async (_name, filter, expected) => {
    expect(await asked(filter)).toEqual((typeof expected === 'function' ? expected() : expected).toSorted());
  });

  it('is its complement within not, at every depth: each task is in one of the two', async () => {
    for (const [name, filter] of cases.filter(([, filter]) => !JSON.stringify(filter).includes('_type'))) {
      const all = await asked(JSON.stringify(filter).includes('"deleted":"') ? { deleted: 'INCLUDE' } : {});
      const [own, others] = [await asked(filter), await asked({ not: filter })];
      expect([...own, ...others].toSorted(), name).toEqual(all);
    }
  });

  it('leaves rows of the queue out, whatever is asked', async () => {
    const queued = await world().prisma.task.findFirstOrThrow({
      where: { organizationId: world().organization.id, title: 'queued' },
    });
    for (const filter of [
      {},
      { _type: { any: true } },
      { deleted: 'INCLUDE' },
      { id: { eq: `task_${queued.uid}` } },
    ] as const) {
      expect(await asked(filter)).not.toContain('queued');
    }
  });

  it('of the assignee is their membership’s, by whatever of the two they are named', async () => {
    expect(uidOf('Membership', named['maxsMembership'] as string)).not.toBeNull();
    expect(await asked({ membershipId: { in: ['$maxsMembership'] } })).toEqual(
      await asked({ assignee: { in: ['$max'] } }),
    );
  });
});

const dated: Record<string, object> = {
  'day 10': { day: '2026-03-10' },
  'day 11': { day: '2026-03-11' },
  'day 12': { day: '2026-03-12' },
  '10th 23:59': { at: '2026-03-11T07:59:59.999Z' },
  '11th 00:00': { at: '2026-03-11T08:00:00.000Z' },
  '11th 04:00': { at: NOW },
  '11th 23:59': { at: '2026-03-12T07:59:59.999Z' },
  '12th 00:00': { at: '2026-03-12T08:00:00.000Z' },
};

describe('a date, at -8', () => {
  const ZONE = '-08:00';
  const whole = ['day 10', '10th 23:59', 'day 11', '11th 00:00', '11th 04:00', '11th 23:59', 'day 12', '12th 00:00'];
  beforeAll(async () => {
    await world().clear();
    await plant(world(), { ...dated, undated: {} });
  });
  const dates = async (date: TaskFilter['date'] & object) =>
    titlesOf(world(), { filter: { date }, timeZone: ZONE, last: 100 });

  it('is in an order, of which a range is a part', async () => {
    expect(await titlesOf(world(), { timeZone: ZONE, last: 100 })).toEqual([...whole, 'undated']);
  });

  it.each<[object, string[]]>([
    [{ lt: '2026-03-11' }, whole.slice(0, 2)],
    [{ lte: '2026-03-11' }, whole.slice(0, 6)],
    [{ gt: '2026-03-11' }, whole.slice(6)],
    [{ gte: '2026-03-11' }, whole.slice(2)],
    [{ eq: '2026-03-11' }, whole.slice(2, 6)],
    [{ gte: '2026-03-10', lt: '2026-03-12' }, whole.slice(0, 6)],
    // The instant at which the 11th begins there: the day comes before it.
    [{ lt: '2026-03-11T08:00:00Z' }, whole.slice(0, 3)],
    [{ lte: '2026-03-11T08:00:00Z' }, whole.slice(0, 4)],
    [{ gt: '2026-03-11T08:00:00Z' }, whole.slice(4)],
    [{ gte: '2026-03-11T08:00:00Z' }, whole.slice(3)],
    [{ eq: '2026-03-11T08:00:00Z' }, ['11th 00:00']],
    [{ lt: '2026-03-11T07:59:59.999Z' }, ['day 10']],
    [{ gt: '2026-03-11T12:00:00Z' }, whole.slice(5)],
    [{ isNull: true }, ['undated']],
    [{ isNull: false }, whole],
    [{ isNull: true, gt: '2026-01-01' }, []],
    [{ eq: '2030-01-01' }, []],
    [{ gt: '2026-03-11', lt: '2026-03-11' }, []],
    // The first and the last day that there can be.
    [{ gte: '0001-01-02', lte: '9999-12-30' }, whole],
    [{ lt: '9999-12-30T23:59:59.999Z', gt: '0001-01-02T00:00:00Z' }, whole],
    [{ gt: '9999-12-30T23:59:59.999Z' }, []],
    [{ gte: '9999-12-30T23:59:59.999Z' }, []],
  ])('%j', async (date, expected) => {
    expect(await dates(date)).toEqual(expected);
    const others = await titlesOf(world(), { filter: { not: { date } }, timeZone: ZONE, last: 100 });
    expect(others).toEqual([...whole, 'undated'].filter((title) => !expected.includes(title)));
    // Gathered, the same in the same order.
    const gathered = await titlesOf(world(), {
      filter: { date, search: 'day or 10th or 11th or 12th or undated' },
      timeZone: ZONE,
      last: 100,
    });
    expect(gathered).toEqual(expected);
  });

  it('is compared in the zone that is asked for, in UTC otherwise', async () => {
    const filter = { date: { lte: '2026-03-11' } };
    expect(await titlesOf(world(), { filter, timeZone: 'UTC', last: 100 })).toEqual([
      'day 10',
      'day 11',
      ...whole.slice(1, 2),
      ...whole.slice(3, 5),
    ]);
    expect(await titlesOf(world(), { filter, timeZone: '+14:00', last: 100 })).toEqual([
      'day 10',
      'day 11',
      '10th 23:59',
      '11th 00:00',
    ]);
  });
});
