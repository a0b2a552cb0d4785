import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KnownIds } from '../../src/db/known-ids.ts';
import { Params } from '../../src/db/params.ts';
import { encodeId, newUid } from '../../src/ids.ts';
import type { TaskFilter } from '../../src/task/filter/filter.ts';
import { renderFilter } from '../../src/task/filter/render.ts';
import { createDatabase, type TestDatabase } from '../support/cluster.ts';

// The text of a filter follows from its shape: which conditions stand there. What they hold is in parameters.

const asking = { zone: 'Europe/Paris', now: Date.UTC(2026, 2, 11), weekStartsOn: 'MONDAY', viewerId: 7n } as const;

let database: TestDatabase;
let session: pg.Client;
let known: KnownIds;
beforeAll(async () => {
  database = await createDatabase();
  session = new pg.Client({ connectionString: database.url, options: '-c timezone=UTC' });
  await session.connect();
  known = await KnownIds.of({ rows: async () => [] }, 1n, []);
});
afterAll(async () => {
  await session.end();
  await database.drop();
});

const FORMS = [null, 'day', 'instant', 'undated'] as const;
function rendered(filter: TaskFilter, form: (typeof FORMS)[number] = null) {
  const params = new Params();
  return { text: renderFilter(filter, form, { ...asking, known }, params).join(' AND '), values: params.values };
}

const list = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { maxLength: 3 });
const id = (type: 'Task' | 'User' | 'Account' | 'Automation') => fc.constantFrom('', 'junk', encodeId(type, newUid()));
const compared = <Value>(value: fc.Arbitrary<Value>) => ({ eq: value, in: list(value), notIn: list(value) });
const ids = (type: 'User' | 'Account') => fc.record({ ...compared(id(type)), isNull: fc.boolean() });
const text = fc.constantFrom('a', "o'clock", '\0', '%_\\', 'ÄRGER');
const instant = fc.date({ min: new Date(0), max: new Date('2040-01-01'), noInvalidDate: true });
const range = fc.record({ lt: instant, lte: instant, gt: instant, gte: instant });
const date = fc.oneof(
  fc.constantFrom('0001-01-02', '2026-03-29', '9999-12-30').map((day) => ({ day })),
  fc
    .constantFrom(Date.parse('0001-01-02T00:00:00Z'), 0, Date.parse('9999-12-30T23:59:59.999Z'))
    .map((instant) => ({ instant })),
);

/** Every condition that there is, each of which may hold anything. */
const CONDITIONS = {
  id: fc.record(compared(id('Task'))),
  _type: fc.record({ ...compared(fc.constantFrom('LEAD', 'VOICEMAIL')), any: fc.constant(true) }),
  type: fc.record(compared(fc.constantFrom('CALL', 'DEMO'))),
  category: fc.record({ ...compared(fc.constantFrom('TEAM_UPDATE', 'PROCESS_REVIEW')), isNull: fc.boolean() }),
  audience: fc.constantFrom('CUSTOMER', 'INTERNAL'),
  status: fc.record(compared(fc.constantFrom('PENDING', 'COMPLETED'))),
  priority: fc.record(compared(fc.constantFrom('LOW', 'HIGH'))),
  isComplete: fc.boolean(),
  isOpen: fc.boolean(),
  isBlocked: fc.boolean(),
  date: fc.record({ eq: date, lt: date, lte: date, gt: date, gte: date, isNull: fc.boolean() }),
  due: fc.constantFrom('OVERDUE', 'TODAY', 'THIS_WEEK'),
  createdAt: range,
  updatedAt: range,
  completedAt: range,
  assignee: fc.record({ ...compared(id('User')), isNull: fc.boolean(), isMe: fc.boolean() }),
  membershipId: fc.record(compared(id('User'))),
  creatorId: fc.record(compared(id('User'))),
  leadId: ids('Account'),
  accountId: ids('Account'),
  contactId: ids('Account'),
  opportunityId: ids('Account'),
  activityId: ids('Account'),
  linkedRecordType: fc.record({ ...compared(fc.constantFrom('LEAD', 'ACCOUNT')), isNull: fc.boolean() }),
  pipelineId: ids('Account'),
  stageId: ids('Account'),
  automationId: fc.record(compared(id('Automation'))),
  tag: fc.record({ eq: text, in: list(text), contains: text }),
  search: text,
  deleted: fc.constantFrom('EXCLUDE', 'INCLUDE', 'ONLY'),
} satisfies Record<string, fc.Arbitrary<unknown>>;
type Name = keyof typeof CONDITIONS;
const NAMES = Object.keys(CONDITIONS) as Name[];

/** Two filters of one shape. */
const twins = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 5 }),
    fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 }),
  )
  .chain(([outer, inner]) => {
    const own = (names: readonly Name[]) =>
      fc.record(Object.fromEntries(names.map((name) => [name, CONDITIONS[name]])));
    const tree = () =>
      fc
        .tuple(own(outer), own(inner), own(inner))
        .map(([a, b, c]) => ({ ...a, or: [b, { not: c }], and: [] }) as TaskFilter);
    return fc.tuple(tree(), tree());
  });

describe('the text of a filter', () => {
  it('is the same of equal shapes, whatever they hold, and has a type for each parameter', () => {
    fc.assert(
      fc.property(twins, fc.constantFrom(...FORMS), ([one, other], form) => {
        const [a, b] = [rendered(one, form), rendered(other, form)];
        expect(a.text).toBe(b.text);
        expect(a.values).toHaveLength(b.values.length);
        const named = [...a.text.matchAll(/\$(\d+)(::[a-z_]+(\[\])?)?/g)];
        expect(named.filter(([, , type]) => type === undefined)).toEqual([]);
        expect(new Set(named.map(([, number]) => Number(number)))).toEqual(
          new Set(a.values.map((_, index) => index + 2)),
        );
      }),
    );
  });

  it('tells shapes apart', () => {
    const texts = NAMES.map(
      (name) =>
        rendered(fc.sample(fc.record({ [name]: CONDITIONS[name] }), { numRuns: 1, seed: 1 })[0] as TaskFilter).text,
    );
    // Two say the same of different ids: the assignee by membership, and by the audience a category.
    expect(new Set(texts).size).toBe(NAMES.length);
  });

  it('has nothing of what a caller wrote', () => {
    const secret = 'zzsecretzz';
    const { text } = rendered({
      id: { eq: secret },
      search: secret,
      tag: { eq: secret, contains: secret, in: [secret] },
      assignee: { eq: secret },
    });
    expect(text).not.toContain(secret);
  });

  it('reads nothing but columns of `t`, and no zone: it judges rows that are only in the log', async () => {
    for (const name of NAMES) {
      const filter = fc.sample(fc.record({ [name]: CONDITIONS[name] }), { numRuns: 1, seed: 2 })[0] as TaskFilter;
      for (const form of FORMS) {
        const { text, values } = rendered(filter, form);
        expect(text).not.toMatch(/AT TIME ZONE|\b(FROM|JOIN) (?!unnest)/i);
        const statement = `SELECT count(*) FROM jsonb_populate_recordset(NULL::task, $1) t WHERE ${text}`;
        const image = JSON.stringify([{ id: 1, status: 'PENDING', kind: 'LEAD', tags: ['a'], title: 'x' }]);
        await expect(session.query(statement, [image, ...values]), `${name}: ${text}`).resolves.toMatchObject({
          rowCount: 1,
        });
      }
    }
  });
});
