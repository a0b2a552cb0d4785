import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LeadConvertMutation } from '../generated/graphql.ts';
import { graphql } from '../generated/index.ts';
import { plantActivity, recordsOf, told } from '../record/room.ts';
import { statementsOf } from '../task/asked.ts';
import { useWorld } from '../task/world.ts';
import { writesOf } from '../task/writes.ts';

// convertLead: the one way to CONVERTED, asked over HTTP.

const CONVERT = graphql(`
  mutation LeadConvert($input: ConvertLeadInput!) {
    convertLead(input: $input) {
      lead { id status version updatedAt convertedAccount { id } convertedContact { id } }
      account { id name domain owner { id } tags }
      contact { id firstName lastName email phone account { id } owner { id } tags }
      opportunity { id name status value closeDate account { id } contact { id } lead { id } owner { id } tags }
      errors { code path message ... on ConflictError { currentVersion } }
    }
  }
`);

const world = useWorld();
const records = () => recordsOf(world(), world().admin);
const tasks = () => writesOf(world(), world().admin);
type Answer = LeadConvertMutation['convertLead'];

const ADA = {
  firstName: 'Ada',
  lastName: 'Greene',
  company: 'Acme',
  email: 'Ada@acme.example',
  phone: '+1 415 555 0100',
};
let lead: string;
beforeEach(async () => {
  lead = await records().made('LEAD', { ...ADA, tags: ['hot'], ownerId: world().member.userId });
});

const send = async (input: object, caller = world().admin): Promise<Answer> =>
  (await world().gateway.ask(caller, CONVERT, { input: { id: lead, ...input } })).convertLead;
/** What came of one that must not be refused. */
async function converted(input: object = {}) {
  const { lead, account, contact, opportunity, errors } = await send(input);
  if (!lead || !account || !contact) throw new Error(JSON.stringify(errors));
  return { lead, account, contact, opportunity };
}
/** Why one was refused, of which nothing came. */
async function refusals(input: object): Promise<string[]> {
  let answer: Answer | undefined;
  const events = await told(world(), async () => (answer = await send(input)));
  const { errors, ...made } = answer as Answer;
  expect([events, Object.values(made).filter((each) => each !== null && typeof each === 'object')]).toEqual([[], []]);
  return errors.map(({ code, path }) => `${code} ${path.join('.')}`);
}

