import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { TaskFilter } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { KINDS, STATUSES } from './arbitrary.ts';
import { walk } from './pages.ts';
import { asked as ask, expected, plantSample, type Sample, STRANGERS } from './sample.ts';
import { useWorld } from './world.ts';

const world = useWorld();
let sample: Sample;
beforeAll(async () => {
  sample = await plantSample(world());
});
const asked = (filter: TaskFilter | null) => ask(world(), filter, world().admin);
const holds = async (filter: TaskFilter) => {
  expect(await asked(filter)).toEqual(expected(sample, filter, world().admin));
};

/** Absent two times in three: what stands together soon excludes everything. */
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const comparison = <Value extends string>(value: fc.Arbitrary<Value>) => {
  const values = optional(fc.option(fc.array(value, { maxLength: 8 })));
  return { eq: optional(fc.option(value)), in: values, notIn: values };
};

describe('filters, of what is asked together', () => {
  it('give what the model gives, whatever they are and by whatever order', async () => {
    const { rows, people, accounts } = sample;
    const idOf = (own: readonly string[]) => fc.constantFrom(...own, ...STRANGERS);
    const flag = optional(fc.option(fc.boolean()));
    const task = idOf(rows.map(({ key }) => key));
    const person = idOf(people.map(({ userId }) => userId));
    const account = idOf(accounts.map(({ key }) => key));
    const kind = { ...comparison(fc.constantFrom(...KINDS)), any: optional(fc.constantFrom(true, null)) };
    const filter = fc.record({
      id: optional(fc.option(fc.record(comparison(task)))),
      _type: optional(fc.option(fc.record(kind))),
      status: optional(fc.option(fc.record(comparison(fc.constantFrom(...STATUSES))))),
      assignee: optional(fc.option(fc.record({ ...comparison(person), isMe: flag, isNull: flag }))),
      accountId: optional(fc.option(fc.record({ ...comparison(account), isNull: flag }))),
    });
    let told = 0;
    await fc.assert(
      fc.asyncProperty(filter, fc.constantFrom(...people), fc.boolean(), async (given, caller, byCreation) => {
        const found = await ask(world(), given as TaskFilter, caller, byCreation);
        expect(found).toEqual(expected(sample, given as TaskFilter, caller));
        if (found.length > 0 && found.length < rows.length) told += 1;
      }),
      { numRuns: 200 },
    );
    expect(told, 'filters that let some through and some not').toBeGreaterThan(40);
  });
});

describe('where a task came from', () => {
  it('is LEAD when nothing is asked [CLOSE-12]', async () => {
    const leads = sample.rows
      .filter(({ kind }) => kind === 'LEAD')
      .map(({ key }) => key)
      .sort();
    for (const filter of [null, {}, { _type: null }, { status: { notIn: [] } }])
      expect(await asked(filter)).toEqual(leads);
    expect(leads.length).toBeLessThan(sample.rows.length);
  });

  it('is anything by any: true [CLOSE-13]', async () => {
    expect(await asked({ _type: { any: true } })).toHaveLength(sample.rows.length);
  });

  it('is one of several by in [CLOSE-14]', async () => {
    await holds({ _type: { in: ['MISSED_CALL', 'VOICEMAIL'] } });
    expect(await asked({ _type: { in: ['MISSED_CALL', 'VOICEMAIL'] } })).not.toHaveLength(0);
  });

  it.each(KINDS)('is %s, each of the eight [CLOSE-11] [CLOSE-24]', async (kind) => {
    await holds({ _type: { eq: kind } });
    expect(await asked({ _type: { eq: kind } })).not.toHaveLength(0);
  });

  it('is not asked for by any: false', async () => {
    const { errors } = await world().gateway.send(world().admin, COUNT, { filter: { _type: { any: false } } });
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', argument: 'filter._type.any' } }]);
  });
});

describe('totalCount', () => {
  it('is the number of rows of a whole walk, and of no page', async () => {
    const filter: TaskFilter = { _type: { any: true }, status: { notIn: ['CANCELLED'] } };
    const { entries } = await walk(world(), world().admin, { filter }, 7);
    const { tasks } = await world().gateway.ask(world().admin, COUNT, { filter });
    expect(tasks).toEqual({ totalCount: entries.length, nodes: [{ id: entries[0]?.id }] });
  });

  it('alone reads no rows, and unselected runs no count', async () => {
    const { gateway, admin } = world();
    const counting = await gateway.statementsOf(() =>
      gateway.ask(admin, 'query TaskRoomJustCount { tasks { totalCount } }'),
    );
    const listing = await gateway.statementsOf(() =>
      gateway.ask(admin, 'query TaskRoomNoCount { tasks { nodes { id } } }'),
    );
    expect(counting.filter((name) => name.startsWith('task.'))).toEqual(['task.count']);
    expect(listing.filter((name) => name.startsWith('task.'))).toEqual(['task.list']);
  });
});

const COUNT = graphql(`
  query TaskRoomCounted($filter: TaskFilter) { tasks(filter: $filter, first: 1) { totalCount nodes { id } } }
`);
