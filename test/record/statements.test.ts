import { beforeAll, describe, expect, it } from 'vitest';
import { POLICY } from '../../src/auth/policy.ts';
import type { RecordType } from '../../src/db/generated/prisma/enums.ts';
import { statementsOf } from '../task/asked.ts';
import { useWorld } from '../task/world.ts';
import { writesOf } from '../task/writes.ts';
import { NOUNS, plantActivity, recordsOf, TYPES } from './room.ts';

// What the fields of records ask of the database, statement by statement, however much belongs to a record.

const world = useWorld();
const records = () => recordsOf(world(), world().admin);
let account: string;
let lead: string;
beforeAll(async () => {
  account = await records().made('ACCOUNT');
  lead = await records().made('LEAD');
});

const commit = (...between: string[]) => ['BEGIN', ...between, 'event.append', 'COMMIT'];
const table = (type: RecordType) => type.toLowerCase();
const answered = (type: RecordType) => `${table(type)}.byUids`;
const mutation = (verb: string, type: RecordType) => {
  const { name, one } = NOUNS[type];
  const input = `${verb[0]?.toUpperCase()}${verb.slice(1)}${name}Input!`;
  return `mutation ($input: ${input}) { ${verb}${name}(input: $input) { ${one} { displayName } errors { code } } }`;
};
const sent = (verb: string, type: RecordType, input: object) => statementsOf(world(), mutation(verb, type), { input });
/** What only an account asks for, or only the others. */
const only = (type: RecordType, types: readonly RecordType[], ...names: string[]) =>
  types.includes(type) ? names : [];
const CHILDREN: RecordType[] = ['CONTACT', 'OPPORTUNITY'];

describe.each(TYPES)('of a %s', (type) => {
  const { one, many, least } = NOUNS[type];

  it('a lookup, a page and a count take one statement each', async () => {
    const id = await records().made(type);
    expect(await statementsOf(world(), `query ($id: ID!) { ${one}(id: $id) { displayName } }`, { id })).toEqual([
      `${table(type)}.byUids`,
    ]);
    expect(await statementsOf(world(), `{ ${many} { nodes { displayName owner { name } } } }`)).toEqual([
      `${table(type)}.list`,
    ]);
    expect(await statementsOf(world(), `{ ${many}(search: "a") { totalCount } }`)).toEqual([`${table(type)}.count`]);
  });

  it('a new one takes its insert', async () => {
    expect(await sent('create', type, least)).toEqual([...commit(`INSERT ${table(type)}`), answered(type)]);
    const owned = { ...least, ownerId: world().member.userId };
    expect(await sent('create', type, owned)).toEqual([
      ...commit('organization.assignee', `INSERT ${table(type)}`),
      answered(type),
    ]);
  });

  it('a change takes the lock and the update, and one for what it names', async () => {
    const id = await records().made(type);
    const hold = `${table(type)}.hold`;
    const update = (patch: object) => sent('update', type, { id, patch });
    expect(await update({ tags: ['a'] })).toEqual([...commit(hold, `UPDATE ${table(type)}`), answered(type)]);
    expect(await update({ tags: ['a'] })).toEqual(['BEGIN', hold, 'COMMIT', answered(type)]);
    expect(await update({ ownerId: world().member.userId })).toEqual([
      ...commit('organization.assignee', hold, `UPDATE ${table(type)}`),
      answered(type),
    ]);
    expect(await update({ tags: [] })).toEqual([
      ...commit(hold, 'record.named', `UPDATE ${table(type)}`),
      answered(type),
    ]);
    expect(await update({ ownerId: 'junk' })).toEqual(['BEGIN', hold, 'record.named', 'ROLLBACK']);
  });

  it.each([1, 7])('deleting and restoring take as many with %d of everything that belongs to it', async (count) => {
    const id = await records().made(type);
    const uid = id.split('_')[1] as string;
    for (let n = 0; n < count; n += 1) {
      await writesOf(world(), world().admin).create({ title: 'x', linkedRecordId: id });
      if (type === 'ACCOUNT')
        for (const child of CHILDREN) {
          const made = await records().made(child, { accountId: id });
          await writesOf(world(), world().admin).create({ title: 'x', linkedRecordId: made });
        }
      const where = { organizationId: world().organization.id, uid };
      if (type === 'ACCOUNT') {
        const row = await world().prisma.account.findFirst({ where });
        await plantActivity(world(), 'ACCOUNT', { accountId: row?.id as bigint });
      } else if (type === 'LEAD') {
        const row = await world().prisma.lead.findFirst({ where });
        await plantActivity(world(), 'LEAD', { leadId: row?.id as bigint });
      }
    }
    const children = (...verbs: string[]) =>
      CHILDREN.flatMap((child) => only(type, ['ACCOUNT'], ...verbs.map((verb) => `${table(child)}.${verb}`)));
    const happened = only(type, ['ACCOUNT', 'LEAD'], 'activity.bin');
    expect(await sent('delete', type, { id })).toEqual([
      ...commit(
        ...[`${table(type)}.hold`, 'deletion.next', `UPDATE ${table(type)}`, ...children('ofAccount', 'bin')],
        ...['activity.linkedToDeleted', ...happened, 'task.linkedToDeleted', 'task.bin'],
        'blocker.dependants',
      ),
      answered(type),
    ]);
    expect(await sent('restore', type, { id })).toEqual([
      ...commit(
        ...only(type, CHILDREN, `${table(type)}.shareAccount`),
        ...[`${table(type)}.hold`, `UPDATE ${table(type)}`, ...children('ofDeletion', 'settle')],
        ...['activity.ofDeletion', 'task.ofDeletion', ...children('share')],
        ...only(type, ['ACCOUNT', 'LEAD'], 'activity.settle'),
        ...['task.settle', 'blocker.dependants', 'reminder.standing'],
      ),
      answered(type),
    ]);
  });
});