describe('a lead that is converted', () => {
  it('becomes a contact of a new account, and is CONVERTED [PARSA-45]', async () => {
    const owner = { id: world().member.userId };
    const { lead: after, account, contact, opportunity } = await converted();
    expect(account).toMatchObject({ name: 'Acme', domain: null, owner, tags: [] });
    const { company: _, ...person } = ADA;
    expect(contact).toMatchObject({ ...person, account: { id: account.id }, owner, tags: ['hot'] });
    expect(after).toMatchObject({
      id: lead,
      status: 'CONVERTED',
      version: 2,
      convertedAccount: { id: account.id },
      convertedContact: { id: contact.id },
    });
    expect(opportunity).toBeNull();
  });

  it.each([
    [{ company: null }, 'Ada Greene'],
    [{ company: null, firstName: null, lastName: null }, 'Ada@acme.example'],
    [{ company: null, firstName: null, lastName: null, email: null }, '+1 415 555 0100'],
  ])('names the account by the person where there is no company: %j', async (patch, name) => {
    await records().update('LEAD', lead, patch);
    expect((await converted()).account.name).toBe(name);
  });

  it('goes to the account that is named', async () => {
    const accountId = await records().made('ACCOUNT', { name: 'Bolt' });
    const { account, contact, lead: after } = await converted({ accountId });
    expect(account).toMatchObject({ id: accountId, name: 'Bolt', owner: null });
    expect([contact.account?.id, after.convertedAccount?.id]).toEqual([accountId, accountId]);
  });

  it('becomes an opportunity, too, which belongs to all three and is owned as the lead is', async () => {
    const opportunity = { name: ' Big deal ', value: '100.5', closeDate: '2099-01-12', tags: ['a'] };
    const made = await converted({ opportunity });
    expect(made.opportunity).toMatchObject({
      ...{ name: 'Big deal', status: 'OPEN', value: '100.50', closeDate: '2099-01-12', tags: ['a'] },
      account: { id: made.account.id },
      contact: { id: made.contact.id },
      lead: { id: lead },
      owner: { id: world().member.userId },
    });
  });

  it('leaves it to the caller who owns the opportunity, and to say again what is so anyway', async () => {
    const accountId = await records().made('ACCOUNT');
    const names = { accountId, leadId: lead, contactId: null };
    const of = (owner: object) => ({ accountId, opportunity: { name: 'Deal', ...names, ...owner } });
    expect((await converted(of({ ownerId: world().admin.userId }))).opportunity?.owner?.id).toBe(world().admin.userId);
    lead = await records().made('LEAD', { ...ADA, ownerId: world().member.userId });
    names.leadId = lead;
    expect((await converted(of({ ownerId: null }))).opportunity?.owner).toBeNull();
  });

  it('leaves what comes of it to nobody where the lead’s owner has left', async () => {
    const { gateway, organization, prisma } = world();
    const leaver = await gateway.member(organization, { email: 'leo@ours.example' });
    await records().update('LEAD', lead, { ownerId: leaver.userId });
    const key = { organizationId: organization.id, userId: await world().idOf(leaver) };
    await prisma.membership.update({ where: { organizationId_userId: key }, data: { isActive: false } });
    const { account, contact, opportunity } = await converted({ opportunity: { name: 'Deal' } });
    expect([account.owner, contact.owner, opportunity?.owner]).toEqual([null, null, null]);
  });

  it('brings its OPPORTUNITY_DUE along where it was to close by now [CLOSE-22]', async () => {
    const opportunity = { name: 'Late', closeDate: '2020-01-12' };
    const task = () =>
      world().prisma.task.findFirst({
        where: { organizationId: world().organization.id, kind: 'OPPORTUNITY_DUE' },
        orderBy: { id: 'desc' },
      });
    expect(await task()).toBeNull();
    let made: Awaited<ReturnType<typeof converted>> | undefined;
    const events = await told(world(), async () => (made = await converted({ opportunity })));
    const { prisma, organization } = world();
    const where = { organizationId: organization.id, uid: made?.opportunity?.id.split('_')[1] as string };
    const deal = await prisma.opportunity.findFirstOrThrow({ where });
    expect(await task()).toMatchObject({
      ...{ linkedType: 'OPPORTUNITY', opportunityId: deal.id, accountId: deal.accountId, leadId: deal.leadId },
      ...{ dueOn: new Date('2020-01-12T00:00:00Z'), assigneeId: await world().idOf(world().member) },
    });
    expect(events.map(({ kind, subjectType }) => `${kind} ${subjectType}`)).toEqual([
      ...['RECORD_CREATED ACCOUNT', 'RECORD_CREATED CONTACT', 'TAG_ADDED CONTACT', 'RECORD_CREATED OPPORTUNITY'],
      ...['TASK_CREATED TASK', 'TASK_ASSIGNED TASK', 'RECORD_UPDATED LEAD'],
    ]);
  });

  it('tells the log of each record once, and of what the lead became', async () => {
    let made: Awaited<ReturnType<typeof converted>> | undefined;
    const events = await told(world(), async () => (made = await converted({ opportunity: { name: 'Deal' } })));
    const { account, contact } = made as NonNullable<typeof made>;
    expect(events.map(({ kind, subjectType }) => `${kind} ${subjectType}`)).toEqual([
      'RECORD_CREATED ACCOUNT',
      'RECORD_CREATED CONTACT',
      'TAG_ADDED CONTACT',
      'RECORD_CREATED OPPORTUNITY',
      'RECORD_UPDATED LEAD',
    ]);
    expect(events.at(-1)?.changes).toEqual([
      { field: 'status', from: 'NEW', to: 'CONVERTED' },
      { field: 'convertedAccountId', from: null, to: account.id },
      { field: 'convertedContactId', from: null, to: contact.id },
    ]);
  });

  it('gives the account to its tasks, deleted ones among them, which tell of it and have no new version', async () => {
    const open = await tasks().create({ title: 'open', linkedRecordId: lead });
    const gone = await tasks().create({ title: 'gone', linkedRecordId: lead });
    await tasks().remove(gone.task?.id as string);
    let accountId = '';
    const events = await told(world(), async () => {
      accountId = (await converted()).account.id;
    });
    const [, , , , ...ofTasks] = events;
    expect(ofTasks.map(({ kind, changes }) => [kind, changes])).toEqual(
      [open, gone].map(() => ['TASK_UPDATED', [{ field: 'accountId', from: null, to: accountId }]]),
    );
    for (const { imageBefore, imageAfter } of ofTasks) {
      const same = ({ account_id: _, ...rest }: Readonly<Record<string, unknown>>) => rest;
      expect(same(imageAfter ?? {})).toEqual(same(imageBefore ?? {}));
      expect([imageBefore?.['account_id'], typeof imageAfter?.['account_id']]).toEqual([null, 'number']);
    }
    const task = await tasks().read(open.task?.id as string);
    expect([task?.account?.id, task?.lead?.id, task?.linkedRecord?.id]).toEqual([accountId, lead, lead]);
  });

  it('keeps its activities as they are', async () => {
    const where = { organizationId: world().organization.id };
    const uid = lead.split('_')[1] as string;
    const { id: leadId } = await world().prisma.lead.findFirstOrThrow({ where: { ...where, uid } });
    const activity = await plantActivity(world(), 'LEAD', { leadId });
    await converted();
    const row = await world().prisma.activity.findFirstOrThrow({ where: { ...where, id: activity } });
    expect([row.accountId, row.leadId]).toEqual([null, leadId]);
  });

  describe('and opportunities came from it earlier', () => {
    const linksOf = async (id: string) => {
      const { record } = await records().update('OPPORTUNITY', id, {});
      const { account, contact, lead: from, version } = record as unknown as Record<string, { id: string } | null>;
      return { account: account?.id ?? null, contact: contact?.id ?? null, lead: from?.id ?? null, version };
    };

    it('brings them to its account and its contact, with their tasks, and tells of each [PARSA-45]', async () => {
      const earlier = await records().made('OPPORTUNITY', { leadId: lead, name: 'Earlier' });
      const binned = await records().made('OPPORTUNITY', { leadId: lead, name: 'Binned' });
      const own = await records().made('CONTACT');
      const known = await records().made('OPPORTUNITY', { leadId: lead, contactId: own });
      const [task, gone, ofLead] = [
        await tasks().create({ title: 'a', linkedRecordId: earlier }),
        await tasks().create({ title: 'b', linkedRecordId: earlier }),
        await tasks().create({ title: 'c', linkedRecordId: lead }),
      ].map((made) => made.task?.id as string) as [string, string, string];
      await tasks().remove(gone);
      await records().remove('OPPORTUNITY', binned);
      const accountId = await records().made('ACCOUNT');
      let contactId = '';
      const events = await told(world(), async () => {
        contactId = (await converted({ accountId })).contact.id;
      });
      const gained = (field: string, to: string) => ({ field, from: null, to });
      const [toAccount, toContact] = [gained('accountId', accountId), gained('contactId', contactId)];
      expect(events.slice(3).map(({ kind, subjectType, changes }) => [kind, subjectType, changes])).toEqual([
        ['RECORD_UPDATED', 'OPPORTUNITY', [toAccount, toContact]],
        ['RECORD_UPDATED', 'OPPORTUNITY', [toAccount, toContact]],
        ['RECORD_UPDATED', 'OPPORTUNITY', [toAccount]],
        ...[task, gone, ofLead].map(() => ['TASK_UPDATED', 'TASK', [toAccount]]),
      ]);
      expect(await linksOf(earlier)).toEqual({ account: accountId, contact: contactId, lead, version: 2 });
      expect(await linksOf(known)).toEqual({ account: accountId, contact: own, lead, version: 2 });
      expect((await tasks().read(task))?.account?.id).toBe(accountId);
      expect((await tasks().read(task))?.lead?.id).toBe(lead);
      await records().restore('OPPORTUNITY', binned);
      expect((await linksOf(binned)).account).toBe(accountId);
    });

    it('leaves those that have an account, or by their contact another one, or came from another lead', async () => {
      const [accountId, other] = [await records().made('ACCOUNT'), await records().made('ACCOUNT')];
      const elsewhere = await records().made('CONTACT', { accountId: other });
      const deals = [
        await records().made('OPPORTUNITY', { leadId: lead, accountId: other }),
        await records().made('OPPORTUNITY', { leadId: lead, contactId: elsewhere }),
        await records().made('OPPORTUNITY', { leadId: await records().made('LEAD') }),
        await records().made('OPPORTUNITY'),
      ];
      const before = await Promise.all(deals.map(linksOf));
      const events = await told(world(), () => converted({ accountId }));
      expect(events.map(({ subjectType }) => subjectType)).toEqual(['CONTACT', 'CONTACT', 'LEAD']);
      expect(await Promise.all(deals.map(linksOf))).toEqual(before);
    });
  });

  it('stays converted, is edited like any other, and is found at its account', async () => {
    const { account } = await converted();
    const answer = await records().update('LEAD', lead, { status: 'NEW' });
    expect(answer.errors.map(({ code, path }) => `${code} ${path.join('.')}`)).toEqual(['NOT_ALLOWED patch.status']);
    const { record } = await records().update('LEAD', lead, { source: 'Fair' });
    expect([record?.['status'], record?.['convertedAccount']]).toEqual(['CONVERTED', { id: account.id }]);
    const task = (await tasks().create({ title: 'later', linkedRecordId: lead })).task;
    expect(task?.account?.id).toBe(account.id);
  });
});

