import { encodeId, encodeLogId, type IdType, newUid, uidOf } from '../../src/ids.ts';
import { graphql } from '../generated/index.ts';
import type { Caller, Gateway } from '../support/gateway.ts';

const IsolationCreateAccount = graphql(`
  mutation IsolationCreateAccount($input: CreateAccountInput!) { createAccount(input: $input) { account { id } errors { message } } }
`);
const IsolationCreateTask = graphql(`
  mutation IsolationCreateTask($input: CreateTaskInput!) { createTask(input: $input) { task { id } errors { message } } }
`);
const IsolationCreatePipeline = graphql(`
  mutation IsolationCreatePipeline($input: CreatePipelineInput!) {
    createPipeline(input: $input) { pipeline { id defaultStage { id } } errors { message } }
  }
`);
const IsolationCompleteTask = graphql(`
  mutation IsolationCompleteTask($input: CompleteTaskInput!) { completeTask(input: $input) { task { id } errors { message } } }
`);
const IsolationDeleteTask = graphql(`
  mutation IsolationDeleteTask($id: ID!) { deleteTask(input: { id: $id }) { task { id } errors { message } } }
`);
const IsolationAddBlocker = graphql(`
  mutation IsolationAddBlocker($input: AddBlockerInput!) { addBlocker(input: $input) { task { id } errors { message } } }
`);
const IsolationSetReminders = graphql(`
  mutation IsolationSetReminders($id: ID!) {
    setReminders(input: { id: $id, reminders: [{ before: "P1D" }] }) { task { reminders { id } } errors { message } }
  }
`);
const IsolationCreateActivity = graphql(`
  mutation IsolationCreateActivity($input: CreateActivityInput!) { createActivity(input: $input) { activity { id } errors { message } } }
`);
const IsolationCreateKey = graphql(`
  mutation IsolationCreateKey($name: String!) { createApiKey(input: { name: $name }) { apiKey { id } secret errors { message } } }
`);
const IsolationAddComment = graphql(`
  mutation IsolationAddComment($input: AddCommentInput!) { addComment(input: $input) { comment { id } errors { message } } }
`);
const IsolationWhoIs = graphql(`
  query IsolationWhoIs { viewer { user { id } membership { id } organization { id } } notifications { nodes { id } } }
`);
const IsolationHistory = graphql(
  `query IsolationHistory($id: ID!) { task(id: $id) { history(first: 1) { nodes { id } } } }`,
);

/** An organization with something of everything, each of whose texts has the organization's mark. */
export interface Founded {
  readonly mark: string;
  readonly id: bigint;
  readonly admin: Caller;
  readonly member: Caller;
  /** A member without CRM access. */
  readonly limited: Caller;
  readonly viewer: Caller;
  /** One id of each type, as the admin may see it. */
  readonly ids: Readonly<Record<IdType, string>>;
  /** By what they are linked to, and some more. */
  readonly tasks: Readonly<
    Record<'account' | 'contact' | 'lead' | 'opportunity' | 'completed' | 'deleted' | 'limited', string>
  >;
  /** An account that no task names. */
  readonly bolt: string;
  readonly secret: string;
}

