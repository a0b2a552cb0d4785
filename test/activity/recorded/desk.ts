import { beforeAll } from 'vitest';
import type { RecordCallInput, RecordEmailInput, RecordSmsInput } from '../../generated/graphql.ts';
import { graphql } from '../../generated/index.ts';
import type { Caller } from '../../support/gateway.ts';
import { useWorld, type World } from '../../task/world.ts';

// A desk at which calls and messages come in, with someone who has a number and an address.

export const RECORDED = graphql(`
  fragment RecordedActivity on Activity {
    id type status visibility title description activityTimestamp duration location direction threadId remotePhone localPhone
    account { id } linkedRecord { id } creator { id }
    participants { name email user { id } contact { id } attended }
  }
`);
export const MADE = graphql(`
  fragment RecordedTask on Task {
    id _type type status priority title description date completedAt completedBy { id } version updatedAt
    linkedRecord { id } account { id } contact { id } lead { id } activity { id } assignee { id } creator { id email }
  }
`);
const CALL = graphql(`
  mutation RecordedCall($input: RecordCallInput!) {
    recordCall(input: $input) { activity { ...RecordedActivity } task { ...RecordedTask } errors { code path message } }
  }
`);
const EMAIL = graphql(`
  mutation RecordedEmail($input: RecordEmailInput!) {
    recordEmail(input: $input) { activity { ...RecordedActivity } task { ...RecordedTask } errors { code path message } }
  }
`);
const SMS = graphql(`
  mutation RecordedSms($input: RecordSmsInput!) {
    recordSms(input: $input) { activity { ...RecordedActivity } task { ...RecordedTask } errors { code path message } }
  }
`);
const TASK = graphql(`
  query RecordedTaskRead($id: ID!) {
    task(id: $id) {
      ...RecordedTask isActive
      history(first: 100) { nodes { kind at actor { id } actorKind changes { field from to } } }
    }
  }
`);
const COMPLETE = graphql(`
  mutation RecordedComplete($id: ID!) { completeTask(input: { id: $id }) { errors { code } } }
`);
const DELETE = graphql(`
  mutation RecordedDelete($id: ID!) { deleteTask(input: { id: $id }) { errors { code } } }
`);
const CONTACT = graphql(`
  mutation RecordedContact($input: CreateContactInput!) { createContact(input: $input) { contact { id } errors { code } } }
`);
const ACCOUNT = graphql(`
  mutation RecordedAccount($input: CreateAccountInput!) { createAccount(input: $input) { account { id } errors { code } } }
`);
const LEAD = graphql(`
  mutation RecordedLead($input: CreateLeadInput!) { createLead(input: $input) { lead { id } errors { code } } }
`);

type Least<Input, Key extends keyof Input> = Omit<Input, Key> & Partial<Pick<Input, Key>>;

let count = 0;
const next = () => {
  count += 1;
  return count;
};
export const AT = '2026-03-02T10:00:00.000Z';

/** Someone's recordings, with all that they need and do not say. */
export const recordingsOf = (world: World, caller: Caller) => ({
  call: async (input: Least<RecordCallInput, 'externalId' | 'direction' | 'outcome' | 'at'> = {}) => {
    const least = { externalId: `call-${next()}`, direction: 'INBOUND', outcome: 'MISSED', at: AT } as const;
    return (await world.gateway.ask(caller, CALL, { input: { ...least, ...input } })).recordCall;
  },
  email: async (
    input: Least<RecordEmailInput, 'externalId' | 'threadId' | 'direction' | 'at' | 'from' | 'to'> = {},
  ) => {
    const number = next();
    const least = {
      externalId: `email-${number}`,
      threadId: `thread-${number}`,
      direction: 'INBOUND',
      at: AT,
    } as const;
    const people = { from: 'ann@acme.example', to: ['sales@ours.example'] };
    return (await world.gateway.ask(caller, EMAIL, { input: { ...least, ...people, ...input } })).recordEmail;
  },
  sms: async (input: Least<RecordSmsInput, 'externalId' | 'direction' | 'at'> = {}) => {
    const least = { externalId: `sms-${next()}`, direction: 'INBOUND', at: AT } as const;
    return (await world.gateway.ask(caller, SMS, { input: { ...least, ...input } })).recordSms;
  },
  task: async (id: string) => {
    const { task } = await world.gateway.ask(caller, TASK, { id });
    if (!task) throw new Error(`No task ${id}.`);
    return task;
  },
  complete: async (id: string) => (await world.gateway.ask(caller, COMPLETE, { id })).completeTask,
  remove: async (id: string) => (await world.gateway.ask(caller, DELETE, { id })).deleteTask,
});

interface Answered {
  readonly activity?: unknown;
  readonly task?: unknown;
  readonly errors: readonly { readonly code: string; readonly path: readonly string[]; readonly message: string }[];
}

/** The activity and the task of a recording that must have been taken; null where it made no task. */
export function taken<Answer extends Answered>({ activity, task, errors }: Answer) {
  if (errors.length > 0 || activity == null) throw new Error(JSON.stringify(errors));
  return { activity: activity as NonNullable<Answer['activity']>, task: (task ?? null) as Answer['task'] | null };
}

/** The task that a recording must have made. */
export function tasked<Answer extends Answered>(answer: Answer): NonNullable<Answer['task']> {
  const { task } = taken(answer);
  if (task == null) throw new Error('It made no task.');
  return task;
}

/** Where a recording was refused and why; nothing was given then. */
export function refusals({ activity, task, errors }: Answered): string[] {
  if (activity != null || task != null || errors.length === 0) throw new Error('It was not refused.');
  return errors.map(({ code, path }) => `${code} ${path.join('.')}`.trim());
}

/** Who writes records, to be recognised by their numbers and addresses. */
export const recordsOf = (world: World, caller: Caller) => ({
  contact: async (input: object) =>
    (await world.gateway.ask(caller, CONTACT, { input })).createContact.contact?.id as string,
  account: async (name: string, ownerId: string | null = null) =>
    (await world.gateway.ask(caller, ACCOUNT, { input: { name, ownerId } })).createAccount.account?.id as string,
  lead: async (input: object) => (await world.gateway.ask(caller, LEAD, { input })).createLead.lead?.id as string,
});

export interface Desk {
  readonly world: World;
  readonly account: string;
  /** Of the account, and Max's. */
  readonly ann: string;
  readonly records: ReturnType<typeof recordsOf>;
  /** What the admin records. */
  readonly by: ReturnType<typeof recordingsOf>;
}

export const PHONE = '+14155550100';

export function useDesk(now?: () => Date): () => Desk {
  const world = useWorld(now ? { now } : {});
  let desk: Desk | undefined;
  beforeAll(async () => {
    const { admin, member } = world();
    const records = recordsOf(world(), admin);
    const account = await records.account('Acme', admin.userId);
    const ann = await records.contact({
      ...{ firstName: 'Ann', lastName: 'Lee', email: 'Ann@acme.example', phone: '+1 (415) 555-0100' },
      ...{ accountId: account, ownerId: member.userId },
    });
    desk = { world: world(), account, ann, records, by: recordingsOf(world(), admin) };
  });
  return () => desk as Desk;
}
