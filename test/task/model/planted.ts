import fc from 'fast-check';
import { formatTaskDate } from '../../../src/dates.ts';
import { encodeId, newUid } from '../../../src/ids.ts';
import type { Caller } from '../../support/gateway.ts';
import { KINDS, STATUSES } from '../arbitrary.ts';
import type { Known, World } from '../world.ts';
import type { ModelTask } from './judged.ts';

/** The moment at which the tests stand: a Sunday evening in UTC, the Monday after it in the east. */
export const NOW = new Date('2026-03-29T18:30:00Z');

export const DAYS = ['2026-03-22', '2026-03-23', '2026-03-28', '2026-03-29', '2026-03-30', '2026-04-05'];
/** Midnights of zones, moments beside them, and now. */
export const INSTANTS = [
  '2026-03-22T23:00:00.000Z',
  '2026-03-28T10:15:00.000Z',
  '2026-03-28T23:00:00.000Z',
  '2026-03-29T18:30:00.000Z',
  '2026-03-29T22:00:00.000Z',
  '2026-03-30T07:00:00.000Z',
];
/** Of creation, change and completion. */
export const MOMENTS = ['2026-01-05T00:00:00.000Z', '2026-01-05T00:00:00.001Z', '2026-02-01T12:00:00.000Z'];
export const TAGS = ['billing', 'Billing', 'b%l', 'b_l', 'vip'];

/** Who and what tasks name; of each, the first two are named and the last is not. */
export interface Cast {
  readonly people: readonly (Caller & { readonly id: bigint; readonly membership: string })[];
  readonly accounts: readonly Known[];
  readonly contacts: readonly Known[];
  readonly leads: readonly Known[];
  readonly opportunities: readonly Known[];
  readonly activities: readonly Known[];
  readonly stages: readonly (Known & { readonly pipeline: Known })[];
}

const known = (type: 'Activity' | 'Pipeline' | 'Stage', { id, uid }: { id: bigint; uid: string }): Known => ({
  ...{ id, uid },
  key: encodeId(type, uid),
});

async function castOf(world: World, limited: Caller): Promise<Cast> {
  const { prisma, organization, admin, member } = world;
  const organizationId = organization.id;
  const person = async (caller: Caller) => {
    const id = await world.idOf(caller);
    const where = { organizationId_userId: { organizationId, userId: id } };
    const { uid } = await prisma.membership.findUniqueOrThrow({ where });
    return { ...caller, id, membership: encodeId('Membership', uid) };
  };
  const three = async <Made>(make: (n: number) => Promise<Made>) => [await make(0), await make(1), await make(2)];
  const accounts = await three(() => world.record('ACCOUNT'));
  const [account] = accounts as [Known];
  const at = { createdAt: NOW, updatedAt: NOW };
  const common = () => ({ organizationId, uid: newUid(), ...at });
  const activity = () => ({
    ...common(),
    activityTimestamp: NOW,
    duration: 5,
    location: 'Phone',
    accountId: account.id,
  });
  const stages = await three(async (n) => {
    const pipeline = known('Pipeline', await prisma.pipeline.create({ data: { ...common(), name: `Pipeline ${n}` } }));
    const stage = {
      organizationId,
      uid: newUid(),
      pipelineId: pipeline.id,
      name: 'Stage',
      color: '#123456',
      sortOrder: 0,
    };
    return { ...known('Stage', await prisma.stage.create({ data: { ...stage, isDefault: true } })), pipeline };
  });
  return {
    people: [await person(admin), await person(limited), await person(member)],
    accounts,
    contacts: await three((n) => world.record('CONTACT', n === 0 ? { accountId: account.id } : {})),
    leads: await three(() => world.record('LEAD')),
    opportunities: await three((n) => world.record('OPPORTUNITY', n === 0 ? { accountId: account.id } : {})),
    activities: await three(async () =>
      known('Activity', await prisma.activity.create({ data: { ...activity(), creatorId: organization.assistantId } })),
    ),
    stages,
  };
}

const some = <Value>(...values: readonly Value[]) => fc.constantFrom(...values);
const which = some(0, 1);
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { freq: 3 });

/** Rows that could be in the database, in no order. */
const sketch = fc.record({
  kind: fc.oneof({ weight: 3, arbitrary: some('LEAD' as const) }, some(...KINDS)),
  type: some('FOLLOW_UP', 'CALL', 'DEMO'),
  category: maybe(some('FOLLOW_UP_CALL', 'ISSUE_RESOLUTION', 'TEAM_UPDATE')),
  status: some(...STATUSES),
  priority: some('LOW', 'MEDIUM', 'HIGH'),
  title: some(
    'Call about the offer',
    'Offer: write',
    'LATE invoice',
    'José: 新東京タワー',
    'JOSE\u0301’s Straße, İstanbul',
    'Call/mail acme.example: Q3/Q4',
  ),
  description: maybe(
    some('They were late.', 'An offer, a call', '“Late”—Việt مُحَمَّد、회사가', 'Pay INV-123 €500, v1.2.3 שָׁלוֹם'),
  ),
  date: maybe(fc.oneof(some(...DAYS), some(...INSTANTS))),
  createdAt: some(...MOMENTS),
  updatedAt: some(...MOMENTS),
  completedAt: some(...MOMENTS),
  assignee: maybe(which),
  creator: which,
  link: maybe(some('ACCOUNT', 'CONTACT', 'LEAD', 'OPPORTUNITY')),
  linked: which,
  activity: maybe(which),
  stage: maybe(which),
  automation: fc.option(fc.constant(7n), { freq: 1 }),
  tags: fc.uniqueArray(some(...TAGS), { maxLength: 3 }),
  openBlockers: some(0, 0, 1, 2),
  deleted: some(false, false, false, true),
  isQueueRow: some(false, false, false, false, false, true),
});

