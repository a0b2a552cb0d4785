import { beforeAll, describe, expect, it } from 'vitest';
import { encodeId, newUid } from '../../src/ids.ts';
import { graphql } from '../generated/index.ts';
import { type Known, useWorld } from './world.ts';
import { granted, refusals, type Shown, writesOf, written } from './writes.ts';

const world = useWorld();
const admin = () => writesOf(world(), world().admin);

/** An account with a contact and an opportunity, a second account, leads before and after conversion, loose ends. */
let records: Record<
  'acme' | 'blue' | 'contact' | 'loner' | 'lead' | 'converted' | 'deal' | 'ofLead' | 'bare' | 'deleted' | 'foreign',
  Known
>;
beforeAll(async () => {
  const w = world();
  const [acme, blue] = [await w.record('ACCOUNT', { name: 'Acme' }), await w.record('ACCOUNT', { name: 'Blue' })];
  const converted = await w.record('LEAD', { convertedAccountId: acme.id });
  records = {
    acme,
    blue,
    converted,
    contact: await w.record('CONTACT', { accountId: acme.id }),
    loner: await w.record('CONTACT'),
    lead: await w.record('LEAD'),
    deal: await w.record('OPPORTUNITY', { accountId: acme.id }),
    ofLead: await w.record('OPPORTUNITY', { accountId: blue.id, leadId: converted.id }),
    bare: await w.record('OPPORTUNITY'),
    deleted: await w.record('ACCOUNT', { deletedAt: new Date() }),
    foreign: await w.record('ACCOUNT', { organizationId: w.other.organization.id }),
  };
});
type Name = keyof typeof records;
const key = (name: Name) => records[name].key;

/** What a task is linked to, and what derives from it, by the names above. */
const linksOf = ({ linkedRecord, account, contact, lead, opportunity }: Shown) => {
  const nameOf = (of: { id: string } | null | undefined) =>
    of ? Object.keys(records).find((name) => key(name as Name) === of.id) : null;
  return [linkedRecord, account, contact, lead, opportunity].map(nameOf);
};

const DERIVED: [Name, string, (Name | null)[]][] = [
  // linked to              type           linked, account, contact, lead, opportunity
  ['acme', 'Account', ['acme', 'acme', null, null, null]],
  ['contact', 'Contact', ['contact', 'acme', 'contact', null, null]],
  ['loner', 'Contact', ['loner', null, 'loner', null, null]],
  ['lead', 'Lead', ['lead', null, null, 'lead', null]],
  ['converted', 'Lead', ['converted', 'acme', null, 'converted', null]],
  ['deal', 'Opportunity', ['deal', 'acme', null, null, 'deal']],
  ['ofLead', 'Opportunity', ['ofLead', 'blue', null, 'converted', 'ofLead']],
  ['bare', 'Opportunity', ['bare', null, null, null, 'bare']],
];

describe('a task linked to', () => {
  it.each(DERIVED)(
    '%s derives its account, contact, lead and opportunity [PARSA-01] [PARSA-06]',
    async (name, type, links) => {
      const task = granted(await admin().create({ title: 'Call', linkedRecordId: key(name) }));
      expect(linksOf(task)).toEqual(links);
      expect(task.linkedRecord?.__typename).toBe(type);
      const moved = granted(await admin().create({ title: 'Call', accountId: key('blue') }));
      expect(linksOf(granted(await admin().update(moved.id, { linkedRecordId: key(name) })))).toEqual(links);
    },
  );

  it('anything can be linked to anything else, and to nothing', async () => {
    const { id } = granted(await admin().create({ title: 'Call', accountId: key('acme') }));
    for (const [name, , links] of [...DERIVED, ...[...DERIVED].reverse()]) {
      expect(linksOf(granted(await admin().update(id, { linkedRecordId: key(name) }))), name).toEqual(links);
    }
    expect(linksOf(granted(await admin().update(id, { linkedRecordId: null })))).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
    expect(linksOf(granted(await admin().update(id, { linkedRecordId: key('deal') })))[0]).toBe('deal');
  });

  it('something else says so, by ids', async () => {
    const { id } = granted(await admin().create({ title: 'Call', accountId: key('acme') }));
    await admin().update(id, { linkedRecordId: key('lead') });
    expect((await admin().read(id))?.history.nodes[0]).toMatchObject({
      kind: 'TASK_UPDATED',
      changes: [{ field: 'linkedRecordId', from: key('acme'), to: key('lead') }],
    });
  });

  it('an account alone is linked to it [THENA-T01] [THENA-T02]', async () => {
    expect(linksOf(granted(await admin().create({ title: 'Call', accountId: key('acme') })))).toEqual([
      'acme',
      'acme',
      null,
      null,
      null,
    ]);
  });
});

