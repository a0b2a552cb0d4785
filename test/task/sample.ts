import { expect } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import type { TaskFilter } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import type { Caller } from '../support/gateway.ts';
import { KINDS, STATUSES } from './arbitrary.ts';
import type { Known, TaskSketch, World } from './world.ts';

interface Row extends TaskSketch, Known {
  readonly assignee: string | null;
  readonly account: string | null;
}

/** Tasks of each kind and status, with and without a date, an assignee, an account; the last account and person have none. */
export interface Sample {
  readonly rows: readonly Row[];
  readonly people: readonly Caller[];
  readonly accounts: readonly Known[];
}

const pick = <Value>(values: readonly Value[], n: number) => values[n % values.length] as Value;

/** Puts a sample there, with a deleted task and a queue row beside it, which no filter may let through. */
export async function plantSample(world: World): Promise<Sample> {
  const { admin, member, gateway, organization, prisma } = world;
  const people = [admin, member, await gateway.member(organization, { email: 'zoe@ours.example' })];
  const accounts = [await world.record('ACCOUNT'), await world.record('ACCOUNT'), await world.record('ACCOUNT')];
  const ids = await Promise.all(people.map((person) => world.idOf(person)));
  const sketches = Array.from({ length: 90 }, (_, n) => ({
    kind: n % 3 === 0 ? pick(KINDS, n / 3) : 'LEAD',
    status: pick(STATUSES, n * 7),
    ...pick([{}, { day: `2026-01-${10 + (n % 9)}` }, { instant: Date.UTC(2026, 0, 10 + (n % 9)) }], n >> 2),
    person: pick([null, 0, 1], n >> 1),
    place: pick([null, 0, 1, 1], n >> 3),
  }));
  const known = await world.tasks(
    sketches.map(({ person, place, ...sketch }) => ({
      ...sketch,
      assigneeId: person === null ? null : (ids[person] as bigint),
      accountId: place === null ? null : (accounts[place]?.id as bigint),
    })),
  );
  await world.tasks([{ title: 'deleted' }, { title: 'a queue row' }]);
  const titled = (title: string) => ({ organizationId: organization.id, title });
  await prisma.task.updateMany({ where: titled('deleted'), data: { deletedAt: new Date(), isActive: false } });
  await prisma.task.updateMany({ where: titled('a queue row'), data: { isQueueRow: true } });
  const rows = sketches.map(({ person, place, ...sketch }, index) => ({
    ...sketch,
    ...(known[index] as Known),
    assignee: person === null ? null : (people[person]?.userId as string),
    account: place === null ? null : (accounts[place]?.key as string),
  }));
  return { rows, people, accounts };
}

/** In variables a list may also be its one value; here it never is. */
interface Comparison {
  readonly eq?: string | null | undefined;
  readonly in?: string | readonly string[] | null | undefined;
  readonly notIn?: string | readonly string[] | null | undefined;
}

/** A comparison of one value as the contract says it: null does not filter, complements take in what has no value. */
const compares = (value: string | null, comparison: Comparison | null | undefined): boolean =>
  (comparison?.eq == null || value === comparison.eq) &&
  (comparison?.in == null || (value !== null && comparison.in.includes(value))) &&
  (comparison?.notIn == null || value === null || !comparison.notIn.includes(value));
const isNull = (value: string | null, wanted: boolean | null | undefined) =>
  wanted == null || (value === null) === wanted;

/** The filter as DESIGN says it, row by row. */
const matches =
  (filter: TaskFilter, me: string) =>
  ({ key, kind, status, assignee, account }: Row): boolean =>
    (Object.values(filter._type ?? {}).every((value) => value == null)
      ? kind === 'LEAD'
      : compares(kind as string, filter._type)) &&
    compares(key, filter.id) &&
    compares(status as string, filter.status) &&
    compares(assignee, filter.assignee) &&
    isNull(assignee, filter.assignee?.isNull) &&
    (filter.assignee?.isMe == null || (assignee === me) === filter.assignee.isMe) &&
    compares(account, filter.accountId) &&
    isNull(account, filter.accountId?.isNull);

/** The tasks of a sample that a filter lets through, by the model. */
export const expected = ({ rows }: Sample, filter: TaskFilter, { userId }: Caller): string[] =>
  rows
    .filter(matches(filter, userId))
    .map(({ key }) => key)
    .sort();

const LIST = graphql(`
  query TaskRoomFiltered($filter: TaskFilter, $orderBy: [TaskOrder!]) {
    tasks(filter: $filter, orderBy: $orderBy, first: 100) { totalCount nodes { id } }
  }
`);

/** The tasks that the gateway lets through; how many there are must be what it counts. */
export async function asked(
  { gateway }: World,
  filter: TaskFilter | null,
  caller: Caller,
  byCreation = false,
): Promise<string[]> {
  const orderBy = byCreation ? [{ field: 'CREATED_AT' as const, direction: 'ASC' as const }] : [];
  const { tasks } = await gateway.ask(caller, LIST, { filter, orderBy });
  expect(tasks.totalCount).toBe(tasks.nodes.length);
  return tasks.nodes.map(({ id }) => id).sort();
}

/** Ids that exist nowhere, are malformed, or of something else. */
export const STRANGERS: readonly string[] = [
  '',
  'junk',
  "' OR 1=1 --",
  encodeId('Task', newUid()),
  encodeId('User', newUid()),
  encodeId('Account', newUid()),
  encodeId('Stage', newUid()),
];
