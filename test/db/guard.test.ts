import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../src/db/database.ts';
import { Prisma } from '../../src/db/generated/prisma/client.ts';
import { assertOrganization } from '../../src/db/guard.ts';
import { createDatabase, type TestDatabase } from '../support/cluster.ts';

const GLOBAL = ['User', 'Organization'];
const TENANTS = Object.values(Prisma.ModelName).filter((model) => !GLOBAL.includes(model));
const READS = [
  'findMany',
  'findFirst',
  'findFirstOrThrow',
  'findUnique',
  'findUniqueOrThrow',
  'count',
  'aggregate',
  'groupBy',
];
const CHANGES = ['update', 'updateMany', 'updateManyAndReturn', 'delete', 'deleteMany'];
const CREATIONS = ['create', 'createMany', 'createManyAndReturn'];

const key = { organizationId_id: { organizationId: 1n, id: 2n } };
const row = { organizationId: 1n, name: 'Acme' };

describe.each(TENANTS)('a query of %s', (model) => {
  it.each([...READS, ...CHANGES])('by %s says of which organization', (operation) => {
    expect(() => assertOrganization(model, operation)).toThrow(`${model}.${operation} does not say`);
    expect(() => assertOrganization(model, operation, { where: {} })).toThrow('does not say');
    // Nor may another model's way of naming rows pass for it.
    expect(() => assertOrganization(model, operation, { where: { organizationId: '1' } })).toThrow('does not say');
    assertOrganization(model, operation, { where: { organizationId: 1n } });
  });

  it.each([...CREATIONS, 'upsert'])('by %s says of which organization', (operation) => {
    expect(() => assertOrganization(model, operation)).toThrow(`${model}.${operation} does not say`);
    const upsert = operation === 'upsert' && {
      where: { organizationId: 1n },
      create: { organizationId: 1n },
      update: {},
    };
    assertOrganization(model, operation, { data: { organizationId: 1n }, ...upsert });
  });
});

describe('of which organization', () => {
  const refused: [string, string, object][] = [
    ['it is not known', 'findFirst', { where: { organizationId: undefined, id: 1n } }],
    ['it is nobody', 'findFirst', { where: { organizationId: null } }],
    ['it is a comparison', 'findMany', { where: { organizationId: { gt: 0n } } }],
    ['it is one of several', 'findMany', { where: { organizationId: { in: [1n, 2n] } } }],
    [
      'it stands in an OR, beside which others match',
      'updateMany',
      { where: { OR: [{ organizationId: 1n }, { name: 'x' }] }, data: {} },
    ],
    ['it stands in a NOT', 'deleteMany', { where: { NOT: { organizationId: 1n } } }],
    ['it stands in an AND, below the top', 'count', { where: { AND: [{ organizationId: 1n }] } }],
    ['a key names the row alone', 'delete', { where: { id: 1n } }],
    ['a key names another', 'findUnique', { where: { ...key, organizationId: 2n } }],
    ['only the new values do', 'updateMany', { where: {}, data: { organizationId: 1n } }],
    ['only the new row of an upsert does', 'upsert', { where: { id: 1n }, create: row, update: {} }],
    [
      'the new row of an upsert is another’s',
      'upsert',
      { where: key, create: { ...row, organizationId: 2n }, update: {} },
    ],
    ['the new row of an upsert is nobody’s', 'upsert', { where: key, create: { name: 'Acme' }, update: {} }],
    ['one of the new rows is nobody’s', 'createMany', { data: [row, { name: 'Bolt' }] }],
    ['one of the new rows is another’s', 'createMany', { data: [row, { ...row, organizationId: 2n }] }],
    ['the row would move to another', 'update', { where: key, data: { organizationId: 2n } }],
    ['the row would move to another, said at length', 'update', { where: key, data: { organizationId: { set: 2n } } }],
    ['the row of an upsert would move', 'upsert', { where: key, create: row, update: { organizationId: 2n } }],
  ];
  it.each(refused)('is not said when %s', (_, operation, args) => {
    expect(() => assertOrganization('Account', operation, args)).toThrow('does not say of which organization');
  });

  const let_: [string, string, object][] = [
    ['at the top of a where', 'findMany', { where: { organizationId: 1n, OR: [{ name: 'a' }, { domain: null }] } }],
    ['by a key of several columns', 'update', { where: key, data: { name: 'Bolt' } }],
    ['by each new row', 'createManyAndReturn', { data: [row, row], select: { id: true } }],
    ['by no row, where there are none', 'createMany', { data: [] }],
    ['again, in what is written', 'update', { where: key, data: { organizationId: 1n, name: 'Bolt' } }],
    [
      'in groups, sorted by an aggregate',
      'groupBy',
      { by: ['name'], where: { organizationId: 1n }, orderBy: { _count: { id: 'desc' } } },
    ],
    ['in a count of everything', 'count', { where: { organizationId: 1n }, select: { _all: true, domain: true } }],
  ];
  it.each(let_)('is said %s', (_, operation, args) => {
    expect(() => assertOrganization('Account', operation, args)).not.toThrow();
  });
});