describe('a conversion', () => {
  it('that is asked for once more answers what came of it, and changes nothing', async () => {
    const first = await converted();
    let second: typeof first | undefined;
    const events = await told(world(), async () => {
      second = await converted();
      second = await converted({ accountId: first.account.id });
    });
    expect(second).toEqual(first);
    expect(events).toEqual([]);
  });

  it('that is asked for once more with another account or an opportunity is a CONFLICT, with the version', async () => {
    await converted();
    const accountId = await records().made('ACCOUNT');
    expect(await refusals({ accountId })).toEqual(['CONFLICT accountId']);
    expect(await refusals({ opportunity: { name: 'Deal' } })).toEqual(['CONFLICT opportunity']);
    expect((await send({ accountId })).errors).toMatchObject([{ currentVersion: 2 }]);
  });

  it('that two ask for at once happens once', async () => {
    const answers = await Promise.all([send({}), send({}), send({})]);
    expect(new Set(answers.map(({ account }) => account?.id)).size).toBe(1);
    expect(new Set(answers.map(({ contact }) => contact?.id)).size).toBe(1);
    expect(answers.map(({ lead }) => lead?.version)).toEqual([2, 2, 2]);
    const deal = { opportunity: { name: 'Deal' } };
    lead = await records().made('LEAD', ADA);
    const two = await Promise.all([send(deal), send(deal)]);
    expect(two.flatMap(({ errors }) => errors.map(({ code }) => code))).toEqual(['CONFLICT']);
  });

  it('of an older version is a CONFLICT with the one there is', async () => {
    await records().update('LEAD', lead, { source: 'Fair' });
    expect(await refusals({ expectedVersion: 1 })).toEqual(['CONFLICT expectedVersion']);
    expect((await send({ expectedVersion: 1 })).errors).toMatchObject([{ currentVersion: 2 }]);
    expect((await converted({ expectedVersion: 2 })).lead.version).toBe(3);
  });

  it('of a lead in the bin, or of one that is not there, is refused', async () => {
    const theirs = await world().record('LEAD', { organizationId: world().other.organization.id });
    const account = await records().made('ACCOUNT');
    for (const id of [theirs.key, account, 'junk', lead.toLowerCase()])
      expect(await refusals({ id })).toEqual(['NOT_FOUND id']);
    await records().remove('LEAD', lead);
    expect(await refusals({})).toEqual(['NOT_ALLOWED id']);
  });

  it('of a lead of whom only a company is known is refused: nobody could be called', async () => {
    await records().update('LEAD', lead, { firstName: null, lastName: null, email: null, phone: null });
    expect(await refusals({})).toEqual(['INVALID id']);
  });

  it('into an account that is not there, or in the bin, is refused', async () => {
    const theirs = await world().record('ACCOUNT', { organizationId: world().other.organization.id });
    for (const accountId of [theirs.key, lead, 'junk'])
      expect(await refusals({ accountId })).toEqual(['NOT_FOUND accountId']);
    const accountId = await records().made('ACCOUNT');
    await records().remove('ACCOUNT', accountId);
    expect(await refusals({ accountId })).toEqual(['INVALID accountId']);
  });

  it('whose opportunity names others is refused, with every reason and its path', async () => {
    const [account, contact, other] = [
      await records().made('ACCOUNT'),
      await records().made('CONTACT'),
      await records().made('LEAD'),
    ];
    const opportunity = { name: 'Deal', accountId: account, contactId: contact, leadId: other };
    const contradicting = ['accountId', 'contactId', 'leadId'].map((field) => `INVALID opportunity.${field}`);
    expect(await refusals({ opportunity })).toEqual(contradicting);
    const into = await records().made('ACCOUNT');
    expect(await refusals({ accountId: into, opportunity })).toEqual(contradicting);
    const missing = {
      name: ' ',
      accountId: 'junk',
      contactId: account,
      leadId: contact,
      ownerId: 'x',
      currency: 'eur',
    };
    expect(await refusals({ opportunity: missing })).toEqual([
      ...['INVALID opportunity.name', 'INVALID opportunity.currency', 'NOT_FOUND opportunity.ownerId'],
      ...['accountId', 'contactId', 'leadId'].map((field) => `NOT_FOUND opportunity.${field}`),
    ]);
  });

  it('is the only way to CONVERTED', async () => {
    const patched = await records().update('LEAD', lead, { status: 'CONVERTED' });
    const made = await records().create('LEAD', { ...ADA, status: 'CONVERTED' });
    expect([patched, made].map(({ errors }) => errors.map(({ code }) => code))).toEqual([['INVALID'], ['INVALID']]);
  });
});