describe('a move', () => {
  it.each([1, 7])('takes as many with %d tasks that follow', async (count) => {
    const contact = await records().made('CONTACT');
    const deal = await records().made('OPPORTUNITY', { leadId: lead });
    const uid = deal.split('_')[1] as string;
    const row = await world().prisma.opportunity.findFirst({ where: { organizationId: world().organization.id, uid } });
    for (let n = 0; n < count; n += 1)
      await plantActivity(world(), 'OPPORTUNITY', { opportunityId: row?.id as bigint });
    for (let n = 0; n < count; n += 1)
      for (const linkedRecordId of [contact, deal])
        await writesOf(world(), world().admin).create({ title: 'x', linkedRecordId });
    const patch = { accountId: account };
    expect(await sent('update', 'CONTACT', { id: contact, patch })).toEqual([
      ...commit(
        ...['account.lock', 'contact.hold', 'UPDATE contact'],
        ...['task.strayed.contact', 'task.relink.contact', 'task.uidsOfDerived'],
      ),
      'contact.byUids',
    ]);
    expect(await sent('update', 'OPPORTUNITY', { id: deal, patch })).toEqual([
      ...commit(
        ...['account.lock', 'opportunity.hold', 'record.named', 'UPDATE opportunity'],
        ...['activity.strayed', 'activity.relink'],
        ...['task.strayed.opportunity', 'task.relink.opportunity', 'task.uidsOfDerived'],
      ),
      'opportunity.byUids',
    ]);
  });
});

it('every field of these rooms is here', () => {
  const fields = Object.keys(POLICY).filter((field) => /(Account|Contact|[^t]Lead|Opportunity)$/.test(field));
  const ours = Object.values(NOUNS).flatMap(({ name }) =>
    ['create', 'update', 'delete', 'restore'].map((verb) => `Mutation.${verb}${name}`),
  );
  expect(ours.toSorted()).toEqual(fields.toSorted());
});