describe('a relation', () => {
  const where = { organizationId: 1n };
  const ways: [string, string, string, object][] = [
    ['an include', 'Account', 'findMany', { where, include: { tasks: true } }],
    ['an include of a global model', 'User', 'findMany', { include: { memberships: true } }],
    ['a selection', 'Account', 'findFirst', { where, select: { id: true, tasks: { select: { title: true } } } }],
    ['a selection of a global model', 'Organization', 'findFirst', { select: { memberships: true } }],
    ['a count of related rows', 'User', 'findMany', { select: { _count: { select: { memberships: true } } } }],
    ['a condition', 'Account', 'findMany', { where: { ...where, tasks: { some: { title: 'x' } } } }],
    [
      'a condition below a NOT and an OR',
      'User',
      'count',
      { where: { NOT: [{ OR: [{ memberships: { none: {} } }] }] } },
    ],
    ['an order', 'Account', 'findMany', { where, orderBy: [{ name: 'asc' }, { owner: { role: 'asc' } }] }],
    ['a nested create', 'Organization', 'create', { data: { name: 'x', memberships: { create: { role: 'ADMIN' } } } }],
    [
      'a nested update',
      'User',
      'update',
      { where: { id: 1n }, data: { memberships: { updateMany: { where: {}, data: {} } } } },
    ],
    ['a nested deletion', 'Account', 'update', { where: key, data: { tasks: { deleteMany: {} } } }],
    // This one would write the other's organization into the row.
    [
      'a connection',
      'Account',
      'update',
      { where: key, data: { owner: { connect: { organizationId_userId: { organizationId: 2n, userId: 3n } } } } },
    ],
    ['a connection of a new row', 'Task', 'create', { data: { ...row, account: { connect: key } } }],
    [
      'a nested create of an upsert',
      'User',
      'upsert',
      { where: { email: 'a' }, create: { memberships: { create: {} } }, update: {} },
    ],
    [
      'a nested change of an upsert',
      'User',
      'upsert',
      { where: { email: 'a' }, create: {}, update: { memberships: { deleteMany: {} } } },
    ],
  ];
  it.each(ways)('is not gone over by %s', (_, model, operation, args) => {
    expect(() => assertOrganization(model, operation, args)).toThrow('goes over a relation');
  });
});

describe('on the client', () => {
  let database: TestDatabase;
  let db: Database;
  beforeAll(async () => {
    database = await createDatabase();
    db = new Database({ url: database.url, size: 2, statementTimeout: 5_000, onError: () => {} });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  it('refuses before anything is sent, alone and in transactions', async () => {
    const where = { uid: 'x' };
    await expect(db.prisma.account.findMany({ where })).rejects.toThrow('Account.findMany does not say');
    await expect(db.prisma.account.deleteMany()).rejects.toThrow('Account.deleteMany does not say');
    await expect(db.prisma.user.findMany({ include: { memberships: true } })).rejects.toThrow(
      'User.findMany goes over',
    );
    await expect(db.prisma.$transaction([db.prisma.task.count()])).rejects.toThrow('Task.count does not say');
    const inside = db.transaction(1n, ({ prisma }) => prisma.task.updateMany({ where, data: { title: 'x' } }));
    await expect(inside).rejects.toThrow('Task.updateMany does not say');
    // The control: said, it is asked.
    await expect(db.prisma.account.findMany({ where: { organizationId: 1n, ...where } })).resolves.toEqual([]);
  });
});