/** Founds one; two of them are of the same shape. */
export async function found(gateway: Gateway, mark: string): Promise<Founded> {
  const organization = await gateway.organization(`${mark} Inc`);
  const person = (role: 'ADMIN' | 'MEMBER' | 'VIEWER', name: string, crmAccess = true) =>
    gateway.member(organization, { email: `${name}@${mark}.example`, name: `${mark} ${name}`, role, crmAccess });
  const admin = await person('ADMIN', 'admin');
  const member = await person('MEMBER', 'member');
  const limited = await person('MEMBER', 'limited', false);
  const viewer = await person('VIEWER', 'viewer');
  const account = async (name: string) => {
    const input = { name: `${mark} ${name}`, domain: `${name}.${mark}.example`, ownerId: member.userId, tags: [mark] };
    return (await gateway.ask(admin, IsolationCreateAccount, { input })).createAccount.account?.id as string;
  };
  const acme = await account('acme');
  const bolt = await account('bolt');
  const records = await insertRecords(gateway, organization.id, mark, acme);
  const stages = [
    { name: `${mark} start`, color: '#000000', isDefault: true },
    { name: `${mark} done`, color: '#000000', isWon: true },
  ];
  const { pipeline } = (await gateway.ask(admin, IsolationCreatePipeline, { input: { name: mark, stages } }))
    .createPipeline;

  const task = async (name: string, linkedRecordId: string, assigneeId: string | null = member.userId, by = admin) => {
    const input = {
      ...(name === 'account' && { pipelineId: pipeline?.id as string }),
      title: `${mark} ${name}`,
      description: mark,
      linkedRecordId,
      assigneeId,
      tags: [mark],
      date: '2026-01-12',
    };
    return (await gateway.ask(by, IsolationCreateTask, { input })).createTask.task?.id as string;
  };
  const tasks = {
    account: await task('account', acme, admin.userId, member),
    contact: await task('contact', records.Contact),
    lead: await task('lead', records.Lead, null),
    opportunity: await task('opportunity', records.Opportunity),
    completed: await task('completed', acme),
    deleted: await task('deleted', acme),
    limited: await task('limited', acme, limited.userId),
  };
  // One waits for another that whoever is assigned to it may not see.
  await gateway.ask(admin, IsolationAddBlocker, { input: { id: tasks.limited, blockerId: tasks.lead } });
  const { prisma } = gateway.app.runtime.db;
  const { id: activityId } = await prisma.activity.findFirstOrThrow({ where: { organizationId: organization.id } });
  await prisma.task.updateMany({
    where: { organizationId: organization.id, uid: uidOf('Task', tasks.account) as string },
    data: { activityId },
  });
  await gateway.ask(member, IsolationCompleteTask, { input: { id: tasks.completed, outcome: mark } });
  await gateway.ask(admin, IsolationDeleteTask, { id: tasks.deleted });
  const key = (await gateway.ask(admin, IsolationCreateKey, { name: `${mark} key` })).createApiKey;
  const said = { subjectId: tasks.account, body: mark, mentionIds: [member.userId] };
  const { comment } = (await gateway.ask(admin, IsolationAddComment, { input: said })).addComment;
  await gateway.ask(member, IsolationAddComment, { input: { subjectId: records.Activity, body: mark } });
  const reminded = (await gateway.ask(admin, IsolationSetReminders, { id: tasks.account })).setReminders;
  const who = await gateway.ask(admin, IsolationWhoIs);
  const { task: told } = await gateway.ask(admin, IsolationHistory, { id: tasks.account });
  const ids = {
    ...records,
    Account: acme,
    Pipeline: pipeline?.id as string,
    Stage: pipeline?.defaultStage.id as string,
    Task: tasks.account,
    Reminder: reminded.task?.reminders[0]?.id as string,
    User: member.userId,
    Organization: who.viewer.organization.id,
    Membership: who.viewer.membership.id,
    ApiKey: key.apiKey?.id as string,
    Comment: comment?.id as string,
    Event: told?.history.nodes[0]?.id as string,
    Notification: who.notifications.nodes[0]?.id as string,
  };
  return { mark, id: organization.id, admin, member, limited, viewer, ids, tasks, bolt, secret: key.secret as string };
}

/** What has no mutation yet, written as it will be. */
async function insertRecords(gateway: Gateway, organizationId: bigint, mark: string, acme: string) {
  const { prisma } = gateway.app.runtime.db;
  const account = await prisma.account.findUniqueOrThrow({
    where: { organizationId_uid: { organizationId, uid: uidOf('Account', acme) as string } },
  });
  const at = new Date('2026-01-01T00:00:00Z');
  const { creatorId, id: accountId } = account;
  const common = () => ({ organizationId, uid: newUid(), creatorId, ownerId: creatorId, createdAt: at, updatedAt: at });
  const name = `${mark} person`;
  const contact = await prisma.contact.create({
    data: { ...common(), name, firstName: mark, email: `${mark}@x.example`, accountId },
  });
  const converted = { convertedAccountId: accountId, convertedContactId: contact.id };
  const lead = await prisma.lead.create({
    data: { ...common(), name, company: mark, status: 'CONVERTED', ...converted },
  });
  const links = { accountId, contactId: contact.id, leadId: lead.id };
  const opportunity = await prisma.opportunity.create({
    data: { ...common(), ...links, name: `${mark} deal`, value: '12.50' },
  });
  const { ownerId: _, ...activityRow } = common();
  const happened = { activityTimestamp: at, duration: 5, location: mark, accountId, linkedType: 'ACCOUNT' } as const;
  const member = await prisma.user.findFirstOrThrow({ where: { email: `member@${mark}.example` } });
  const participants = [{ userId: Number(creatorId) }, { contactId: Number(contact.id) }, { name: mark }];
  const activity = await prisma.activity.create({
    data: { ...activityRow, ...happened, participants, creatorId: member.id },
  });
  return {
    Contact: encodeId('Contact', contact.uid),
    Lead: encodeId('Lead', lead.uid),
    Opportunity: encodeId('Opportunity', opportunity.uid),
    Activity: encodeId('Activity', activity.uid),
    // There are none yet; an id of one is an id of nothing.
    Automation: encodeId('Automation', newUid()),
  };
}