type Sketch = typeof sketch extends fc.Arbitrary<infer Drawn> ? Drawn : never;

/** Plants random tasks, the same ones for the same seed, and tells of them in the model's words. */
export async function plantModel(world: World, limited: Caller, count: number, seed: number) {
  const cast = await castOf(world, limited);
  const sketches = fc.sample(sketch, { numRuns: count, seed });
  const organizationId = world.organization.id;
  const uids = sketches.map(() => newUid());
  await world.prisma.task.createMany({
    data: sketches.map((drawn, index) => ({
      organizationId,
      uid: uids[index] as string,
      ...rowOf(drawn, cast, index),
    })) as never,
  });
  const made = await world.prisma.task.findMany({ where: { organizationId }, select: { id: true, uid: true } });
  const ids = new Map(made.map(({ id, uid }) => [uid, id]));
  const tasks = sketches.map((drawn, index) => {
    const uid = uids[index] as string;
    return modelOf(drawn, cast, { id: ids.get(uid) as bigint, key: encodeId('Task', uid) });
  });
  return { cast, tasks };
}

const at = <Value>(values: readonly Value[], index: number | null): Value | null =>
  index === null ? null : (values[index] as Value);

/** What a link names and what derives from it: the first contact and opportunity have an account. */
function linksOf({ link, linked }: Sketch, { accounts, contacts, leads, opportunities }: Cast) {
  const named = (type: Sketch['link'], records: readonly Known[]) => (link === type ? at(records, linked) : null);
  const derived = (link === 'CONTACT' || link === 'OPPORTUNITY') && linked === 0 ? at(accounts, 0) : null;
  return {
    account: named('ACCOUNT', accounts) ?? derived,
    contact: named('CONTACT', contacts),
    lead: named('LEAD', leads),
    opportunity: named('OPPORTUNITY', opportunities),
  };
}

const isDay = (date: string | null): date is string => date !== null && !date.includes('T');

function rowOf(drawn: Sketch, cast: Cast, index: number) {
  const { kind, type, category, status, priority, title, description, tags, openBlockers } = drawn;
  const { date, createdAt, updatedAt, completedAt, assignee, creator, link, deleted } = drawn;
  const links = linksOf(drawn, cast);
  const stage = at(cast.stages, drawn.stage);
  const done = status === 'COMPLETED';
  return {
    ...{ kind, type, category, status, priority, title, description, tags, openBlockers },
    ...{ createdAt, updatedAt, timelineAt: createdAt, linkedType: link, automationId: drawn.automation },
    dueOn: isDay(date) ? new Date(`${date}T00:00:00Z`) : null,
    dueAt: date !== null && !isDay(date) ? date : null,
    completedAt: done ? completedAt : null,
    completedById: done ? cast.people[0]?.id : null,
    assigneeId: at(cast.people, assignee)?.id ?? null,
    creatorId: at(cast.people, creator)?.id,
    ...{ accountId: links.account?.id ?? null, contactId: links.contact?.id ?? null },
    ...{ leadId: links.lead?.id ?? null, opportunityId: links.opportunity?.id ?? null },
    activityId: at(cast.activities, drawn.activity)?.id ?? null,
    ...(stage && { pipelineId: stage.pipeline.id, stageId: stage.id, position: `a${String(index).padStart(4, '0')}V` }),
    ...(deleted && { deletedAt: NOW, isActive: false }),
    isQueueRow: isQueue(drawn),
  };
}

const isQueue = ({ isQueueRow, kind }: Sketch) => isQueueRow && kind === 'LEAD';

function modelOf(drawn: Sketch, cast: Cast, task: Pick<ModelTask, 'id' | 'key'>): ModelTask {
  const { kind, type, category, status, priority, title, description, tags, automation } = drawn;
  const { date, createdAt, updatedAt, completedAt, link } = drawn;
  const assignee = at(cast.people, drawn.assignee);
  const links = linksOf(drawn, cast);
  const stage = at(cast.stages, drawn.stage);
  return {
    ...task,
    ...{ _type: kind, type, category, status, priority, title, description, tags, linkedType: link },
    date: date === null || isDay(date) ? date : Date.parse(date),
    createdAt: Date.parse(createdAt),
    updatedAt: Date.parse(updatedAt),
    completedAt: status === 'COMPLETED' ? Date.parse(completedAt) : null,
    assignee: assignee?.userId ?? null,
    assigneeMembership: assignee?.membership ?? null,
    creator: at(cast.people, drawn.creator)?.userId as string,
    account: links.account?.key ?? null,
    contact: links.contact?.key ?? null,
    lead: links.lead?.key ?? null,
    opportunity: links.opportunity?.key ?? null,
    activity: at(cast.activities, drawn.activity)?.key ?? null,
    pipeline: stage?.pipeline.key ?? null,
    stage: stage?.key ?? null,
    automation: automation === null ? null : 'a rule',
    isBlocked: drawn.openBlockers > 0,
    isDeleted: drawn.deleted,
    isQueueRow: isQueue(drawn),
  };
}

/** A date as filters give it. */
export const dateText = (date: string): string => (isDay(date) ? date : formatTaskDate({ instant: Date.parse(date) }));