describe('the statements of a conversion', () => {
  const QUERY = `mutation ($input: ConvertLeadInput!) { convertLead(input: $input) {
    lead { id } account { id } contact { id } opportunity { id } errors { code } } }`;
  let accountId: string;
  beforeAll(async () => {
    accountId = await records().made('ACCOUNT');
  });

  it.each([1, 7])('are as many with %d tasks and opportunities', async (count) => {
    for (let n = 0; n < count; n += 1) {
      await tasks().create({ title: 'x', linkedRecordId: lead });
      await tasks().create({ title: 'y', linkedRecordId: await records().made('OPPORTUNITY', { leadId: lead }) });
    }
    const input = { id: lead, accountId, opportunity: { name: 'Deal', ownerId: world().member.userId } };
    expect(await statementsOf(world(), QUERY, { input })).toEqual([
      ...['BEGIN', 'organization.assignee', 'account.lock', 'lead.hold', 'record.named', 'organization.members'],
      ...['INSERT contact', 'INSERT opportunity', 'UPDATE lead'],
      ...['opportunity.orphaned', 'opportunity.adopt'],
      ...['task.strayed.adopted', 'opportunity.holdAdopted', 'task.relink.adopted', 'task.uidsOfDerived'],
      ...['task.strayed.lead', 'task.relink.lead', 'task.uidsOfDerived', 'event.append', 'COMMIT'],
      ...['lead.byIds', 'account.byIds', 'contact.byIds', 'opportunity.byIds'],
    ]);
    expect(await statementsOf(world(), QUERY, { input: { id: lead } })).toEqual([
      ...['BEGIN', 'lead.hold', 'COMMIT', 'lead.byIds', 'account.byIds', 'contact.byIds'],
    ]);
  });
});
