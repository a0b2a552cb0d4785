import { encodeId, newUid } from '../../src/ids.ts';
import type { ActivityFilter } from '../generated/graphql.ts';
import type { Caller } from '../support/gateway.ts';
import { holdsWords } from '../support/words.ts';
import type { Known, World } from '../task/world.ts';

export const TYPES = [
  'CALL',
  'EMAIL',
  'MEETING',
  'SITE_VISIT',
  'CHAT',
  'SMS',
  'REVIEW',
  'PRESENTATION',
  'TRAINING',
] as const;
export const STATUSES = ['PENDING', 'COMPLETED', 'CANCELLED'] as const;

/** An activity as the model sees it: what the API shows, and who sees it. */
export interface Row extends Known {
  readonly accountId: string | null;
  readonly creatorId: string;
  readonly type: string;
  readonly status: string;
  readonly activityTimestamp: Date;
  readonly createdAt: Date;
  readonly title: string | null;
  readonly description: string | null;
  readonly isDeleted: boolean;
  /** Users who see it; null for everyone. */
  readonly seenBy: readonly string[] | null;
}

export interface Sample {
  readonly rows: readonly Row[];
  readonly people: readonly Caller[];
  readonly accounts: readonly Known[];
}

const WORDS = [
  'alpha',
  'Beta',
  'gamma',
  'Äpfel',
  'kick-off',
  '100%',
  '新東京タワー',
  'A\u0308pfel',
  'Done.Call/mail',
  '€500',
  'מָחָר',
];
/** Times of few values, so that many are level. */
export const INSTANTS = Array.from({ length: 6 }, (_, n) => new Date(Date.UTC(2026, 0, 10 + n, 12)));