describe('an accountId beside a linked record', () => {
  it.each(['acme', 'contact', 'converted', 'deal'] as const)('that is its own goes with %s', async (name) => {
    const task = granted(await admin().create({ title: 'Call', linkedRecordId: key(name), accountId: key('acme') }));
    expect(linksOf(task).slice(0, 2)).toEqual([name, 'acme']);
  });

  const refused: [string, Name, () => string, string][] = [
    ['contradicts the contact’s', 'contact', () => key('blue'), 'INVALID'],
    ['contradicts the account itself', 'acme', () => key('blue'), 'INVALID'],
    ['contradicts the opportunity’s', 'deal', () => key('blue'), 'INVALID'],
    ['goes with a contact that has none', 'loner', () => key('acme'), 'INVALID'],
    ['goes with a lead that is not converted', 'lead', () => key('acme'), 'INVALID'],
    ['goes with an opportunity that has none', 'bare', () => key('acme'), 'INVALID'],
    ['is foreign', 'contact', () => key('foreign'), 'NOT_FOUND'],
    ['is a contact', 'contact', () => key('contact'), 'NOT_FOUND'],
    ['is junk', 'contact', () => 'junk', 'NOT_FOUND'],
  ];
  it.each(refused)('is refused when it %s', async (_why, name, account, code) => {
    const before = await written(world());
    expect(refusals(await admin().create({ title: 'Call', linkedRecordId: key(name), accountId: account() }))).toEqual([
      `${code} accountId`,
    ]);
    expect(await written(world())).toEqual(before);
  });
});

describe('a record that', () => {
  it('is deleted takes no task', async () => {
    const { id } = granted(await admin().create({ title: 'Call', accountId: key('acme') }));
    const before = await written(world());
    expect(refusals(await admin().create({ title: 'Call', accountId: key('deleted') }))).toEqual(['INVALID accountId']);
    expect(refusals(await admin().create({ title: 'Call', linkedRecordId: key('deleted') }))).toEqual([
      'INVALID linkedRecordId',
    ]);
    expect(refusals(await admin().update(id, { linkedRecordId: key('deleted') }))).toEqual([
      'INVALID patch.linkedRecordId',
    ]);
    expect(await written(world())).toEqual(before);
  });

  it('is foreign, not there, malformed or no record is answered alike', async () => {
    const { id } = granted(await admin().create({ title: 'Call', accountId: key('acme') }));
    const strangers = [
      key('foreign'),
      encodeId('Account', newUid()),
      encodeId('Contact', newUid()),
      id,
      world().admin.userId,
      'junk',
      '',
    ];
    for (const stranger of strangers) {
      expect(refusals(await admin().create({ title: 'Call', linkedRecordId: stranger })), stranger).toEqual([
        'NOT_FOUND linkedRecordId',
      ]);
      expect(refusals(await admin().create({ title: 'Call', accountId: stranger })), stranger).toEqual([
        'NOT_FOUND accountId',
      ]);
      expect(refusals(await admin().update(id, { linkedRecordId: stranger })), stranger).toEqual([
        'NOT_FOUND patch.linkedRecordId',
      ]);
    }
    expect(
      refusals(await admin().create({ title: 'Call', accountId: key('contact') })),
      'a contact is no account',
    ).toEqual(['NOT_FOUND accountId']);
  });

  it('only a task of one’s own names takes tasks of someone without CRM access; others are not there', async () => {
    const liam = await world().gateway.member(world().organization, { email: 'liam@ours.example', crmAccess: false });
    const limited = writesOf(world(), liam);
    const task = { title: 'Call', linkedRecordId: key('deal') };
    expect(refusals(await limited.create(task))).toEqual(['NOT_FOUND linkedRecordId']);
    const { id } = granted(await admin().create({ ...task, assigneeId: liam.userId }));
    expect(linksOf(granted(await limited.create(task)))).toEqual(['deal', 'acme', null, null, 'deal']);
    expect(granted(await limited.create({ title: 'Call', accountId: key('acme') })).creator).toEqual({
      id: liam.userId,
    });
    expect(refusals(await limited.update(id, { linkedRecordId: key('blue') }))).toEqual([
      'NOT_FOUND patch.linkedRecordId',
    ]);
  });
});

describe('a task that its writer then no longer sees', () => {
  it('is written, and answered with null', async () => {
    const liam = await world().gateway.member(world().organization, { email: 'lena@ours.example', crmAccess: false });
    const { id } = granted(await admin().create({ title: 'Call', accountId: key('acme'), assigneeId: liam.userId }));
    const answer = await world().gateway.ask(liam, GIVE_AWAY, {
      input: { id, patch: { assigneeId: world().member.userId } },
    });
    expect(answer.updateTask).toEqual({ task: null, errors: [] });
    expect((await admin().read(id))?.assignee).toEqual({ id: world().member.userId });
    expect(refusals(await writesOf(world(), liam).update(id, { title: 'Write' }))).toEqual(['NOT_FOUND id']);
  });
});

const GIVE_AWAY = graphql(`
  mutation TaskRoomGiveAway($input: UpdateTaskInput!) { updateTask(input: $input) { task { id } errors { code } } }
`);