/** Another activity of the organization's, for what can be done to one once. */
export async function newActivity(gateway: Gateway, { admin, ids, mark }: Founded): Promise<string> {
  const input = { accountId: ids.Account, activityTimestamp: '2026-01-01T00:00:00Z', duration: 5, location: mark };
  return (await gateway.ask(admin, IsolationCreateActivity, { input })).createActivity.activity?.id as string;
}

/** An id of a type that is nobody's. */
export const nobodys = (type: IdType): string =>
  type === 'Event' || type === 'Notification' ? encodeLogId(type, newUid(), 1n) : encodeId(type, newUid());

/** Another open task of the organization's, for what can be done to a task once. */
export async function newTask(gateway: Gateway, { admin, ids, mark }: Founded): Promise<string> {
  const input = { title: `${mark} another`, linkedRecordId: ids.Contact };
  return (await gateway.ask(admin, IsolationCreateTask, { input })).createTask.task?.id as string;
}

const IsolationCreateBoard = graphql(`
  mutation IsolationCreateBoard($input: CreatePipelineInput!) {
    createPipeline(input: $input) { pipeline { id stages { id } } errors { message } }
  }
`);

/** Another pipeline of the organization's, with an open task in the second of its three stages, none of which is won. */
export async function newPipeline(gateway: Gateway, { admin, ids, mark }: Founded) {
  const stages = [0, 1, 2].map((index) => ({ name: `${mark} ${index}`, color: '#000000', isDefault: index === 0 }));
  const { pipeline } = (await gateway.ask(admin, IsolationCreateBoard, { input: { name: `${mark} board`, stages } }))
    .createPipeline;
  const [first, second, third] = (pipeline?.stages ?? []).map(({ id }) => id) as [string, string, string];
  const input = { title: `${mark} card`, linkedRecordId: ids.Contact, stageId: second };
  await gateway.ask(admin, IsolationCreateTask, { input });
  return { id: pipeline?.id as string, first, second, third };
}

type RecordName = 'Account' | 'Contact' | 'Lead' | 'Opportunity';

/** Another record of the organization's, with a task, for what can be done to a record once; deleted already, if so wanted. */
export async function newRecord(
  gateway: Gateway,
  { admin, bolt, mark }: Founded,
  name: RecordName,
  deleted = false,
): Promise<string> {
  const words = {
    Account: { name: mark },
    Contact: { firstName: mark },
    Lead: { company: mark, lastName: mark },
    Opportunity: { name: mark },
  };
  const of = name === 'Contact' || name === 'Opportunity' ? { accountId: bolt } : {};
  const send = async (verb: string, input: object) => {
    const query = `mutation ($input: ${verb}${name}Input!) { answer: ${verb.toLowerCase()}${name}(input: $input) {
      record: ${name.toLowerCase()} { id } } }`;
    return (await gateway.ask<{ answer: { record: { id: string } } }, object>(admin, query, { input })).answer.record
      .id;
  };
  const id = await send('Create', { ...words[name], ...of });
  await gateway.ask(admin, IsolationCreateTask, { input: { title: `${mark} of it`, linkedRecordId: id } });
  if (deleted) await send('Delete', { id });
  return id;
}

/** A digest of every row of every table: what is written anywhere changes it. */
export async function digest(gateway: Gateway): Promise<Readonly<Record<string, string>>> {
  const { prisma } = gateway.app.runtime.db;
  const tables = await prisma.$queryRawUnsafe<{ name: string }[]>(
    `/* test.tables */ SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`,
  );
  const each = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, count(*) || ' ' || md5(string_agg(t::text, '' ORDER BY t::text)) AS rows FROM "${name}" t`,
  );
  const rows = await prisma.$queryRawUnsafe<{ name: string; rows: string }[]>(
    `/* test.digest */ ${each.join(' UNION ALL ')}`,
  );
  return Object.fromEntries(rows.map(({ name, rows }) => [name, rows]));
}