/** A number that looks like any, and is the same in every run. */
const dice = (seed: number) => {
  let state = seed;
  return (sides: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
};

/** Puts activities there of each type and status, some private, some in the bin, some without an account. */
export async function plantSample(world: World, count: number): Promise<Sample> {
  const { admin, member, gateway, organization, prisma } = world;
  const people = [admin, member, await gateway.member(organization, { email: 'zoe@ours.example' })];
  const ids = await Promise.all(people.map((person) => world.idOf(person)));
  const accounts = [await world.record('ACCOUNT'), await world.record('ACCOUNT'), await world.record('ACCOUNT')];
  const roll = dice(7);
  const pick = <Value>(values: readonly Value[]) => values[roll(values.length)] as Value;
  const text = () => (roll(4) === 0 ? null : Array.from({ length: 1 + roll(3) }, () => pick(WORDS)).join(' '));
  const sketches = Array.from({ length: count }, () => {
    const [creator, participant] = [roll(3), roll(5)];
    return {
      uid: newUid(),
      account: roll(8) === 0 ? null : roll(2),
      creator,
      type: pick(TYPES),
      status: pick(STATUSES),
      activityTimestamp: pick(INSTANTS),
      createdAt: pick(INSTANTS),
      title: text(),
      description: text(),
      isDeleted: roll(5) === 0,
      isPrivate: roll(4) === 0,
      participant: participant < 3 ? participant : null,
    };
  });
  await prisma.activity.createMany({
    data: sketches.map(({ account, creator, isDeleted, isPrivate, participant, ...row }) => ({
      ...row,
      organizationId: organization.id,
      accountId: account === null ? null : (accounts[account] as Known).id,
      creatorId: ids[creator] as bigint,
      duration: 1,
      location: 'x',
      visibility: isPrivate ? ('PRIVATE' as const) : ('ORGANIZATION' as const),
      participants: participant === null ? [] : [{ userId: Number(ids[participant]) }],
      updatedAt: row.createdAt,
      isActive: !isDeleted,
      deletedAt: isDeleted ? new Date() : null,
    })),
  });
  const made = await prisma.activity.findMany({
    where: { organizationId: organization.id },
    select: { id: true, uid: true },
  });
  const inner = new Map(made.map(({ id, uid }) => [uid, id]));
  const rows = sketches.map(({ account, creator, isPrivate, participant, ...row }): Row => {
    const seen = [creator, ...(participant === null ? [] : [participant])].map((n) => people[n]?.userId as string);
    return {
      ...row,
      id: inner.get(row.uid) as bigint,
      key: encodeId('Activity', row.uid),
      accountId: account === null ? null : (accounts[account] as Known).key,
      creatorId: people[creator]?.userId as string,
      seenBy: isPrivate ? seen : null,
    };
  });
  return { rows, people, accounts };
}

type Comparators = Readonly<Record<string, unknown>>;

/** Each comparator as the contract says it; one that is not known here is an error. */
const COMPARATORS: Readonly<Record<string, (value: unknown, wanted: never) => boolean>> = {
  eq: (value, wanted: string) => value === wanted,
  in: (value, wanted: readonly string[]) => value !== null && wanted.includes(value as string),
  notIn: (value, wanted: readonly string[]) => value === null || !wanted.includes(value as string),
  isNull: (value, wanted: boolean) => (value === null) === wanted,
  lt: (value, wanted: string) => (value as Date).getTime() < Date.parse(wanted),
  lte: (value, wanted: string) => (value as Date).getTime() <= Date.parse(wanted),
  gt: (value, wanted: string) => (value as Date).getTime() > Date.parse(wanted),
  gte: (value, wanted: string) => (value as Date).getTime() >= Date.parse(wanted),
};

const compares = (value: unknown, comparators: Comparators): boolean =>
  Object.entries(comparators).every(([name, wanted]) => {
    const holds = COMPARATORS[name];
    if (!holds) throw new Error(`The model does not know ${name}.`);
    return wanted == null || holds(value, wanted as never);
  });

/** What each condition means, of an activity; one that is not known here is an error. */
const CONDITIONS: Readonly<Record<string, (row: Row, asked: never) => boolean>> = {
  and: (row, asked: ActivityFilter[]) => asked.every((filter) => matches(row, filter)),
  or: (row, asked: ActivityFilter[]) => asked.some((filter) => matches(row, filter)),
  not: (row, asked: ActivityFilter) => !matches(row, asked),
  id: ({ key }, asked: Comparators) => compares(key, asked),
  accountId: ({ accountId }, asked: Comparators) => compares(accountId, asked),
  type: ({ type }, asked: Comparators) => compares(type, asked),
  status: ({ status }, asked: Comparators) => compares(status, asked),
  activityTimestamp: ({ activityTimestamp }, asked: Comparators) => compares(activityTimestamp, asked),
  createdAt: ({ createdAt }, asked: Comparators) => compares(createdAt, asked),
  creatorId: ({ creatorId }, asked: Comparators) => compares(creatorId, asked),
  search: ({ title, description }, asked: string) => {
    // No text can hold it, and so none does.
    if (asked.includes('\0')) return false;
    return holdsWords(`${title ?? ''} ${description ?? ''}`, asked);
  },
  deleted: ({ isDeleted }, asked: 'EXCLUDE' | 'INCLUDE' | 'ONLY') =>
    asked === 'INCLUDE' || isDeleted === (asked === 'ONLY'),
};

function matches(row: Row, filter: ActivityFilter): boolean {
  return Object.entries(filter).every(([name, asked]) => {
    const holds = CONDITIONS[name];
    if (!holds) throw new Error(`The model does not know ${name}.`);
    return asked == null || holds(row, asked as never);
  });
}

const namesBin = (filter: ActivityFilter): boolean =>
  filter.deleted != null ||
  [filter.and ?? [], filter.or ?? [], filter.not ?? []].flat().some((inner) => namesBin(inner as ActivityFilter));

/** The activities that a filter shows someone, by the model. */
export const expected = ({ rows }: Sample, filter: ActivityFilter, { userId }: Caller): Row[] =>
  rows
    .filter(({ seenBy }) => seenBy === null || seenBy.includes(userId))
    .filter(({ isDeleted }) => namesBin(filter) || !isDeleted)
    .filter((row) => matches(row, filter));

export interface Term {
  readonly field: 'ACTIVITY_TIMESTAMP' | 'CREATED_AT';
  readonly direction: 'ASC' | 'DESC';
}

/** The order, one activity against another; ties go by id, in the last term's direction. */
export function inOrder(rows: readonly Row[], terms: readonly Term[]): string[] {
  const of = ({ activityTimestamp, createdAt }: Row, { field }: Term) =>
    (field === 'CREATED_AT' ? createdAt : activityTimestamp).getTime();
  const compare = (a: Row, b: Row) => {
    let along = 1;
    for (const term of terms) {
      along = term.direction === 'DESC' ? -1 : 1;
      const found = (of(a, term) - of(b, term)) * along;
      if (found !== 0) return found;
    }
    return (a.id < b.id ? -1 : 1) * along;
  };
  return [...rows].sort(compare).map(({ key }) => key);
}
